import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { columnFromArray, TimeUnit, tableFromArrays, tableFromColumns, tableToIPC, timestamp } from "@uwdata/flechette";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SqlError } from "../../../kernels/engine/sql-engine.ts";
import { queryRows, rowsOf, startEngine, type TestEngine } from "./start-engine.ts";

const ENDLESS = "SELECT sum(a.range * b.range) AS s FROM range(10000000) a, range(10000000) b";

let running: TestEngine;
beforeAll(async () => {
  running = await startEngine();
});
afterAll(() => running[Symbol.asyncDispose]());

const failure = (work: Promise<unknown>): Promise<SqlError> =>
  work.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => (error instanceof SqlError ? error : expect.fail(String(error))),
  );

test("named results are relations for later statements, replaced whole and forgotten on drop", async () => {
  const { engine } = running;
  await engine.materialise({ name: "daily", runId: "1", sql: "SELECT range AS n FROM range(10)" });
  await engine.materialise({ name: "total", runId: "1", sql: "SELECT sum(n) AS s FROM daily" });
  expect(await queryRows(engine, "SELECT s FROM total")).toEqual([{ s: 45n }]);
  expect(
    (await failure(engine.materialise({ name: "daily", runId: "2", sql: "SELECT error('no') FROM daily" }))).kind,
  ).toBe("failed");
  expect(await queryRows(engine, "SELECT count(*) AS c FROM daily")).toEqual([{ c: 10n }]);
  await engine.materialise({ name: "daily", runId: "3", sql: "SELECT n + 1 AS other FROM daily" });
  expect(await queryRows(engine, "SELECT max(other) AS m FROM daily")).toEqual([{ m: 10n }]);
  await engine.drop("daily");
  await engine.drop("daily");
  expect((await failure(queryRows(engine, "FROM daily"))).problem.message).toMatch(/daily does not exist/);
});

test("memory of replaced results is given back", async () => {
  const { engine } = running;
  const sql = "SELECT range AS a, range::VARCHAR || 'some text to fill the row' AS b FROM range(300000)";
  for (let run = 0; run < 30; run += 1) {
    await engine.materialise({ name: "again", runId: String(run), sql });
    await engine.page({ name: "again", offset: 0, limit: 10, sort: [{ column: "b", descending: run % 2 === 0 }] });
  }
  const [row] = await queryRows(
    engine,
    "SELECT count(*) AS tables FROM duckdb_tables() WHERE schema_name = '__results'",
  );
  expect(row).toEqual({ tables: 3n }); // again, its sorted view, and total of the test before
});

test("parameters are values, never text, and keep their types", async () => {
  const { engine } = running;
  const parameters = [
    null,
    true,
    7,
    2.5,
    9_007_199_254_740_993n,
    170_141_183_460_469_231_731_687_303_715_884_105_727n,
    "'; DROP TABLE x; --",
    { type: "timestamp", iso: "2026-03-01T10:00:00.123456Z" },
    { type: "timestamp", iso: "2026-03-01T10:00:00" },
    { type: "date", iso: "2026-03-01" },
    { type: "list", items: [1, 2.5, null] },
    { type: "list", items: [] },
    Number.NaN,
    3_000_000_000,
  ] as const;
  const list = parameters.map((_, i) => `$${i + 1}::VARCHAR AS v${i}, typeof($${i + 1}) AS t${i}`).join(", ");
  const [row] = await queryRows(engine, `SELECT ${list}`, parameters);
  const pairs = parameters.map((_, i) => [row![`v${i}`], row![`t${i}`]]);
  expect(pairs).toEqual([
    [null, '"NULL"'],
    ["true", "BOOLEAN"],
    ["7", "INTEGER"],
    ["2.5", "DOUBLE"],
    ["9007199254740993", "BIGINT"],
    ["170141183460469231731687303715884105727", "HUGEINT"],
    ["'; DROP TABLE x; --", "VARCHAR"],
    ["2026-03-01 10:00:00.123456+00", "TIMESTAMP WITH TIME ZONE"],
    ["2026-03-01 10:00:00", "TIMESTAMP"],
    ["2026-03-01", "DATE"],
    ["[1.0, 2.5, NULL]", "DOUBLE[]"],
    ["[]", '"NULL"[]'],
    ["nan", "DOUBLE"],
    ["3000000000", "BIGINT"],
  ]);
  await engine.materialise({
    name: "bound",
    runId: "1",
    sql: "SELECT range AS n FROM range(?) WHERE range >= ?",
    parameters: [10, 7],
  });
  expect(await queryRows(engine, "FROM bound")).toEqual([{ n: 7n }, { n: 8n }, { n: 9n }]);
  expect(
    (await failure(queryRows(engine, "SELECT ?", [{ type: "timestamp", iso: "yesterday" }]))).problem.message,
  ).toContain('"yesterday"');
  expect((await failure(queryRows(engine, "SELECT ?", [{ type: "list", items: [1, "a"] }]))).problem.message).toContain(
    "one type",
  );
});

