import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { relationsOf } from "../../../cells/analysis/sql/relations-of.ts";
import { splitSqlTemplate } from "../../../cells/analysis/sql/split-sql-template.ts";
import { type DuckDBConnection, DuckDBInstance } from "../../../kernels/duckdb/duckdb.ts";

// The tree is DuckDB's own, so DuckDB makes it: a new version that names its nodes otherwise must fail here.
let database: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  database = await DuckDBInstance.create(":memory:");
  connection = await database.connect();
});
afterAll(() => {
  connection.closeSync();
  database.closeSync();
});

async function read(sql: string) {
  const reader = await connection.runAndReadAll("SELECT json_serialize_sql($1::VARCHAR)", [sql]);
  return relationsOf(JSON.parse(String(reader.getRows()[0]![0])));
}
async function names(sql: string): Promise<string[]> {
  const reading = await read(sql);
  if (!reading.ok) throw new Error(reading.message);
  return [
    ...reading.relations.map(({ catalog, schema, name }) =>
      [catalog, schema, name].filter((part) => part !== null).join("."),
    ),
    ...reading.files.map((file) => `file ${file}`),
  ];
}

describe("relations read", () => {
  test.each<[string, string[]]>([
    ["SELECT 1", []],
    ["FROM alerts", ["alerts"]],
    ["SELECT * FROM card_fraud.outcomes o JOIN memory.main.t USING (id)", ["card_fraud.outcomes", "memory.main.t"]],
    ['SELECT * FROM "My Table", "a.b"."c d"', ["My Table", "a.b.c d"]],
    ["SELECT * FROM a ASOF JOIN b ON a.t >= b.t, LATERAL (SELECT * FROM c WHERE c.x = a.x)", ["a", "b", "c"]],
    [
      "SELECT (SELECT max(x) FROM a), EXISTS (FROM b) FROM d WHERE x IN (SELECT x FROM e) ORDER BY (SELECT 1 FROM f) LIMIT (SELECT 1 FROM g)",
      ["a", "b", "d", "e", "f", "g"].sort(),
    ],
    [
      "SELECT * FROM a UNION ALL SELECT * FROM b EXCEPT (SELECT * FROM c INTERSECT SELECT * FROM d)",
      ["a", "b", "c", "d"],
    ],
    ["WITH x AS (SELECT * FROM a) SELECT * FROM x JOIN b USING (i)", ["a", "b"]],
    ["WITH x AS (FROM a), y AS (FROM x) FROM y", ["a"]],
    ["WITH X AS (FROM a) FROM x", ["a"]],
    ["WITH a AS (SELECT * FROM a WHERE i > 1) SELECT * FROM a", ["a"]],
    ["WITH RECURSIVE a AS (SELECT * FROM a) SELECT * FROM a", ["a"]],
    ["WITH x AS (FROM y), y AS (SELECT 1) FROM x, y", ["y"]],
    ["WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r, t WHERE i < 5) FROM r", ["t"]],
    ["WITH RECURSIVE r AS (SELECT i FROM r UNION ALL SELECT i FROM r) FROM r", ["r"]],
    ["WITH x AS (FROM a) FROM main.x", ["a", "main.x"]],
    ["SELECT * FROM (WITH x AS (FROM a) FROM x), x", ["a", "x"]],
    ["WITH x AS (FROM a) SELECT (WITH x AS (FROM b) SELECT count(*) FROM x) FROM x", ["a", "b"]],
    ["WITH x AS (FROM a) SELECT * FROM b WHERE i IN (FROM x)", ["a", "b"]],
    ["WITH x AS MATERIALIZED (FROM a) (FROM x UNION FROM b)", ["a", "b"]],
    [
      "SELECT * FROM 'data/loans.csv', 'x.parquet', \"data/a.json.gz\"",
      ["file data/loans.csv", "file x.parquet", "file data/a.json.gz"],
    ],
    [
      "SELECT * FROM read_csv('data/x.csv', header = true), read_parquet(['a/*.parquet', 'b.parquet'])",
      ["file data/x.csv", "file a/*.parquet", "file b.parquet"],
    ],
    ["FROM range(10), unnest([1, 2]), (VALUES ('data/no.csv')) v(a)", []],
    ["FROM query_table('alerts')", ["alerts"]],
    ["PIVOT sales ON year IN (2020, 2021) USING sum(amount)", ["sales"]],
    ["SELECT * FROM sales PIVOT (sum(amount) FOR year IN (2020, 2021))", ["sales"]],
    ["UNPIVOT sales ON jan, feb", ["sales"]],
    ["DESCRIBE alerts", ["alerts"]],
    ["SUMMARIZE SELECT * FROM alerts", ["alerts"]],
    ["SELECT list_filter(x, lambda i: i IN (SELECT y FROM b)) FROM a", ["a", "b"]],
    [
      "SELECT sum(i) FILTER (i > (SELECT avg(i) FROM b)) OVER (ORDER BY (SELECT 1 FROM c)) FROM a QUALIFY row_number() OVER () < (SELECT 3 FROM d)",
      ["a", "b", "c", "d"],
    ],
    ["SELECT * FROM a TABLESAMPLE 10%", ["a"]],
    ["FROM a POSITIONAL JOIN b", ["a", "b"]],
    ["SELECT day, count(*) FROM a GROUP BY ALL", ["a"]],
  ])("%s reads %j", async (sql, expected) => {
    expect((await names(sql)).sort()).toEqual(expected.toSorted());
  });

  test("a split cell is read like any statement", async () => {
    const { text } = splitSqlTemplate("SELECT * FROM a WHERE t >= ${window.start} AND ${`${x}`} = b LIMIT ${n}");
    expect(await names(text)).toEqual(["a"]);
  });

  test("DuckDB binds CTEs as the reading says", async () => {
    await connection.run("CREATE OR REPLACE TABLE a AS SELECT 1 AS i");
    await connection.run("WITH a AS (SELECT * FROM a WHERE i > 1) SELECT * FROM a");
    await expect(connection.run("WITH x AS (FROM y), y AS (SELECT 1) FROM x, y")).rejects.toThrow(/y does not exist/);
  });
});

