import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, expect, test } from "vitest";
import { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { type SqlEngine, SqlError } from "../../../kernels/engine/sql-engine.ts";
import { engineConfiguration, newScratchFolder } from "../../../server/engines.ts";
import { JobEngines } from "../../../server/jobs/job-engines.ts";
import { DEFAULT_SETTINGS } from "../../../server/workspace-settings.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function pool(change: { mostRuns?: number; mostIdle?: number } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-engines-"));
  const made: ChildSqlEngine[] = [];
  const engines = new JobEngines({
    configure: (folders) => engineConfiguration(folder, DEFAULT_SETTINGS, newScratchFolder(folder), folders),
    newProcess: (configuration) => {
      const engine = new ChildSqlEngine(configuration, () => {}, 10);
      made.push(engine);
      return engine;
    },
    mostIdle: 2,
    mostRuns: 100,
    idleMillis: 60_000,
    ...change,
  });
  ends.push(async () => {
    await engines.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { engines, made, folder };
}

async function ask(engine: SqlEngine, sql: string): Promise<number> {
  let bytes = 0;
  for await (const piece of engine.query({ sql })) bytes += piece.length;
  return bytes;
}

/** One run: start, work, close. */
async function during<T>(engines: JobEngines, work: (engine: SqlEngine) => Promise<T>): Promise<T> {
  const engine = engines.engine([], "UTC");
  await engine.start();
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

const refusal = (work: Promise<unknown>): Promise<SqlError> =>
  work.then(
    () => {
      throw new Error("It was not refused.");
    },
    (error: unknown) => {
      if (error instanceof SqlError) return error;
      throw error;
    },
  );

test("the next run has the same process and nothing of the run before: no table, view, macro, setting or file", async () => {
  const { engines, made, folder } = await pool();
  await during(engines, async (engine) => {
    await engine.setRelations({
      statements: [
        "CREATE SCHEMA left_over",
        "CREATE VIEW left_over.v AS SELECT 1 AS x",
        "CREATE MACRO left_macro(a) AS a + 1",
      ],
      asOf: "2026-03-01T00:00:00Z",
    });
    await engine.materialise({ name: "mine", runId: "1", sql: "SELECT range AS n FROM range(100000)" });
    await ask(engine, "SELECT left_macro(x) FROM left_over.v");
  });
  const [first] = await readdir(path.join(folder, ".driftbook", "scratch", "engines"));
  await during(engines, async (engine) => {
    for (const sql of [
      "SELECT * FROM left_over.v",
      "SELECT left_macro(1)",
      "SELECT * FROM mine",
      "SELECT * FROM __results.mine",
    ])
      expect((await refusal(ask(engine, sql))).kind).toMatch(/failed|refused/);
    await engine.setRelations({ statements: [], asOf: "2026-04-01T00:00:00Z" });
    expect(await ask(engine, "SELECT 1")).toBeGreaterThan(0);
  });
  expect(made).toHaveLength(1);
  expect(await readdir(path.join(folder, ".driftbook", "scratch", "engines"))).not.toContain(first);
});

test("a process that died while it waited leaves no file behind", async () => {
  const { engines, made, folder } = await pool();
  await during(engines, (engine) => ask(engine, "SELECT 1"));
  const scratch = path.join(folder, ".driftbook", "scratch", "engines");
  const [first] = await readdir(scratch);
  process.kill(made[0]!.pid!, "SIGKILL");
  while (made[0]!.state.phase !== "ended") await new Promise((resolve) => setTimeout(resolve, 10));
  await during(engines, (engine) => ask(engine, "SELECT 1"));
  expect(made).toHaveLength(2);
  expect(await readdir(scratch)).not.toContain(first);
});

test("a renewed engine is locked as a new one is", async () => {
  const { engines } = await pool();
  await during(engines, (engine) => ask(engine, "SELECT 1"));
  await during(engines, async (engine) => {
    for (const sql of [
      "COPY (SELECT 1) TO 'out.csv'",
      "ATTACH 'x.db'",
      "SET lock_configuration = false",
      "SET enable_external_access = true",
      "PRAGMA threads=1",
      "INSTALL httpfs",
      "SELECT * FROM read_text('/etc/hostname')",
      "SELECT 1; SELECT 2",
    ])
      expect([sql, (await refusal(ask(engine, sql))).kind]).toEqual([
        sql,
        expect.stringMatching(/refused|failed|syntax/),
      ]);
  });
});

test("a process that died ends its run alone; the next run has another one", async () => {
  const { engines, made } = await pool();
  const engine = engines.engine([], "UTC");
  await engine.start();
  const dying = refusal(ask(engine, "SELECT count(*) FROM range(100000000000) a"));
  setTimeout(() => process.kill(made[0]!.pid!, "SIGKILL"), 50);
  expect((await dying).kind).toBe("ended");
  expect(await engine.ended).toMatchObject({ kind: "killed" });
  expect(engine.state.phase).toBe("ended");
  await engine.close();
  await during(engines, (next) => ask(next, "SELECT 1"));
  expect(made).toHaveLength(2);
});

test("a process is replaced after its runs, and after an interrupt", async () => {
  const { engines, made } = await pool({ mostRuns: 3 });
  for (let run = 0; run < 7; run += 1) await during(engines, (engine) => ask(engine, "SELECT 1"));
  expect(made).toHaveLength(3);
  const engine = engines.engine([], "UTC");
  await engine.start();
  const long = refusal(ask(engine, "SELECT count(*) FROM range(100000000000) a"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await engine.interrupt();
  expect((await long).kind).toBe("interrupted");
  await engine.close();
  const before = made.length;
  await during(engines, (next) => ask(next, "SELECT 1"));
  expect(made).toHaveLength(before + 1);
});

test("two runs at once have two processes, of less priority, and no more than two stay", async () => {
  const { engines, made } = await pool();
  await Promise.all([1, 2, 3].map((at) => during(engines, (engine) => ask(engine, `SELECT ${at}`))));
  expect(made).toHaveLength(3);
  expect(engines.processes).toBe(2);
  const alive = made.find(({ state }) => state.phase !== "ended")!;
  // Field 19 of /proc/PID/stat is the nice value; the name before may hold blanks.
  const stat = await readFile(`/proc/${alive.pid}/stat`, "utf8");
  expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]).toBe("10");
});

test("fifty databases in one process leave no memory behind", async () => {
  const { engines, made } = await pool({ mostRuns: 1000 });
  const memory = async (): Promise<number> =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${made[0]!.pid}/status`, "utf8"))![1]) / 1024;
  const fill = (engine: SqlEngine) =>
    engine.materialise({
      name: "rows",
      runId: "1",
      sql: "SELECT range AS n, md5(range::VARCHAR) AS t FROM range(20000)",
    });
  for (let run = 0; run < 10; run += 1) await during(engines, fill);
  const before = await memory();
  for (let run = 0; run < 40; run += 1) await during(engines, fill);
  const after = await memory();
  expect(made).toHaveLength(1);
  expect(after, `${before} MB before, ${after} MB after`).toBeLessThan(before + 100);
}, 120_000);