test("describe gives names and exact types without running, with and without parameters", async () => {
  const { engine } = running;
  expect(
    await engine.describe({
      sql: "SELECT 1 AS a, [1.5] AS b, '{}'::JSON AS c, {'x': 1} AS d FROM range(1000000000000)",
    }),
  ).toEqual({
    columns: [
      { name: "a", type: "INTEGER" },
      { name: "b", type: "DECIMAL(2,1)[]" },
      { name: "c", type: "JSON" },
      { name: "d", type: 'STRUCT("x" INTEGER)' },
    ],
  });
  expect(await engine.describe({ sql: "SELECT ? AS a, ? AS b -- end\n;", parameters: [1, "x"] })).toEqual({
    columns: [
      { name: "a", type: "INTEGER" },
      { name: "b", type: "VARCHAR" },
    ],
  });
  expect((await failure(engine.describe({ sql: "SELECT nowhere" }))).problem).toMatchObject({ line: 1, column: 8 });
});

test("inside a session now is the as-of time, in every spelling and in the views of the host", async () => {
  await using own = await startEngine({ timeZone: "America/New_York" });
  await own.engine.setRelations({
    asOf: "2026-01-01T03:30:00Z",
    statements: ["CREATE SCHEMA s", "CREATE OR REPLACE VIEW s.v AS SELECT now() AS t"],
  });
  const [row] = await queryRows(
    own.engine,
    `SELECT (SELECT t FROM s.v) = now() AS same, epoch_us(now()) AS now, epoch_us(current_timestamp) AS stamp, epoch_us(get_current_timestamp()) AS get,
     epoch_us(transaction_timestamp()) AS tx, current_date::VARCHAR AS date, today()::VARCHAR AS today, localtimestamp::VARCHAR AS local,
     localtime::VARCHAR AS time, age(TIMESTAMP '2025-12-30')::VARCHAR AS age, age(TIMESTAMP '2025-12-31', TIMESTAMP '2025-12-30')::VARCHAR AS age2`,
  );
  const micros = BigInt(Date.parse("2026-01-01T03:30:00Z")) * 1000n;
  expect(row).toEqual({
    ...{ same: true, now: micros, stamp: micros, get: micros, tx: micros },
    ...{ date: "2025-12-31", today: "2025-12-31", local: "2025-12-31 22:30:00", time: "22:30:00" },
    ...{ age: "1 day", age2: "1 day" },
  });
  await own.engine.setRelations({ asOf: "2026-02-01T00:00:00Z", statements: [] });
  expect(await queryRows(own.engine, "SELECT current_date::VARCHAR AS d, (SELECT t FROM s.v) = now() AS same")).toEqual(
    [{ d: "2026-01-31", same: true }],
  );
  await expect(own.engine.setRelations({ asOf: "now'; DROP", statements: [] })).rejects.toThrow(
    "not a time in ISO 8601",
  );
});

