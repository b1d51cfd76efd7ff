import { copyFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DueTimes } from "../../../cells/jobs/due-times.ts";
import { planTicks } from "../../../cells/jobs/plan-ticks.ts";
import { MONITOR_TABLES, type MonitorTableName } from "../../../cells/monitoring/monitor-tables.ts";
import type { Verdict } from "../../../cells/results/reading.ts";
import { type DuckDBConnection, DuckDBInstance } from "../../../kernels/duckdb/duckdb.ts";
import { AlertStore } from "../../../workspaces/alerts/alert-store.ts";
import { JobHistory } from "../../../workspaces/jobs/job-history.ts";
import { type Claim, JobQueue } from "../../../workspaces/jobs/job-queue.ts";
import type { NewRun } from "../../../workspaces/jobs/job-rows.ts";
import { JobStore } from "../../../workspaces/jobs/job-store.ts";
import { makeJobTables } from "../../../workspaces/jobs/jobs-schema.ts";
import type { CellReading, RunResult } from "../../../workspaces/jobs/run-result.ts";
import { openMonitorDatabase } from "../../../workspaces/monitor/monitor-database.ts";
import { MonitorRelations } from "../../../workspaces/monitor/monitor-relations.ts";
import { aReading, aRun, RULES } from "../../cells/alerts/a-run.ts";
import { newRun } from "../../support/new-run.ts";
import { OK_RESULT } from "../../support/ok-result.ts";
import { seededRandom } from "../../support/random.ts";

const TABLES = Object.keys(MONITOR_TABLES) as MonitorTableName[];
const START = Date.parse("2026-03-28T20:00:00Z");
const MINUTE = 60_000;
type Rows = Readonly<Record<MonitorTableName, readonly Record<string, unknown>[]>>;

const random = seededRandom("tables of jobs at any time");
let folder: string;
let connection: DuckDBConnection;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "monitor-"));
  connection = await (await DuckDBInstance.create(":memory:")).connect();
});
afterEach(async () => {
  connection.closeSync();
  await rm(folder, { recursive: true });
});

/** All rows as they were known before a time; null for now. */
async function rowsAt(relations: MonitorRelations, atMillis: number | null): Promise<Rows> {
  const { statements, release } = await relations.pin(atMillis === null ? null : new Date(atMillis).toISOString());
  try {
    for (const statement of statements) await connection.run(statement);
    const rows: Partial<Record<MonitorTableName, Record<string, unknown>[]>> = {};
    for (const table of TABLES) {
      const reader = await connection.runAndReadAll(`SELECT * FROM monitor.${table} ORDER BY ALL`);
      rows[table] = reader.getRowObjectsJson() as Record<string, unknown>[];
    }
    return rows as Rows;
  } finally {
    release();
  }
}

/** Jobs whose runs measure one value each, and alerts on it. */
class Life {
  readonly database: DatabaseSync = openMonitorDatabase(folder);
  readonly alerts = new AlertStore(this.database);
  readonly queue = new JobQueue(this.database, ({ run, result, failure, nowMillis }) => {
    const verdict = result?.verdict ?? "error";
    const at = new Date(nowMillis).toISOString();
    const scheduledFor = new Date(run.scheduledForMillis).toISOString();
    const about = { job: run.job, run: run.id, scheduledFor, endedAt: at, failure, noData: null };
    this.alerts.record(aRun(1, [aReading(verdict, { kind: "check" })], about), RULES, nowMillis);
  });
  readonly store = new JobStore(this.database, this.queue);
  readonly #history = new JobHistory(this.database);
  readonly #due = new DueTimes();
  readonly #claims: Claim[] = [];
  #runs = 0;
  now = START;

  constructor() {
    for (const name of ["a", "b"])
      this.store.put(name, { spec: { run: "a.nb.md", schedule: "*/20 * * * *" }, zone: "UTC", version: 1 }, START);
  }

