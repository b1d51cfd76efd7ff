import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RowFilter, SortKey } from "../../../kernels/engine/sql-engine.ts";
import { queryRows, rowsOf, startEngine, type TestEngine } from "./start-engine.ts";

let running: TestEngine;
beforeAll(async () => {
  running = await startEngine();
});
afterAll(() => running[Symbol.asyncDispose]());

interface Row {
  readonly n: number | null;
  readonly s: string | null;
}
const row: fc.Arbitrary<Row> = fc.record({
  n: fc.option(fc.integer({ min: -5, max: 5 }), { nil: null }),
  s: fc.option(fc.constantFrom("a", "B", "b", "ab", "", "ä"), { nil: null }),
});
const sort: fc.Arbitrary<SortKey[]> = fc.uniqueArray(
  fc.record({ column: fc.constantFrom("n", "s"), descending: fc.boolean() }),
  { selector: (key) => key.column, maxLength: 2 },
);
const filter: fc.Arbitrary<RowFilter> = fc.oneof(
  fc.record({
    column: fc.constant("n"),
    test: fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
    value: fc.integer({ min: -5, max: 5 }),
  }),
  fc.record({
    column: fc.constant("s"),
    test: fc.constantFrom("=", "!=", "contains"),
    value: fc.constantFrom("a", "B", "", "ä"),
  }),
  fc.record({ column: fc.constantFrom("n", "s"), test: fc.constantFrom("is-null", "is-not-null") }),
  fc.record({
    column: fc.constant(""),
    test: fc.constant("search"),
    value: fc.constantFrom("a", "B", "-", "3", "ä", ""),
  }),
) as fc.Arbitrary<RowFilter>;

/** The view as plain JavaScript says it. Text is ordered by its UTF-8 bytes. */
function modelView(rows: readonly Row[], keys: readonly SortKey[], filters: readonly RowFilter[]): Row[] {
  return rows
    .filter((candidate) => filters.every((one) => passes(candidate, one)))
    .toSorted((a, b) => compareRows(a, b, keys));
}