test("relations are set as a whole: a failing statement leaves those before it as they were", async () => {
  const { engine } = running;
  await engine.setRelations({
    statements: ["CREATE SCHEMA IF NOT EXISTS card", "CREATE OR REPLACE VIEW card.decisions AS SELECT 1 AS v"],
  });
  const broken = engine.setRelations({
    statements: [
      "CREATE OR REPLACE VIEW card.decisions AS SELECT 2 AS v",
      "CREATE VIEW card.x AS SELECT * FROM nowhere",
    ],
  });
  expect((await failure(broken)).problem.message).toContain("nowhere");
  expect(await queryRows(engine, "SELECT v FROM card.decisions")).toEqual([{ v: 1 }]);
});

test("behind the gate the instance is locked: even statements of ours write, attach or set nothing outside", async () => {
  const { engine, workspace, root } = running;
  for (const statement of [
    `COPY (SELECT 1) TO '${join(workspace, "out.csv")}'`,
    `COPY (SELECT 1) TO '${join(root, "outside", "out.csv")}'`,
    `ATTACH '${join(root, "outside", "x.db")}'`,
    `CREATE TABLE t AS FROM read_text('${join(workspace, "..", "outside", "secret")}')`,
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET memory_limit = '99GB'",
    "SET lock_configuration = false",
    "SET TimeZone = 'Asia/Tokyo'",
    "INSTALL httpfs",
    "LOAD httpfs",
  ])
    expect((await failure(engine.setRelations({ statements: [statement] }))).problem.message, statement).toMatch(
      /cannot be read|lock|disabled|permission|not found|exist/i,
    );
});

test("an interrupt ends a running statement within a second; the engine is idle again and works", async () => {
  const { engine } = running;
  const states: string[] = [];
  const stop = engine.onState((state) => states.push(state.phase));
  const fractions: (number | null)[] = [];
  const work = failure(
    engine.materialise({
      name: "endless",
      runId: "1",
      sql: ENDLESS,
      onProgress: (fraction) => fractions.push(fraction),
    }),
  );
  await expect.poll(() => fractions.length).toBeGreaterThan(2);
  expect(engine.state.phase).toBe("busy");
  const started = performance.now();
  await engine.interrupt();
  expect(performance.now() - started).toBeLessThan(1000);
  expect((await work).kind).toBe("interrupted");
  expect(engine.state.phase).toBe("idle");
  expect(states).toEqual(["busy", "interrupting", "idle"]);
  stop();
  expect(await queryRows(engine, "SELECT 1 AS a")).toEqual([{ a: 1 }]);
});

test("a signal interrupts its own statement only, and one already aborted starts nothing", async () => {
  const { engine } = running;
  const abort = new AbortController();
  const mine = failure(engine.materialise({ name: "mine", runId: "1", sql: ENDLESS, signal: abort.signal }));
  const other = engine.materialise({
    name: "other",
    runId: "1",
    sql: "SELECT sum(hash(range) % 7) AS s FROM range(30000000)",
  });
  setTimeout(() => abort.abort(), 100);
  expect((await mine).kind).toBe("interrupted");
  expect((await other).rowCount).toBe(1);
  expect(
    (await failure(engine.materialise({ name: "never", runId: "1", sql: "SELECT 1", signal: AbortSignal.abort() })))
      .kind,
  ).toBe("interrupted");
});

test("a statement above its time limit ends with the limit in the sentence", async () => {
  const { engine } = running;
  const started = performance.now();
  const error = await failure(engine.materialise({ name: "slow", runId: "1", sql: ENDLESS, timeoutMillis: 300 }));
  expect(performance.now() - started).toBeLessThan(1500);
  expect(error).toMatchObject({
    kind: "time-limit",
    problem: { message: "The statement took longer than its limit of 300 ms." },
  });
});

