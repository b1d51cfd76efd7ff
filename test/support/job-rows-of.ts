import type { DatabaseSync } from "node:sqlite";
import type { Rows, RunRow, TickRow } from "./job-rules.ts";
import type { MemoryJobStore } from "./memory-job-store.ts";

/** All ticks and runs of a database. */
export function storedRows(database: DatabaseSync): Rows {
  const ticks = database
    .prepare(
      "SELECT job, scheduled_for_millis AS at, state, reason, late, planned_at_millis AS plannedAt, run FROM ticks ORDER BY 1, 2",
    )
    .iterate();
  const runs = database
    .prepare(
      "SELECT id, job, scheduled_for_millis AS at, purpose, state, attempt FROM runs INDEXED BY runs_of_tick ORDER BY 2, 3, number",
    )
    .iterate();
  return { ticks: mapped(ticks, toTick), runs: runs as Iterable<never> };
}

const toTick = (row: Record<string, unknown>): TickRow => ({ ...(row as unknown as TickRow), late: row.late === 1 });

/** The same of the model. */
export function modelRows(store: MemoryJobStore): Rows {
  const jobs = [...store.ticks.keys()].sort();
  const ticks = function* (): Generator<TickRow> {
    for (const job of jobs) {
      const those = [...store.ticks.get(job)!.values()].sort((a, b) => a.scheduledForMillis - b.scheduledForMillis);
      for (const { scheduledForMillis, state, reason, late, plannedAtMillis, run } of those)
        yield { job, at: scheduledForMillis, state, reason, late, plannedAt: plannedAtMillis, run };
    }
  };
  const byJob = Map.groupBy(store.runs, ({ job }) => job);
  const runs = function* (): Generator<RunRow> {
    for (const job of [...byJob.keys()].sort()) {
      const those = byJob
        .get(job)!
        .toSorted((a, b) => a.scheduledForMillis - b.scheduledForMillis || a.number - b.number);
      for (const { id, scheduledForMillis, purpose, state, attempt } of those)
        yield { id, job, at: scheduledForMillis, purpose, state, attempt };
    }
  };
  return { ticks: ticks(), runs: runs() };
}

function* mapped<A, B>(rows: Iterable<A>, change: (row: A) => B): Generator<B> {
  for (const row of rows) yield change(row);
}
