import type { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import type { PastValue } from "../../cells/alerts/past-value.ts";
import type { Run, SeriesRun, Tick } from "../../cells/wire/http-jobs.ts";
import { Statements } from "../monitor/statements.ts";
import { eventWindow } from "./event-window.ts";
import { type RunReading, toRun, toRunReading, toTick } from "./job-rows.ts";
import { jobSeries } from "./job-series.ts";
import { makeJobTables } from "./jobs-schema.ts";
import { pastValues, type ValueOfJob } from "./past-values.ts";
import type { CellReading } from "./run-result.ts";

/** What was: ticks, runs and what they measured, as pages, alerts and replays read them. Changes nothing. */
export class JobHistory {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    makeJobTables(database);
    this.#sql = new Statements(database);
  }

  tick(job: string, scheduledForMillis: number): Tick | null {
    const row = this.#sql.get(
      "SELECT * FROM ticks_now WHERE job = ? AND scheduled_for_millis = ?",
      ...[job, scheduledForMillis],
    );
    return row === null ? null : toTick(row);
  }

  /** Newest first: the newest, or those due before a time. */
  ticks(job: string, most: number, beforeMillis: number = Number.MAX_SAFE_INTEGER): Tick[] {
    return this.#sql
      .all(
        "SELECT * FROM ticks_now WHERE job = ? AND scheduled_for_millis < ? ORDER BY scheduled_for_millis DESC LIMIT ?",
        ...[job, beforeMillis, most],
      )
      .map(toTick);
  }

  run(id: string): Run | null {
    const row = this.#sql.get("SELECT * FROM runs WHERE id = ?", id);
    return row === null ? null : toRun(row);
  }

  /** Newest first: the newest, or those that were asked for before a run. */
  runs(job: string, most: number, before: string | null = null): Run[] {
    const from = "number < coalesce((SELECT number FROM runs WHERE id = ?), 9223372036854775807)";
    return this.#sql
      .all(`SELECT * FROM runs WHERE job = ? AND ${from} ORDER BY number DESC LIMIT ?`, job, before, most)
      .map(toRun);
  }

  /** Runs that are done, due at a time or later (null: whenever) and ended at a time or later, in the order of due times. */
  doneFrom(job: string, due: string | null, endedAt: string, most: number): Run[] {
    return this.#sql
      .all(
        `SELECT * FROM runs WHERE job = ? AND scheduled_for_millis >= ? AND ended_at_millis >= ? AND state = 'done'
         ORDER BY scheduled_for_millis, number LIMIT ?`,
        ...[job, due === null ? 0 : Date.parse(due), Date.parse(endedAt), most],
      )
      .map(toRun);
  }

  /** The run that was due last, whatever became of it; repetitions do not count. */
  lastRun(job: string): Run | null {
    const row = this.#sql.get(
      "SELECT * FROM runs WHERE job = ? AND purpose <> 'replay' ORDER BY scheduled_for_millis DESC, number DESC LIMIT 1",
      job,
    );
    return row === null ? null : toRun(row);
  }

  /** The newest run that measured something and can be repeated. */
  lastMeasured(job: string): Run | null {
    const row = this.#sql.get(
      `SELECT * FROM runs WHERE job = ? AND state = 'done' AND purpose <> 'replay' AND as_of IS NOT NULL AND readings > 0
       ORDER BY scheduled_for_millis DESC, number DESC LIMIT 1`,
      job,
    );
    return row === null ? null : toRun(row);
  }

  /** What became of repeating a run, the newest answer; null where it was not repeated. */
  replayOf(run: string): Run | null {
    const row = this.#sql.get(
      "SELECT * FROM runs WHERE replay_of = ? AND state IN ('done', 'failed') ORDER BY number DESC LIMIT 1",
      run,
    );
    return row === null ? null : toRun(row);
  }

  /** The newest run that gave this reading, of any job or of this one: two may ask the same. Null where none did. */
  runOfReading(reading: string, job: string | null): Run | null {
    const row = this.#sql.get(
      `SELECT runs.* FROM run_readings JOIN runs ON runs.id = run_readings.run
       WHERE run_readings.id = ?1 AND (?2 IS NULL OR runs.job = ?2) ORDER BY runs.number DESC LIMIT 1`,
      reading,
      job,
    );
    return row === null ? null : toRun(row);
  }

  /** What a run measured, in its order. */
  readings(run: string): RunReading[] {
    return this.#sql.all("SELECT * FROM run_readings WHERE run = ? ORDER BY position", run).map(toRunReading);
  }

  /** Of a run that is done; null where there is none. */
  body(id: string): Uint8Array | null {
    const row = this.#sql.get("SELECT body FROM runs WHERE id = ?", id);
    return row?.body == null ? null : (row.body as Uint8Array);
  }

  /** What a run measured, whole; nothing where it is not done. */
  measured(id: string): readonly CellReading[] {
    const body = this.body(id);
    return body === null ? [] : (JSON.parse(gunzipSync(body).toString("utf8")) as CellReading[]);
  }

  /** What the newest runs that count for alerts made of a value, up to a due time, oldest first. */
  pastValues(of: ValueOfJob, throughMillis: number): PastValue[] {
    return pastValues(this.#sql, of, throughMillis);
  }

  /** What an alert on a value was about, as `eventWindow`. */
  eventWindow(
    of: ValueOfJob,
    episode: Parameters<typeof eventWindow>[2],
  ): readonly [start: string, end: string] | null {
    return eventWindow(this.#sql, of, episode);
  }

  /** The course of a value over the newest due times, oldest first. */
  series(of: ValueOfJob): SeriesRun[] {
    return jobSeries(this.#sql, of);
  }
}