test("progress goes from nothing to all, between 0 and 1", async () => {
  const { engine } = running;
  const fractions: number[] = [];
  await engine.materialise({ name: "many", runId: "1", sql: "SELECT range AS n FROM range(2000000)" });
  await engine.materialise({
    name: "progress",
    runId: "1",
    sql: "SELECT count(*) AS n FROM many WHERE regexp_matches(sha256(sha256(n::VARCHAR)), '00.*ff.*00')",
    onProgress: (fraction) => {
      if (fraction !== null) fractions.push(fraction);
    },
  });
  expect(fractions.length).toBeGreaterThan(1);
  expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
  expect(fractions.at(-1)).toBeGreaterThan(fractions[0]!);
});

test("a statement beyond the memory limit fails with what to do; the engine survives", async () => {
  const { engine } = running;
  const error = await failure(
    engine.materialise({ name: "hoard", runId: "1", sql: "SELECT list(range) AS l FROM range(300000000)" }),
  );
  expect(error.kind).toBe("out-of-memory");
  expect(error.problem.message).toMatch(/^Out of memory: /);
  expect(error.problem.hint).toMatch(/Aggregate/);
  expect(await queryRows(engine, "SELECT 1 AS a")).toEqual([{ a: 1 }]);
});

test("a result larger than memory spills to the scratch folder, up to the temp limit", async () => {
  await using own = await startEngine({ memoryLimitBytes: 120 * 1024 * 1024, tempLimitBytes: 200 * 1024 * 1024 });
  const rows = (count: number): string =>
    `SELECT hash(range) AS a, hash(range + 1) AS b, sha256(range::VARCHAR) AS c FROM range(${count})`;
  expect((await own.engine.materialise({ name: "spilled", runId: "1", sql: rows(2_500_000) })).rowCount).toBe(
    2_500_000,
  );
  const error = await failure(own.engine.materialise({ name: "too much", runId: "1", sql: rows(9_000_000) }));
  expect(error.kind).toBe("out-of-memory");
  expect(await queryRows(own.engine, "SELECT count(*) AS n FROM spilled")).toEqual([{ n: 2_500_000n }]);
  expect((await readdir(join(own.scratch, "temp"))).length).toBeGreaterThan(0);
  process.kill(own.engine.pid ?? expect.fail("no pid"), "SIGKILL");
  await own.engine.ended;
  await expect(readdir(join(own.scratch, "temp"))).rejects.toThrow("ENOENT");
});

test("results beyond the limit of rows or bytes are refused with figures, and not kept", async () => {
  await using own = await startEngine({ resultLimit: { rows: 1000, bytes: 4 * 1024 * 1024 } });
  const error = await failure(
    own.engine.materialise({ name: "long", runId: "1", sql: "SELECT range FROM range(1001)" }),
  );
  expect(error).toMatchObject({
    kind: "too-large",
    problem: { message: expect.stringContaining("1001 rows"), hint: expect.stringContaining("LIMIT") },
  });
  expect((await failure(queryRows(own.engine, "FROM long"))).problem.message).toMatch(/does not exist/);
  expect((await failure(queryRows(own.engine, "SELECT repeat('x', 1000000) FROM range(100)"))).kind).toBe("too-large");
  expect((await failure(queryRows(own.engine, "SELECT range FROM range(10000000)"))).kind).toBe("too-large");
});

test("a streamed answer comes in pieces, and a reader that stops early stops the statement", async () => {
  const { engine } = running;
  let pieces = 0;
  for await (const _piece of engine.query({
    sql: "SELECT range AS n, repeat('x', 100) AS s FROM range(1000000000)",
    maxRows: 1e9,
    maxBytes: 1e12,
  })) {
    pieces += 1;
    if (pieces === 3) break;
  }
  expect(pieces).toBe(3);
  await expect.poll(() => engine.state.phase, { timeout: 2000 }).toBe("idle");
});

