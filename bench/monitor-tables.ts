/**
 * The tables of jobs for SQL cells, over a long history: what the first reader waits for, what everybody waits for after
 * one more run, and a question about all readings beside the same one to rows that DuckDB holds.
 * Usage: node bench/monitor-tables.ts [RUNS] [READINGS OF EACH]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { newRun } from "../test/support/new-run.ts";
import { OK_RESULT } from "../test/support/ok-result.ts";
import { makeAlertTables } from "../workspaces/alerts/alert-tables.ts";
import { JobQueue } from "../workspaces/jobs/job-queue.ts";
import { openMonitorDatabase, transaction } from "../workspaces/monitor/monitor-database.ts";
import { MonitorRelations } from "../workspaces/monitor/monitor-relations.ts";

const RUNS = Number(process.argv[2] ?? 200_000);
const READINGS = Number(process.argv[3] ?? 10);
const HOUR = 3_600_000;
const START = Date.UTC(2025, 0, 1);

const folder = await mkdtemp(path.join(tmpdir(), "monitor-tables-"));
try {
  const database = openMonitorDatabase(folder);
  const queue = new JobQueue(database);
  makeAlertTables(database);
  const relations = new MonitorRelations(folder, database);
  const readings = Array.from({ length: READINGS }, (_, index) => ({
    cell: "score_drift",
    kind: "drift",
    reading: {
      ...{ id: "0123456789abcdef", definition: "psi@1", metric: "psi", subject: `column_${index}`, slice: null },
      ...{ window: null, asOf: "2026-01-01T00:00:00Z", value: index / 100, lower: 0, upper: 1, n: 1000 },
      ...{ nReference: 1000, bounds: { warn: null, fail: { type: "above", value: 0.2 } }, verdict: "ok", reason: null },
      ...{ provisional: false, details: {} },
    },
  }));
  const result = { ...OK_RESULT, readings: readings as never, body: gzipSync(JSON.stringify(readings)) };
  const one = (number: number): void => {
    const [job, scheduledForMillis] = [`job-${number % 100}`, START + Math.floor(number / 100) * HOUR];
    const tick = { job, scheduledForMillis, late: false, reason: null, plannedAtMillis: scheduledForMillis };
    database
      .prepare(
        "INSERT INTO ticks (job, scheduled_for_millis, state, late, planned_at_millis, number) VALUES (?, ?, 'due', 0, ?, ?)",
      )
      .run(job, scheduledForMillis, scheduledForMillis, number + 1);
    const run = newRun(`run-${number}`, { job, scheduledForMillis, alerts: false });
    queue.withoutData(tick, run, result, scheduledForMillis + 1000);
  };
  for (let number = 0; number < RUNS; ) {
    transaction(database, () => {
      for (const until = Math.min(RUNS, number + 5000); number < until; number += 1) one(number);
    });
  }
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const pinned = async (asOf: string | null): Promise<readonly string[]> => (await relations.pin(asOf)).statements;
  const timed = async (name: string, work: () => Promise<unknown>): Promise<number> => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const from = performance.now();
    await work();
    const millis = performance.now() - from;
    delay.disable();
    console.log(`${name}: ${millis.toFixed(0)} ms, others waited up to ${(delay.max / 1e6).toFixed(0)} ms`);
    return millis;
  };
  console.log(`${RUNS} runs with ${READINGS} readings each`);
  await timed("first reader", () => pinned(null));
  await timed("again, nothing new", () => pinned(null));
  for (let more = 0; more < 5; more += 1) {
    one(RUNS + more);
    await timed("after one more run", () => pinned(null));
  }
  const statements = await pinned("2026-01-01T00:00:00Z");
  await timed("views", async () => {
    for (const statement of statements) await connection.run(statement);
  });
  const question = (table: string): string =>
    `SELECT job, subject, count(*), avg(value), max(measured_at) FROM ${table} WHERE verdict = 'ok' GROUP BY ALL`;
  const ours = await timed("a question about all readings", () => connection.run(question("monitor.readings")));
  await connection.run("CREATE TABLE held AS FROM monitor.readings");
  const bare = await timed("the same of rows in memory", () => connection.run(question("held")));
  await timed("all ticks by state", () =>
    connection.run("SELECT job, state, count(*) FROM monitor.ticks GROUP BY ALL"),
  );
  await timed("all runs by state", () => connection.run("SELECT job, state, count(*) FROM monitor.runs GROUP BY ALL"));
  console.log(`from files ${(ours / bare).toFixed(1)} × the rows in memory`);
  connection.closeSync();
  database.close();
} finally {
  await rm(folder, { recursive: true });
}
