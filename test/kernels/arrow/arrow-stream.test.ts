import { tableFromIPC } from "@uwdata/flechette";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { typeText } from "../../../kernels/arrow/type-text.ts";
import { type DuckDBConnection, DuckDBInstance } from "../../../kernels/duckdb/duckdb.ts";
import { encodeQuery } from "./encode.ts";
import { randomTable } from "./random-table.ts";
import { expectedValue, plainValue } from "./same-value.ts";

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
  await connection.run("SET TimeZone = 'UTC'");
});

const decode = (arrow: Uint8Array): ReturnType<typeof tableFromIPC> =>
  tableFromIPC(arrow, { useBigInt: true, useDecimalInt: true, useMap: true, useDate: false });

async function expectSame(sql: string): Promise<void> {
  const table = decode(await encodeQuery(connection, sql));
  const reader = await connection.runAndReadAll(sql);
  const types = reader.columnTypes();
  expect(table.numRows).toBe(reader.currentRowCount);
  expect(table.schema.fields.map((field) => field.name)).toEqual(reader.columnNames());
  expect(table.schema.fields.map((field) => field.metadata?.get("duckdb:type"))).toEqual(types.map(typeText));
  const expected = reader.getColumns();
  for (const [i, type] of types.entries()) {
    const got = [...table.getChildAt(i)].map((value) => plainValue(type, value));
    expect(got, `column ${i} ${typeText(type)}`).toEqual(
      (expected[i] ?? []).map((value) => expectedValue(type, value)),
    );
  }
}

test("random tables of all types, nested and with nulls, decode to the values that DuckDB itself reads", async () => {
  await fc.assert(
    fc.asyncProperty(randomTable, async (table) => {
      await connection.run(`CREATE OR REPLACE TABLE random AS ${table}`);
      await expectSame("FROM random ORDER BY id");
      // Filtered and reversed: vectors whose lists and strings do not lie in order.
      await expectSame("FROM random WHERE id % 3 <> 1 ORDER BY id DESC");
      await expectSame("FROM random WHERE id < 0");
    }),
    { numRuns: 300 },
  );
}, 120_000);

test("random tables longer than a vector and than a batch keep every row", async () => {
  await fc.assert(
    fc.asyncProperty(randomTable, fc.constantFrom(2049, 5000), async (table, copies) => {
      await connection.run(`CREATE OR REPLACE TABLE random AS ${table}`);
      await expectSame(`SELECT random.* FROM random, range(${copies}) ORDER BY range DESC, id LIMIT ${copies + 7}`);
    }),
    { numRuns: 6 },
  );
}, 120_000);

test("the type that metadata names is the one DuckDB names", async () => {
  const columns = await connection.runAndReadAll("DESCRIBE SELECT * FROM test_all_types()");
  const table = decode(await encodeQuery(connection, "FROM test_all_types()"));
  const names = columns.getRows().map(([, type]) => String(type).replaceAll('"', ""));
  expect(table.schema.fields.map((field) => field.metadata?.get("duckdb:type")?.replaceAll('"', ""))).toEqual(names);
});

/** flechette tells times as numbers and refuses those beyond 2^53; their raw integers are compared instead. */
test("the extreme values of every type survive bit by bit", async () => {
  const extremes = ["timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp_tz", "time", "date"];
  const sql = `SELECT ${extremes.join(", ")} FROM test_all_types()`;
  const table = decode(await encodeQuery(connection, sql));
  const rows = (await connection.runAndReadAll(sql)).getRows();
  for (const [i, name] of extremes.entries()) {
    const raw = table.getChildAt(i).data[0]!.values as BigInt64Array | Int32Array;
    for (const row of [0, 1]) {
      const value = rows[row]![i] as unknown as Record<string, bigint | number>;
      expect(BigInt(raw[row]!), `${name}, row ${row}`).toBe(BigInt(Object.values(value)[0]!));
    }
  }
});

test("integers beyond 64 bits and decimals of 38 digits are exact", async () => {
  await expectSame(
    "SELECT 170141183460469231731687303715884105727::HUGEINT, '-170141183460469231731687303715884105728'::HUGEINT, 340282366920938463463374607431768211455::UHUGEINT, '-9999999999999999999999999999.9999999999'::DECIMAL(38,10)",
  );
});

test("all of DuckDB's test types other than the extremes of time decode to DuckDB's values", async () => {
  const apart =
    "timestamp, timestamp_s, timestamp_ms, timestamp_ns, timestamp_tz, timestamp_array, timestamptz_array, date_array, date, interval";
  await expectSame(`SELECT * EXCLUDE (${apart}) FROM test_all_types()`);
});

test("an interval of more than 292 years is carried into days, not cut", async () => {
  const table = decode(await encodeQuery(connection, "SELECT to_microseconds(9223372036854775807) AS i"));
  const [months, days, nanos] = table.getChildAt(0).at(0) as Float64Array;
  expect([months, days]).toEqual([0, 106_751_991]);
  expect(BigInt(days!) * 86_400_000_000n + BigInt(nanos!) / 1000n).toBe(9_223_372_036_854_775_807n);
});

test("an empty result has its columns and no rows, a result without columns none", async () => {
  const table = decode(await encodeQuery(connection, "SELECT 1 AS a, 'x' AS b, NULL AS n, [1] AS l WHERE false"));
  expect(table.numRows).toBe(0);
  expect(table.schema.fields.map((field) => field.name)).toEqual(["a", "b", "n", "l"]);
});

test("a hundred thousand strings of every length, in and out of order, are whole", async () => {
  const make =
    "SELECT range AS i, repeat(chr(97 + (range % 26)::INT), (range * 7 % 43)::INT) || CASE WHEN range % 11 = 0 THEN NULL ELSE '' END AS s FROM range(100000)";
  await connection.run(`CREATE OR REPLACE TABLE strings AS ${make}`);
  for (const order of ["i", "hash(i)", "i DESC"]) await expectSame(`SELECT s FROM strings ORDER BY ${order}`);
  await expectSame("SELECT s FROM strings WHERE i % 5 = 0");
});