test("files under data/ are read by their path in the workspace", async () => {
  const { engine, workspace } = running;
  await writeFile(join(workspace, "data", "sales.csv"), "day,amount\n2026-01-01,5\n2026-01-02,7\n");
  expect(await queryRows(engine, "SELECT sum(amount)::INTEGER AS s FROM 'data/sales.csv'")).toEqual([{ s: 12 }]);
  expect(await queryRows(engine, "SELECT count(*) AS n FROM read_csv('data/*.csv')")).toEqual([{ n: 2n }]);
});

test("a table from TypeScript becomes a relation with its values and types", async () => {
  const { engine } = running;
  const table = tableFromArrays({
    id: [1, 2, 3],
    name: ["a", null, "c"],
    score: [0.5, 1.5, null],
    ok: [true, false, null],
    tags: [["x"], [], null],
  });
  const result = await engine.register("from_ts", tableToIPC(table, { format: "stream" })!);
  expect(result.columns.map((column) => column.type)).toEqual(
    ["TINYINT", "VARCHAR", "DOUBLE", "BOOLEAN", "VARCHAR[]"].map((type, i) =>
      i === 0 ? result.columns[0]!.type : type,
    ),
  );
  expect(
    await queryRows(
      engine,
      "SELECT sum(id)::INTEGER AS s, count(name) AS n, max(score) AS m, count(*) FILTER (ok) AS k, list(tags)::VARCHAR AS t FROM from_ts",
    ),
  ).toEqual([{ s: 6, n: 2n, m: 1.5, k: 1n, t: "[[x], [], NULL]" }]);
  const times = tableFromColumns({
    t: columnFromArray([new Date("2026-01-01T00:00:00.001Z"), null], timestamp(TimeUnit.MICROSECOND, "UTC")),
  });
  expect((await engine.register("times", tableToIPC(times, { format: "stream" })!)).columns).toEqual([
    { name: "t", type: "TIMESTAMP WITH TIME ZONE" },
  ]);
  expect(await queryRows(engine, "SELECT epoch_ms(t) AS ms FROM times WHERE t IS NOT NULL")).toEqual([
    { ms: 1767225600001n },
  ]);
});

test("what the engine itself sent comes back the same when it is registered", async () => {
  const { engine } = running;
  const sql = `SELECT range::INTEGER AS i, range * 10000000000 AS b, range::HUGEINT * 1000000000000000000000 AS h, range / 4 AS d, (range / 4)::DECIMAL(18,4) AS dec,
    'text ' || range AS s, DATE '2026-01-01' + range::INTEGER AS day, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_microseconds(range) AS t, TIME '10:00:00' AS tm,
    range % 2 = 0 AS ok, [range, NULL] AS l, {'a': range, 'b': [range::VARCHAR]} AS st, MAP([1::INTEGER], [range]) AS m,
    (CASE WHEN range % 2 = 0 THEN 'even' ELSE 'odd' END)::ENUM('even', 'odd')::VARCHAR AS e, INTERVAL 3 DAY AS iv, from_hex('00ff') AS bl FROM range(5000)`;
  const source = await engine.materialise({ name: "source", runId: "1", sql });
  const page = await engine.page({ name: "source", offset: 0, limit: 5000 });
  const copy = await engine.register("copy", page.arrow);
  expect(copy.columns).toEqual(source.columns);
  expect(await queryRows(engine, "SELECT count(*) AS n FROM (FROM source EXCEPT FROM copy)")).toEqual([{ n: 0n }]);
  expect(await queryRows(engine, "SELECT count(*) AS n FROM copy")).toEqual([{ n: 5000n }]);
});