  #newRun(job: string, scheduledForMillis: number, purpose: NewRun["purpose"]): NewRun {
    this.#runs += 1;
    return newRun(`r${this.#runs}`, { job, scheduledForMillis, purpose });
  }

  step(): void {
    this.now += random.integer(1, 10 * MINUTE);
    random.pick([
      () => this.#plan(),
      () => this.#serve(),
      () => this.#begin(),
      () => this.#end(),
      () => this.#end(),
      () => this.#backfill(),
      () => this.#people(),
      () => this.#lose(),
    ])();
  }

  #plan(): void {
    const planned = this.queue.due(this.now, 9).map((job) => ({
      job,
      planned: planTicks(job.plan, this.#due, { throughMillis: job.throughMillis, nowMillis: this.now, paused: false }),
    }));
    this.queue.planned(planned, this.now);
  }

  #serve(): void {
    const [tick] = this.queue.openTicks(1);
    if (tick === undefined) return;
    const run = this.#newRun(tick.job, tick.scheduledForMillis, "scheduled");
    random.pick([
      () => this.queue.wait(tick, "It waits."),
      () => this.queue.skip(tick, "Not now.", this.now),
      () => this.queue.withoutData(tick, run, { ...OK_RESULT, verdict: "no-data", reason: "None." }, this.now),
      () => this.queue.serve(tick, run, this.now),
      () => this.queue.serve(tick, run, this.now),
    ])();
  }

  #begin(): void {
    this.#claims.push(...this.queue.begin("one", 2, this.now + 60 * MINUTE, this.now));
  }

  #end(): void {
    const claim = this.#claims.pop();
    if (claim === undefined) return;
    const again = random.chance(0.5) ? { id: `${claim.run.id}+`, atMillis: this.now } : null;
    if (random.chance(0.2)) this.queue.fail(claim, "It broke.", again, this.now);
    else this.queue.publish(claim, this.#result(), this.now);
  }

  #result(): RunResult {
    const verdict = random.pick(["ok", "fail", "warn"] as const satisfies Verdict[]);
    const judged = aReading(verdict, { kind: "check" });
    const reading = { ...judged, definition: "psi@1", nReference: 7, beside: false, provisional: false, details: {} };
    const readings = [{ cell: judged.cell, kind: "check", reading }] as unknown as CellReading[];
    const body = gzipSync(JSON.stringify(readings));
    const window = ["2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"] as const;
    return { ...OK_RESULT, verdict, readings, body, window, asOf: new Date(this.now).toISOString() };
  }

  #backfill(): void {
    const job = random.pick(["a", "b"]);
    const tick = random.pick([...this.#history.ticks(job, 20), null]);
    const at = tick === null ? START - random.integer(1, 9) * 20 * MINUTE : Date.parse(tick.scheduledFor);
    this.queue.ask([this.#newRun(job, at, "backfill")], this.now);
  }

  #people(): void {
    const alert = random.pick([...this.alerts.list("all", this.now), null]);
    const act = { by: random.pick(["ann", "bob"]), comment: random.pick(["", "seen: all of it"]), nowMillis: this.now };
    if (alert === null) this.alerts.endJob("b", "The job was removed.", this.now);
    else if (random.chance(0.5)) this.alerts.acknowledge(alert.id, act);
    else this.alerts.close(alert.id, random.pick(["useful", "false-alarm", "known-event"]), act);
  }

  #lose(): void {
    const run = random.pick([...this.queue.activeOf(["a", "b"]), null]);
    if (run !== null && random.chance(0.3)) this.queue.cancel(run.id, "Somebody cancelled it.", this.now);
    else this.queue.lose("two", random.chance(0.1), this.now, ({ id }) => ({ id: `${id}l`, atMillis: this.now }));
  }
}

const ENDED_TICK = new Set<unknown>(["done", "failed", "skipped"]);
/** What an as-of must show of the rows of that moment: what had not ended is there without what is told while it waits. */
function known(rows: Rows): unknown {
  return {
    ...rows,
    runs: rows.runs.map(({ id, state, verdict, reason, readings, ended_at }) => [
      id,
      state,
      verdict,
      reason,
      readings,
      ended_at,
    ]),
    ticks: rows.ticks.map((row) => (ENDED_TICK.has(row.state) ? row : [row.job, row.scheduled_for, row.planned_at])),
  };
}