test("errors keep DuckDB's message and place", async () => {
  expect(await read("SELECT 1 +")).toEqual({ ok: false, message: "syntax error at end of input", position: 10 });
  expect(await read("DROP TABLE a")).toMatchObject({ ok: false, position: null });
  expect(relationsOf(null)).toMatchObject({ ok: false });
  expect(await read("SELECT 1; SELECT 2")).toMatchObject({ ok: true, statements: 2 });
});

test.each([
  "SELECT /* /* */ ${no} */ ${a}",
  "SELECT E'\\'${no}', ${a}, e'b'",
  "SELECT 'a\\', ${a}, x'${no}'",
  "SELECT $$ ${no} $$, ${a}, $t$ $$ ${no} $t$, $é$ ${no} $é$",
  "SELECT 1 AS a$$, ${a}, 2 AS é$é$",
  'SELECT \'${no}\' || ${a} AS "b""${no}"',
  "SELECT -- ${no}'\n ${a} /* -- */",
  "SELECT ${a}::DATE, ${a} LIMIT${a}OFFSET${a}",
])("the splitter and DuckDB agree on what is quoted in %j", async (source) => {
  const { text, expressions, problem } = splitSqlTemplate(source);
  expect(problem).toBeNull();
  expect(expressions).toHaveLength(1);
  expect((await connection.prepare(text)).parameterCount).toBe(1);
});

test.each<[sql: string, unseeded: readonly string[]]>([
  ["SELECT random() AS r, * FROM t ORDER BY UUID()", ["uuid()", "random()"]],
  ["WITH a AS (SELECT gen_random_uuid()) FROM a", ["gen_random_uuid()"]],
  ["FROM t USING SAMPLE 10", ["SAMPLE without REPEATABLE"]],
  ["SELECT * FROM t TABLESAMPLE 5%", ["SAMPLE without REPEATABLE"]],
  ["FROM t USING SAMPLE reservoir(10 ROWS) REPEATABLE (7)", []],
  ["SELECT 'random()' AS random, hash(id) % 100 < 5 AS drawn FROM t", []],
])("%s gives other rows each time by %j", async (sql, unseeded) => {
  expect(await read(sql)).toMatchObject({ ok: true, unseeded });
});