test("exports hold the rows in the shown order, in every format, and only in the scratch folder", async () => {
  const { engine, scratch, root } = running;
  await engine.materialise({
    name: "out",
    runId: "1",
    sql: "SELECT range AS n, CASE WHEN range = 2 THEN '=1+1' ELSE 't' || range END AS s FROM range(4)",
  });
  const view = {
    name: "out",
    sort: [{ column: "n", descending: true }],
    filters: [{ column: "n", test: ">" as const, value: 0 }],
  };
  const csv = join(scratch, "out.csv");
  expect(await engine.export({ ...view, format: "csv", file: csv })).toEqual({
    rowCount: 3,
    bytes: expect.any(Number),
  });
  expect(await readFile(csv, "utf8")).toBe("n,s\n3,t3\n2,'=1+1\n1,t1\n");
  await engine.export({ ...view, format: "json", file: join(scratch, "out.json") });
  expect(JSON.parse(await readFile(join(scratch, "out.json"), "utf8"))).toEqual([
    { n: 3, s: "t3" },
    { n: 2, s: "=1+1" },
    { n: 1, s: "t1" },
  ]);
  await engine.export({ ...view, format: "parquet", file: join(scratch, "out.parquet") });
  expect(await queryRows(engine, `SELECT n FROM '${join(scratch, "out.parquet")}'`)).toEqual([
    { n: 3n },
    { n: 2n },
    { n: 1n },
  ]);
  await engine.export({
    sql: "SELECT n FROM out WHERE n < ? ORDER BY n",
    parameters: [2],
    format: "arrow",
    file: join(scratch, "out.arrow"),
  });
  expect(rowsOf(await readFile(join(scratch, "out.arrow")))).toEqual([{ n: 0n }, { n: 1n }]);
  for (const file of [join(root, "outside", "x.csv"), join(scratch, "..", "x.csv"), scratch])
    expect((await failure(engine.export({ name: "out", format: "csv", file }))).problem.message).toContain(
      "scratch folder",
    );
});

test("statements run side by side: a page comes while a long statement runs", async () => {
  const { engine } = running;
  await engine.materialise({ name: "small", runId: "1", sql: "SELECT 1 AS a" });
  const abort = new AbortController();
  const long = failure(engine.materialise({ name: "long", runId: "1", sql: ENDLESS, signal: abort.signal }));
  const started = performance.now();
  expect((await engine.page({ name: "small", offset: 0, limit: 1 })).rowCount).toBe(1);
  expect(performance.now() - started).toBeLessThan(2000);
  abort.abort();
  expect((await long).kind).toBe("interrupted");
});

test("an interrupt that comes before the statement has begun is not lost", async () => {
  const { engine } = running;
  for (const delayMillis of [0, 1, 2, 3, 5, 8]) {
    const work = failure(engine.materialise({ name: "early", runId: "1", sql: ENDLESS }));
    await new Promise((resolve) => setTimeout(resolve, delayMillis));
    const started = performance.now();
    await engine.interrupt();
    expect((await work).kind).toBe("interrupted");
    expect(performance.now() - started).toBeLessThan(1000);
  }
});

test("an engine that is killed says so to everyone who waits and to everyone who comes later", async () => {
  await using own = await startEngine();
  const pid = own.engine.pid ?? expect.fail("no pid");
  const waiting = failure(own.engine.materialise({ name: "x", runId: "1", sql: ENDLESS }));
  await expect.poll(() => own.engine.state.phase).toBe("busy");
  process.kill(pid, "SIGKILL");
  const error = await waiting;
  expect(error.kind).toBe("ended");
  expect(error.problem.message).toBe("The SQL engine was killed from outside by SIGKILL.");
  expect(error.problem.hint).toMatch(/short of memory/);
  expect(await own.engine.ended).toMatchObject({ kind: "killed", signal: "SIGKILL" });
  expect((await failure(own.engine.inspect("SELECT 1"))).kind).toBe("ended");
});