test("at an as-of every table holds what it held then, whatever came since", async () => {
  const life = new Life();
  const relations = new MonitorRelations(folder, life.database);
  const moments: { readonly atMillis: number; readonly rows: Rows }[] = [];
  const states = new Set<unknown>();
  for (let step = 0; step < 1200; step += 1) {
    life.step();
    if (!random.chance(0.03)) continue;
    life.now += 1;
    const rows = await rowsAt(relations, life.now);
    const present = await rowsAt(relations, null);
    for (const { state } of present.ticks) states.add(state);
    expect(known(rows)).toEqual(known(present));
    moments.push({ atMillis: life.now, rows });
  }
  const last = await rowsAt(relations, null);
  for (const table of TABLES.filter((one) => one !== "versions")) expect(last[table].length).toBeGreaterThan(5);
  expect([...states].toSorted()).toEqual(["done", "due", "failed", "running", "skipped", "waiting"]);
  for (const { atMillis, rows } of moments) expect(await rowsAt(relations, atMillis)).toEqual(rows);
  // A later process finds the files as they are.
  const { statements } = await relations.pin(null);
  const later = new MonitorRelations(folder, life.database);
  expect((await later.pin(null)).statements).toEqual(statements);
  life.database.close();
});

test("files go when nobody reads them and they hold no longer what is", async () => {
  const life = new Life();
  const relations = new MonitorRelations(folder, life.database);
  for (let step = 0; step < 50; step += 1) life.step();
  const early = await relations.pin(null);
  for (let step = 0; step < 200; step += 1) {
    life.step();
    (await relations.pin(null)).release();
  }
  const files = (): string[] => readdirSync(relations.folder).filter((name) => name.endsWith(".gz"));
  const named = (statements: readonly string[]): string[] => statements.join().match(/[\w-]+\.ndjson\.gz/g)!;
  const { statements, release } = await relations.pin(null);
  expect(files().toSorted()).toEqual([...new Set([...named(early.statements), ...named(statements)])].toSorted());
  early.release();
  expect(files().toSorted()).toEqual(named(statements).toSorted());
  release();
  life.database.close();
});

test("a database from before the files is not told by them", async () => {
  const life = new Life();
  const relations = new MonitorRelations(folder, life.database);
  for (let step = 0; step < 60; step += 1) life.step();
  await rowsAt(relations, null);
  const copy = path.join(folder, "copy.db");
  life.database.exec(`VACUUM INTO '${copy}'`);
  for (let step = 0; step < 60; step += 1) life.step();
  await rowsAt(relations, null);
  life.database.close();
  for (const suffix of ["-wal", "-shm"])
    await rm(path.join(folder, ".driftbook", `monitor.db${suffix}`), { force: true });
  copyFileSync(copy, path.join(folder, ".driftbook", "monitor.db"));

  const restored = new Life();
  const again = new MonitorRelations(folder, restored.database);
  const { runs } = await rowsAt(again, null);
  const kept = restored.database.prepare("SELECT id, state FROM runs ORDER BY id").all();
  expect(runs.map(({ id, state }) => ({ id, state }))).toEqual(kept.map((row) => ({ ...row })));
  restored.database.close();
});

test("rows of a program that did not number them are there too", async () => {
  const life = new Life();
  for (let step = 0; step < 300; step += 1) life.step();
  const rows = await rowsAt(new MonitorRelations(folder, life.database), null);
  for (const event of ["insert", "update"])
    life.database.exec(`DROP TRIGGER ticks_1000_${event}; DROP TRIGGER runs_1000_${event};`);
  for (const table of ["ticks", "run_readings"])
    life.database.exec(`DROP INDEX ${table}_by_number; ALTER TABLE ${table} DROP COLUMN number;`);
  life.database.exec("DROP TABLE monitor_changes; DROP TABLE monitor_export;");
  makeJobTables(life.database);
  const relations = new MonitorRelations(folder, life.database);
  expect(await rowsAt(relations, null)).toEqual(rows);
  for (let step = 0; step < 300; step += 1) life.step();
  expect((await rowsAt(relations, null)).ticks.length).toBeGreaterThan(rows.ticks.length);
  life.database.close();
});