function passes(candidate: Row, { column, test, value }: RowFilter): boolean {
  const holds = (one: string | number | null): boolean =>
    one !== null && String(one).toLowerCase().includes(String(value).toLowerCase());
  if (test === "search") return value === "" || Object.values(candidate).some(holds);
  const cell = candidate[column as keyof Row];
  if (test === "is-null") return cell === null;
  if (test === "is-not-null") return cell !== null;
  if (cell === null) return false;
  if (test === "contains") return holds(cell);
  const order = compare(cell, value as number | string);
  return { "=": order === 0, "!=": order !== 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[
    test
  ];
}

function compareRows(a: Row, b: Row, keys: readonly SortKey[]): number {
  for (const { column, descending } of keys) {
    const [left, right] = [a[column as keyof Row], b[column as keyof Row]];
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return descending ? compare(right, left) : compare(left, right);
  }
  return 0;
}

const compare = (a: number | string, b: number | string): number =>
  typeof a === "number" ? a - (b as number) : Buffer.compare(Buffer.from(a), Buffer.from(b as string));

const literal = (value: string | number | null): string =>
  value === null ? "NULL" : typeof value === "number" ? String(value) : `'${value}'`;

test("every page of every sorted and filtered view is the one that a simple model gives", async () => {
  const { engine } = running;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(sort, fc.array(filter, { maxLength: 2 }), fc.nat(20), fc.nat(20)), {
        minLength: 1,
        maxLength: 8,
      }),
      async (rows, views) => {
        run += 1;
        const values = rows.map(({ n, s }, i) => `(${i}, ${literal(n)}::INTEGER, ${literal(s)}::VARCHAR)`).join(", ");
        const sql = `SELECT n, s FROM (VALUES ${values}) t(i, n, s) ORDER BY i`;
        await engine.materialise({ name: "pages", runId: String(run), sql });
        for (const [keys, filters, offset, limit] of views) {
          const expected = modelView(rows, keys, filters);
          const page = await engine.page({ name: "pages", offset, limit, sort: keys, filters });
          expect(page.rowCount).toBe(expected.length);
          expect(rowsOf(page.arrow)).toEqual(expected.slice(offset, offset + limit));
        }
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

test("rows keep the order of the statement, over many row groups and threads", async () => {
  const { engine } = running;
  const result = await engine.materialise({
    name: "ordered",
    runId: "1",
    sql: "SELECT range AS n FROM range(700000) ORDER BY hash(range)",
  });
  expect(result).toMatchObject({ rowCount: 700_000, columns: [{ name: "n", type: "BIGINT" }] });
  expect(result.bytes).toBeGreaterThan(1_000_000);
  const [first] = await queryRows(
    engine,
    "SELECT bool_and(ok) AS ok FROM (SELECT hash(n) >= lag(hash(n)) OVER () AS ok FROM ordered)",
  );
  expect(first).toEqual({ ok: true });
  const page = rowsOf((await engine.page({ name: "ordered", offset: 650_000, limit: 3 })).arrow);
  expect(page).toEqual(await queryRows(engine, "SELECT n FROM ordered LIMIT 3 OFFSET 650000"));
});

test("a deep page of a sorted view costs no new sort: the second page is a range of row numbers", async () => {
  const { engine } = running;
  await engine.materialise({
    name: "deep",
    runId: "1",
    sql: "SELECT range AS n, hash(range)::VARCHAR AS h FROM range(1000000)",
  });
  const sortKeys = [{ column: "h", descending: true }];
  const timed = async (offset: number): Promise<number> => {
    const started = performance.now();
    await engine.page({ name: "deep", offset, limit: 100, sort: sortKeys });
    return performance.now() - started;
  };
  const first = await timed(0);
  const later = Math.min(await timed(900_000), await timed(500_000), await timed(700_000));
  expect(later).toBeLessThan(first);
});

test("only the asked columns travel, and a column that is not there is named with those that are", async () => {
  const { engine } = running;
  await engine.materialise({ name: "cols", runId: "1", sql: 'SELECT 1 AS a, 2 AS b, 3 AS "c d"' });
  expect(rowsOf((await engine.page({ name: "cols", offset: 0, limit: 5, columns: ["c d", "a"] })).arrow)).toEqual([
    { "c d": 3, a: 1 },
  ]);
  await expect(engine.page({ name: "cols", offset: 0, limit: 5, columns: ["z"] })).rejects.toThrow(
    'no column "z"; it has a, b, c d',
  );
  await expect(
    engine.page({ name: "cols", offset: 0, limit: 5, sort: [{ column: 'a" DESC; DROP', descending: false }] }),
  ).rejects.toThrow("no column");
  await expect(engine.page({ name: "nowhere", offset: 0, limit: 5 })).rejects.toThrow('no result called "nowhere"');
});

test("columns called rowid, columns of one name and odd names are kept", async () => {
  const { engine } = running;
  const result = await engine.materialise({
    name: "odd names",
    runId: "1",
    sql: 'SELECT 9 - range AS rowid, 1 AS a, 2 AS A, 3 AS "say ""hi""" FROM range(5)',
  });
  expect(result.columns.map((column) => column.name)).toEqual(["rowid", "a", "A_1", 'say "hi"']);
  const page = await engine.page({
    name: "odd names",
    offset: 1,
    limit: 2,
    sort: [{ column: "rowid", descending: false }],
  });
  expect(rowsOf(page.arrow).map((one) => one.rowid)).toEqual([6n, 7n]);
  expect(await queryRows(engine, 'SELECT max(rowid) AS m FROM "odd names"')).toEqual([{ m: 9n }]);
});

test("filters on times, decimals and lists compare values, and one that does not fit says so", async () => {
  const { engine } = running;
  await engine.materialise({
    name: "typed",
    runId: "1",
    sql: "SELECT TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_days(range::INTEGER) AS t, range::DECIMAL(9,2) / 4 AS d, [range] AS l FROM range(10)",
  });
  const count = async (filters: RowFilter[]): Promise<number> =>
    (await engine.page({ name: "typed", offset: 0, limit: 1, filters })).rowCount;
  expect(await count([{ column: "t", test: ">=", value: "2026-01-05T00:00:00Z" }])).toBe(6);
  expect(await count([{ column: "d", test: "<", value: 0.5 }])).toBe(2);
  expect(await count([{ column: "l", test: "=", value: "[3]" }])).toBe(1);
  await expect(count([{ column: "d", test: "<", value: "much" }])).rejects.toThrow(/Could not convert string "?'?much/);
  await expect(count([{ column: "d", test: "<", value: { a: 1 } }])).rejects.toThrow(
    "must be text, a number or a boolean",
  );
});

test("a summary counts missing, distinct and frequent values exactly and bins the rest", async () => {
  const { engine } = running;
  await engine.materialise({
    name: "summary",
    runId: "1",
    sql: `SELECT CASE WHEN range % 10 = 0 THEN NULL ELSE range END AS n, 'v' || (range % 3) AS s,
          CASE WHEN range = 5 THEN 'infinity'::DOUBLE WHEN range = 6 THEN 'nan'::DOUBLE ELSE range END AS x,
          DATE '2026-01-01' + range::INTEGER AS d, [range] AS l, NULL::INTEGER AS empty FROM range(100)`,
  });
  const [n, s, x, d, l, empty] = await engine.summarise("summary");
  expect(n).toMatchObject({ name: "n", type: "BIGINT", missing: 10, distinct: 90, min: "1", max: "99", top: null });
  expect(n!.bins).toHaveLength(20);
  expect(n!.bins!.reduce((a, b) => a + b)).toBe(90);
  expect(s).toMatchObject({
    missing: 0,
    distinct: 3,
    bins: null,
    top: [
      { value: "v0", count: 34 },
      { value: "v1", count: 33 },
      { value: "v2", count: 33 },
    ],
  });
  expect(x!.bins!.reduce((a, b) => a + b)).toBe(98);
  expect(d).toMatchObject({ min: "2026-01-01", max: "2026-04-10", distinct: 100 });
  expect(d!.bins!.every((count) => count === 5)).toBe(true);
  expect(l).toMatchObject({ type: "BIGINT[]", missing: 0, distinct: null, bins: null });
  expect(empty).toMatchObject({ missing: 100, distinct: 0, min: null, bins: null });
});