test("closing ends a busy engine at once, on request", async () => {
  await using own = await startEngine();
  const waiting = failure(own.engine.materialise({ name: "x", runId: "1", sql: ENDLESS }));
  await expect.poll(() => own.engine.state.phase).toBe("busy");
  const started = performance.now();
  expect(await own.engine.close()).toEqual({ kind: "requested" });
  expect(performance.now() - started).toBeLessThan(1500);
  expect((await waiting).kind).toBe("ended");
});

test("an engine over a folder that is not there does not start, with the reason", async () => {
  await expect(startEngine({ workspaceFolder: "/nowhere/at/all" })).rejects.toThrow(/ENOENT/);
  await expect(startEngine({ timeZone: "Mars/Olympus" })).rejects.toThrow(/Olympus/);
});

test("the first rows of a statement come in its order, and its errors stand where they are in its text", async () => {
  const { engine } = running;
  const firstOf = async (sql: string, firstRows: number) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of engine.query({ sql, firstRows })) pieces.push(piece);
    return rowsOf(Buffer.concat(pieces));
  };
  const ordered = "SELECT range AS n FROM range(1000) ORDER BY n DESC";
  expect(await firstOf(ordered, 2)).toEqual([{ n: 999n }, { n: 998n }]);
  for (const end of [";", " ; -- the end; really", "; /* a */ ;\n", " -- no end", " -- none;"])
    expect(await firstOf(`${ordered}${end}`, 1), end).toEqual([{ n: 999n }]);
  expect(await firstOf("SELECT 'x' AS a; ", 0)).toEqual([]);
  const tricky = [
    ...["SELECT ';' AS a", "SELECT ';--' AS a", "SELECT ';/* a */' AS a", "SELECT 'a'';--' AS a", 'SELECT 1 AS ";--"'],
    ...[
      "SELECT E'\\';--' AS a",
      "SELECT e'a''\\';--' AS a;",
      "SELECT DATE '2026-01-01' AS date;--'",
      "SELECT $$ ;-- $$ AS c",
    ],
    ...[
      "SELECT $t$ ;-- $$ $t$ AS c;",
      "SELECT 1 /* ;-- */ AS b",
      "/* /* */ ; */ SELECT 1 AS b;",
      "SELECT 1 AS b; ; -- a",
    ],
    ...[
      "SELECT 1 AS b ; /* a /* b */ c */",
      ";SELECT 1 AS b",
      " ; -- a;\n;SELECT 1 AS b;",
      "SELECT 6 */* ; */ 3 AS b;",
    ],
    ...["SELECT string_agg(v, '; -- ') AS s FROM (VALUES ('a'), ('b')) t(v)", "(SELECT 1 AS b);", "VALUES (1);"],
  ];
  for (const sql of tricky) expect(await firstOf(sql, 5), sql).toEqual(await queryRows(engine, sql));
  expect((await firstOf("EXPLAIN SELECT 1", 1)).length).toBe(1);
  for (const sql of [
    "SUMMARIZE SELECT 1 AS a, 2 AS b, 3 AS c;",
    "DESCRIBE SELECT 1 AS a, 2 AS b, 3 AS c",
    "SHOW TABLES;",
  ])
    expect(await firstOf(sql, 2), sql).toEqual((await queryRows(engine, sql)).slice(0, 2));
  const file = join(running.scratch, "first.csv");
  await engine.export({ sql: "DESCRIBE SELECT 1 AS a, 2 AS b", firstRows: 1, format: "csv", file });
  expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(2);
  for (const [sql, line, column] of [
    ["SELECT 1 +", 1, 11],
    ["SELEC 1", 1, 1],
    ["SELECT nothing\nFROM range(3)", 1, 8],
    ["SELECT range\nFROM range(3)\n  WHERE foo = 1;", 3, 9],
  ] as const) {
    const { problem } = await failure(firstOf(sql, 10));
    expect([problem.line, problem.column], `${sql}: ${problem.message}`).toEqual([line, column]);
    const plain = await failure(queryRows(engine, sql));
    expect(problem, sql).toEqual(plain.problem);
  }
});
