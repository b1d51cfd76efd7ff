import type { Verdict } from "../../cells/results/reading.ts";
import { judgedValue } from "../../cells/views/reading-words.ts";
import type { Tick } from "../../cells/wire/http-jobs.ts";
import type { Statements } from "../monitor/statements.ts";
import { isoOf, type NewRun, type OpenRun } from "./job-rows.ts";
import { nextNumber } from "./jobs-schema.ts";
import type { OnEnded, RunResult } from "./run-result.ts";

const NEW_READING = `INSERT INTO run_readings
  (run, position, id, cell, metric, subject, slice, window_start, window_end, as_of, value, lower, upper, n, verdict, reason,
   provisional, beside, judged, number)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${nextNumber("run_readings")})`;

const FILL = `UPDATE ticks SET
    before_backfill = json_object('state', ticks.state, 'reason', ticks.reason, 'run', ticks.run, 'settled', settled_at_millis),
    state = 'done', reason = filling.reason, verdict = filling.verdict, run = filling.id, settled_at_millis = ?3
  FROM (
    SELECT id, reason, verdict FROM runs INDEXED BY runs_of_tick
    WHERE job = ?1 AND scheduled_for_millis = ?2 AND purpose = 'backfill' AND state = 'done' ORDER BY number DESC LIMIT 1
  ) AS filling
  WHERE ticks.job = ?1 AND ticks.scheduled_for_millis = ?2 AND ticks.state IN ('skipped', 'failed')`;

/**
 * Writes runs, from the queue to their end, with what becomes of the ticks that they serve. Every call joins the
 * transaction of its caller; `onEnded` is called within it.
 */
export class RunWriter {
  readonly #sql: Statements;
  readonly #onEnded: OnEnded;

  constructor(sql: Statements, onEnded: OnEnded) {
    this.#sql = sql;
    this.#onEnded = onEnded;
  }

  queue(run: NewRun, attempt: number, notBeforeMillis: number, nowMillis: number): void {
    const { id, job, purpose, scheduledForMillis, version, window, asOf, dueAt, alerts, replayOf } = run;
    this.#sql.run(
      `INSERT INTO runs (id, job, purpose, scheduled_for_millis, attempt, version, state, not_before_millis, window_start,
         window_end, as_of, due_at, alerts, replay_of, created_at_millis)
       VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, job, purpose, scheduledForMillis, attempt, version, notBeforeMillis, window?.[0] ?? null],
      ...[window?.[1] ?? null, asOf, dueAt, alerts ? 1 : 0, replayOf, nowMillis],
    );
  }

  /** Writes what the run gave, where it is still as `where` says; else nothing. */
  done(
    run: OpenRun,
    result: RunResult,
    { where, values }: { readonly where: string; readonly values: readonly (string | number)[] },
    nowMillis: number,
  ): boolean {
    const { verdict, reason, window, asOf, readings, body, measured, inputs, program, same } = result;
    const changed = this.#sql.run(
      `UPDATE runs SET state = 'done', ended_at_millis = ?, started_at_millis = coalesce(started_at_millis, ?), verdict = ?,
         reason = ?, window_start = ?, window_end = ?, as_of = ?, readings = ?, same = ?, about = ?, body = ? WHERE ${where}`,
      ...[nowMillis, nowMillis, verdict, reason, window?.[0] ?? null, window?.[1] ?? null, asOf, readings.length],
      ...[same === null ? null : same ? 1 : 0, JSON.stringify({ measured, inputs, program }), body, ...values],
    );
    if (changed === 0) return false;
    for (const [position, { cell, reading }] of readings.entries())
      this.#sql.run(
        NEW_READING,
        ...[run.id, position, reading.id, cell, reading.metric, reading.subject, reading.slice],
        ...[reading.window?.[0] ?? null, reading.window?.[1] ?? null, reading.asOf, reading.value, reading.lower],
        ...[reading.upper, reading.n, reading.verdict, reading.reason, reading.provisional ? 1 : 0],
        ...[reading.beside === true ? 1 : 0, judgedValue(reading)],
      );
    this.#settle(run, "done", reason, verdict, nowMillis);
    this.#onEnded({ run, result, failure: null, nowMillis });
    return true;
  }

  /** `again`: the next attempt and its earliest time; null where its tick has failed with it. */
  failed(
    run: OpenRun,
    state: "failed" | "lost",
    reason: string,
    again: { readonly id: string; readonly atMillis: number } | null,
    nowMillis: number,
  ): void {
    this.#sql.run(
      "UPDATE runs SET state = ?, reason = ?, ended_at_millis = ? WHERE id = ?",
      ...[state, reason, nowMillis, run.id],
    );
    if (again === null) {
      this.#settle(run, "failed", reason, null, nowMillis);
      this.#onEnded({ run, result: null, failure: reason, nowMillis });
      return;
    }
    this.queue({ ...run, id: again.id }, run.attempt + 1, again.atMillis, nowMillis);
    this.#sql.run(
      "UPDATE ticks SET state = 'waiting', run = ?, reason = ? WHERE job = ? AND scheduled_for_millis = ? AND run = ?",
      ...[again.id, `Attempt ${run.attempt} failed: ${reason} Tried again from ${isoOf(again.atMillis)}.`],
      ...[run.job, run.scheduledForMillis, run.id],
    );
  }

  cancel(run: OpenRun, reason: string, nowMillis: number): void {
    this.#sql.run(
      "UPDATE runs SET state = 'cancelled', reason = ?, ended_at_millis = ? WHERE id = ?",
      ...[reason, nowMillis, run.id],
    );
    this.#settle(run, "skipped", reason, null, nowMillis);
  }

  /** A tick that came to nothing is served by a backfill of its time, whichever of the two ended first. */
  fill({ job, scheduledForMillis }: Pick<OpenRun, "job" | "scheduledForMillis">, nowMillis: number): void {
    this.#sql.run(FILL, job, scheduledForMillis, nowMillis);
  }

  /** What becomes of the tick that the run served. */
  #settle(run: OpenRun, state: Tick["state"], reason: string | null, verdict: Verdict | null, nowMillis: number): void {
    if (run.purpose === "scheduled")
      this.#sql.run(
        `UPDATE ticks SET state = ?, reason = ?, verdict = ?, settled_at_millis = ?
         WHERE job = ? AND scheduled_for_millis = ? AND run = ?`,
        ...[state, reason, verdict, nowMillis, run.job, run.scheduledForMillis, run.id],
      );
    this.fill(run, nowMillis);
  }
}
