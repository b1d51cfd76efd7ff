import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DuckDBInstance } from "../../../kernels/duckdb/duckdb.ts";
import {
  REFUSED_SCALAR_FUNCTIONS,
  REFUSED_TABLE_FUNCTIONS,
  TABLE_FUNCTIONS,
} from "../../../kernels/engine/permitted-functions.ts";
import { SqlError } from "../../../kernels/engine/sql-engine.ts";
import { explainParts, withoutEnd } from "../../../kernels/engine/statement-gate.ts";
import { queryRows, startEngine, type TestEngine } from "./start-engine.ts";

let running: TestEngine;
beforeAll(async () => {
  running = await startEngine();
  const { root, workspace } = running;
  await writeFile(join(workspace, "data", "x.csv"), "a,b\n1,x\n2,y\n");
  await writeFile(join(root, "outside", "secret.csv"), "secret\n1\n");
  await writeFile(join(workspace, "driftbook.yaml"), "secret: 1\n");
  await mkdir(join(workspace, "data", "deep"));
  await symlink(join(root, "outside", "secret.csv"), join(workspace, "data", "deep", "link.csv"));
  await symlink(join(root, "outside"), join(workspace, "data", "folder-link"));
});
afterAll(() => running[Symbol.asyncDispose]());

async function failure(sql: string): Promise<SqlError> {
  const error = await running.engine.materialise({ name: "victim", runId: "r", sql }).then(
    () => expect.fail(`${sql} was not refused`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SqlError);
  return error as SqlError;
}

const READING = [
  "SELECT 1 AS one",
  "  -- a comment\n SELECT 1 AS one;",
  "/* a ; b */ SELECT ';' AS semicolon -- ; here",
  "WITH t AS (SELECT 1 AS a) SELECT * FROM t",
  "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t",
  "FROM range(3)",
  "VALUES (1), (2)",
  "(SELECT 1 AS a) UNION ALL (SELECT 2)",
  "SELECT * FROM 'data/x.csv'",
  "SELECT * FROM read_csv('data/*.csv')",
  "SELECT * FROM (PIVOT (SELECT 1 AS a, 2 AS b) ON a IN (1, 2) USING sum(b))",
  "PIVOT (SELECT 1 AS a, 2 AS b) ON a IN (1, 2) USING sum(b)",
  "SUMMARIZE SELECT 1 AS a",
  "DESCRIBE SELECT 1 AS a",
  "SHOW TABLES",
  "EXPLAIN SELECT 1",
  "EXPLAIN ANALYZE SELECT 1",
  "EXPLAIN (FORMAT json) SELECT 1",
  "SELECT unnest([1, 2]) AS u",
];

test.each(READING)("%s is allowed and runs", async (sql) => {
  const result = await running.engine.materialise({ name: "fine", runId: "r", sql });
  expect(result.rowCount).toBeGreaterThan(0);
});

/** Statement, and what the error's sentence must say. */
const REFUSED: readonly (readonly [sql: string, says: RegExp])[] = [
  ["SELECT 1; SELECT 2", /2 statements.*exactly one/],
  ["SELECT 1; DROP SCHEMA main", /statements.*exactly one/],
  ["CREATE TABLE t (a INTEGER)", /CREATE is not allowed/],
  ["CREATE OR REPLACE VIEW v AS SELECT 1", /CREATE is not allowed/],
  ["CREATE MACRO now() AS 1", /CREATE is not allowed/],
  ["INSERT INTO t VALUES (1)", /INSERT is not allowed/],
  ["UPDATE t SET a = 1", /UPDATE is not allowed/],
  ["DELETE FROM t", /DELETE is not allowed/],
  ["MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", /MERGE is not allowed/],
  ["TRUNCATE t", /TRUNCATE is not allowed/],
  ["DROP TABLE t", /DROP is not allowed/],
  ["ALTER TABLE t ADD COLUMN b INTEGER", /ALTER is not allowed/],
  ["COPY (SELECT 1) TO 'data/out.csv'", /COPY is not allowed/],
  ["COPY t FROM 'data/x.csv'", /COPY is not allowed/],
  ["EXPORT DATABASE 'data/out'", /EXPORT is not allowed/],
  ["IMPORT DATABASE 'data/out'", /IMPORT is not allowed/],
  ["ATTACH 'data/other.db' AS other", /ATTACH is not allowed/],
  ["DETACH memory", /DETACH is not allowed/],
  ["USE memory", /USE is not allowed/],
  ["INSTALL httpfs", /INSTALL is not allowed/],
  ["LOAD httpfs", /LOAD is not allowed/],
  ["FORCE INSTALL httpfs", /FORCE is not allowed/],
  ["PRAGMA database_list", /PRAGMA is not allowed/],
  ["SET memory_limit = '99GB'", /SET is not allowed/],
  ["SET VARIABLE x = 1", /SET is not allowed/],
  ["RESET memory_limit", /RESET is not allowed/],
  ["CALL enable_logging()", /CALL is not allowed/],
  ["CHECKPOINT", /CHECKPOINT is not allowed/],
  ["VACUUM", /VACUUM is not allowed/],
  ["BEGIN", /BEGIN is not allowed/],
  ["COMMIT", /COMMIT is not allowed/],
  ["PREPARE p AS SELECT 1", /PREPARE is not allowed/],
  ["EXECUTE p", /EXECUTE is not allowed/],
  ["CREATE SECRET s (TYPE s3)", /CREATE is not allowed/],
  ["COMMENT ON TABLE t IS 'x'", /COMMENT is not allowed/],
  ["EXPLAIN COPY (SELECT 1) TO 'data/out.csv'", /COPY is not allowed/],
  ["EXPLAIN ANALYZE COPY (SELECT 1) TO 'data/out.csv'", /COPY is not allowed/],
  ["EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1", /CREATE is not allowed/],
  ["explain /* x */ analyze -- y\n insert into t values (1)", /INSERT is not allowed/],
  ["EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO 'data/out.csv'", /COPY is not allowed/],
  ["WITH t AS (INSERT INTO x VALUES (1) RETURNING *) SELECT * FROM t", /WITH clause may only read/],
  ["WITH t AS (DELETE FROM x RETURNING *) FROM t", /WITH clause may only read/],
  ["PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)", /PIVOT needs its IN list/],
  ["SELECT * FROM (PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b))", /PIVOT needs its IN list/],
  ["SELECT * FROM query('SELECT 1')", /query\(\) is not allowed.*text as SQL/],
  ["SELECT (SELECT count(*) FROM query_table('data/x.csv'))", /query_table\(\) is not allowed/],
  [
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    /json_execute_serialized_sql\(\) is not allowed/,
  ],
  ["SELECT * FROM enable_logging('QueryLog')", /enable_logging\(\) is not allowed/],
  ["SELECT 1 WHERE EXISTS (FROM checkpoint())", /checkpoint\(\) is not allowed/],
  ["FROM arrow_scan(1, 2, 3)", /arrow_scan\(\) is not allowed/],
  ["WITH t AS (FROM duckdb_secrets()) FROM t", /duckdb_secrets\(\) is not allowed/],
  ["FROM read_duckdb('data/x.db')", /read_duckdb\(\) is not allowed/],
  ["SELECT write_log('x')", /write_log\(\) is not allowed/],
  ["SELECT sum(sleep_ms(1000)) FROM range(10)", /sleep_ms\(\) is not allowed/],
  ["FROM a_function_nobody_knows(1)", /a_function_nobody_knows\(\) is not allowed/],
  ["SELECT system.main.now()", /now\(\) is not allowed.*as-of time/],
  ["SELECT main.current_timestamp()", /current_timestamp\(\) is not allowed.*as-of time/],
  ["FROM read_text('/etc/passwd')", /"\/etc\/passwd" cannot be read/],
  ["FROM read_blob('/etc/passwd')", /"\/etc\/passwd" cannot be read/],
  ["FROM '/etc/passwd'", /cannot be read|does not exist/],
  ["FROM read_csv('/etc/passwd')", /"\/etc\/passwd" cannot be read/],
  ["FROM read_text('driftbook.yaml')", /"driftbook.yaml" cannot be read/],
  ["FROM read_text('data/../driftbook.yaml')", /cannot be read/],
  ["FROM read_text('data/../../outside/secret.csv')", /cannot be read/],
  ["FROM read_text('/proc/self/environ')", /cannot be read/],
  ["FROM glob('/etc/*')", /cannot be read/],
  ["FROM 'data/deep/link.csv'", /"data\/deep\/link.csv" cannot be read/],
  ["FROM 'data/folder-link/secret.csv'", /cannot be read/],
  ["FROM read_csv('https://example.org/x.csv')", /cannot be read|disabled|not allowed|extension/],
  ["FROM sniff_csv('/etc/passwd')", /cannot be read/],
  ["FROM parquet_metadata('/etc/passwd')", /cannot be read/],
  ["FROM read_json('/' || 'etc/passwd')", /cannot be read/],
];

test.each(REFUSED)("%s is refused with a sentence", async (sql, says) => {
  const error = await failure(sql);
  expect(error.problem.message).toMatch(says);
  if (error.kind === "refused") expect(error.problem.hint).toMatch(/SELECT|FROM|PIVOT|other cells/);
  const through = await queryRows(running.engine, sql).then(
    () => "ran",
    () => "refused",
  );
  expect(through).toBe("refused");
});

test("no refused statement has left a file behind or stopped the engine", async () => {
  const { engine, workspace } = running;
  expect((await readdir(join(workspace, "data"))).sort()).toEqual(["deep", "folder-link", "x.csv"]);
  expect(await queryRows(engine, "SELECT count(*) AS n FROM 'data/x.csv'")).toEqual([{ n: 2n }]);
  expect(await queryRows(engine, "SELECT current_setting('memory_limit') AS m")).toEqual([{ m: "400.0 MiB" }]);
});

test("a syntax error has line and column, an unknown name a suggestion, EXPLAIN keeps the places of its statement", async () => {
  expect((await failure("SELECT 1,\n  selec FROM FROM x")).problem).toMatchObject({ line: 2, column: 14 });
  expect((await failure("SELECT foo(1)")).problem).toMatchObject({ line: 1, column: 8, hint: 'Did you mean "floor"?' });
  expect((await failure("EXPLAIN\nSELECT FROM WHERE")).problem).toMatchObject({ line: 2 });
  const long = `SELECT ${"1 AS a_rather_long_column_name, ".repeat(20)} nowhere_to_be_found`;
  expect((await failure(long)).problem).toMatchObject({ line: 1, column: long.indexOf("nowhere") + 1 });
  expect((await failure("SELECT 'é', '😀', fooo(1)")).problem).toMatchObject({ line: 1 });
  expect((await failure("SELECT CAST(x AS INTEGER) FROM (VALUES ('1'), ('abc')) t(x)")).problem.message).toMatch(
    /Could not convert string 'abc'/,
  );
});

test("inspect gives the tree of a SELECT and the verdict on others, without running either", async () => {
  const { engine } = running;
  expect(await engine.inspect("SELECT * FROM nowhere JOIN elsewhere USING (a)")).toMatchObject({
    ok: true,
    statement: "select",
    ast: { error: false },
  });
  expect(await engine.inspect("EXPLAIN SELECT 1")).toEqual({ ok: true, statement: "explain", ast: null });
  expect(await engine.inspect("DROP TABLE x")).toMatchObject({ ok: false, kind: "refused" });
  expect(await engine.inspect("SELEC 1")).toMatchObject({ ok: false, kind: "syntax", problem: { line: 1, column: 1 } });
  expect(await engine.inspect("SELECT '\0'")).toMatchObject({
    ok: false,
    kind: "syntax",
    problem: { line: 1, column: 9 },
  });
  expect(await engine.inspect(" -- nothing\n")).toMatchObject({ ok: false, kind: "syntax" });
});

test("EXPLAIN is taken off only in its strict forms, and what follows keeps its place", () => {
  for (const [sql, head, rest] of [
    ["EXPLAIN SELECT 1", "EXPLAIN", "        SELECT 1"],
    [" /* a */ explain analyze\nSELECT 1", "EXPLAIN analyze", "                        \nSELECT 1"],
    ["EXPLAIN (ANALYZE, FORMAT  json)COPY", "EXPLAIN (ANALYZE, FORMAT json)", "                               COPY"],
    ["EXPLAIN (SELECT 1)", "EXPLAIN", "        (SELECT 1)"],
    ["EXPLAIN (analyze /*) SELECT 1", "EXPLAIN", "        (analyze /*) SELECT 1"],
  ] as const)
    expect(explainParts(sql)).toEqual({ head, statement: rest });
  expect(explainParts("SELECT 1")).toBeNull();
  expect(explainParts("EXPLAINED")).toBeNull();
});

test("comments that nest cannot hide a statement: nothing but what was checked is run", async () => {
  const target = join(running.scratch, "smuggled.csv");
  for (const sql of [
    `/* /* */ EXPLAIN SELECT 1 -- */ COPY (SELECT 1) TO '${target}'`,
    `EXPLAIN /* /* */ SELECT 1 -- */ ANALYZE COPY (SELECT 1) TO '${target}'`,
    `EXPLAIN (analyze /*) SELECT 1 --*/) COPY (SELECT 1) TO '${target}'`,
    `/* /* */ SELECT 1 -- */ COPY (SELECT 1) TO '${target}'`,
    `SELECT 1 AS "a -- " UNION ALL SELECT 2 -- ; COPY (SELECT 1) TO '${target}'`,
    `SUMMARIZE SELECT ') ; -- ' AS a, 'x' AS b /* ; */ -- ) TO '${target}'`,
  ]) {
    const { engine, scratch } = running;
    await engine.materialise({ name: "smuggled", runId: "1", sql }).catch(() => undefined);
    await queryRows(engine, sql).catch(() => undefined);
    await engine.describe({ sql, parameters: [1] }).catch(() => undefined);
    await engine.export({ sql, format: "parquet", file: join(scratch, "out.parquet") }).catch(() => undefined);
    expect(await readdir(scratch)).not.toContain("smuggled.csv");
  }
});

test("text that looks like a comment or an end inside quotes stays text", async () => {
  const { engine, scratch } = running;
  const sql = `SELECT 'a -- b' AS "x ; -- y", '; /* ' AS z -- the end`;
  expect(await queryRows(engine, sql)).toEqual([{ "x ; -- y": "a -- b", z: "; /* " }]);
  expect((await engine.describe({ sql: `${sql}\n, ? AS p`, parameters: [1] })).columns).toHaveLength(3);
  await engine.export({ sql, format: "json", file: join(scratch, "quotes.json") });
  expect(
    (await engine.materialise({ name: "quotes", runId: "1", sql: "SUMMARIZE SELECT 'a -- b' AS x; -- end" })).rowCount,
  ).toBe(1);
});

test("a cell may name what was known then before its stream is there", async () => {
  const { engine } = running;
  expect((await engine.inspect("SELECT * FROM s.outcomes_known([])")).ok).toBe(true);
  expect((await engine.inspect("SELECT * FROM s.outcomes_unknown([])")).ok).toBe(false);
});

test("every table function that this DuckDB has is either permitted or refused by name", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = await connection.runAndReadAll(
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro')",
  );
  const names = rows.getRows().map(([name]) => String(name));
  expect(names.length).toBeGreaterThan(80);
  expect(names.filter((name) => !TABLE_FUNCTIONS.has(name) && REFUSED_TABLE_FUNCTIONS[name] === undefined)).toEqual([]);
  expect([...TABLE_FUNCTIONS].filter((name) => REFUSED_TABLE_FUNCTIONS[name] !== undefined)).toEqual([]);
  const scalar = await connection.runAndReadAll("SELECT DISTINCT function_name FROM duckdb_functions()");
  const all = new Set(scalar.getRows().map(([name]) => String(name)));
  for (const name of Object.keys(REFUSED_SCALAR_FUNCTIONS)) expect(all).toContain(name);
});

test("the end of a statement is found in one pass, however long it is", () => {
  for (const text of [
    `SELECT '${";".repeat(1_000_000)}' AS a`,
    `SELECT ${"';',".repeat(200_000)} 1`,
    `SELECT ${"/* ; */".repeat(100_000)} 1`,
    `SELECT E'${"\\\\;".repeat(200_000)}'`,
  ]) {
    expect(withoutEnd(text)).toBe(text);
    expect(withoutEnd(`${text}; -- ;`)).toBe(text);
  }
  expect(withoutEnd(`${";".repeat(1_000_000)}SELECT 1;`).trim()).toBe("SELECT 1");
});
