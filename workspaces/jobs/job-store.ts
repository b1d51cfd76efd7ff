import type { DatabaseSync } from "node:sqlite";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { Planned } from "../../cells/jobs/plan-ticks.ts";
import type { Reading, Verdict } from "../../cells/results/reading.ts";
import type { Run, Tick } from "../../cells/wire/http-jobs.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { Statements } from "../monitor/statements.ts";
import {
  type ActiveRun,
  isoOf,
  OPEN_RUN_COLUMNS,
  OPEN_TICK_COLUMNS,
  type OpenRun,
  type OpenTick,
  type RemovedJob,
  type StoredJob,
  toJob,
  toOpenRun,
  toOpenTick,
  toRemovedJob,
} from "./job-rows.ts";
import { makeJobTables, QUEUE_ORDER, TURNS } from "./jobs-schema.ts";

/** What an attempt gave, as it is kept. */
export interface RunResult {
  readonly verdict: Verdict;
  /** What a reader must know of the verdict; a sentence. */
  readonly reason: string | null;
  readonly window: readonly [start: string, end: string] | null;
  readonly asOf: string | null;
  readonly readings: readonly CellReading[];
  /** The readings as they are compared by a replay. */
  readonly body: Uint8Array;
  /** Windows that its cells measured, where they have one. */
  readonly measured: Run["measured"];
  readonly inputs: Run["inputs"];
  readonly program: NonNullable<Run["program"]>;
  /** For replays: equal to the readings of the run that was repeated. */
  readonly same: boolean | null;
}

export interface CellReading {
  readonly cell: string;
  /** Kind of the cell. */
  readonly kind: string;
  readonly reading: Reading;
}

/** How a run ended, for those who must act on it within the same transaction. */
export interface EndedRun {
  readonly run: OpenRun;
  readonly result: RunResult | null;
  /** The run failed for good; a sentence. */
  readonly failure: string | null;
  readonly nowMillis: number;
}
export type OnEnded = (ended: EndedRun) => void;
export type OnRemoved = (job: string, nowMillis: number) => void;

export interface NewRun {
  readonly id: string;
  readonly job: string;
  readonly purpose: Run["purpose"];
  readonly scheduledForMillis: number;
  readonly version: number;
  readonly window: readonly [start: string, end: string] | null;
  readonly asOf: string | null;
  /** What relative windows of its cells count from; null for the as-of. */
  readonly dueAt: string | null;
  readonly alerts: boolean;
  readonly replayOf: string | null;
}

/** Holds a run: who does not have its token may not change it. */
export interface Claim {
  readonly run: OpenRun;
  readonly token: number;
}

/** A run whose process is gone is tried again at least so often, whatever its job's `retries` say. */
const LOST_RETRIES = 2;
const OPEN_TICK = "state IN ('due', 'waiting') AND run IS NULL";
/** A list of jobs as JSON, as a relation: asking for many at once costs little more than asking for one. */
const ASKED = "WITH asked (asked_job, position) AS (SELECT value, key FROM json_each(?))";
/** What only the holder of a claim may change: its id, token and the present time are the last values. */
const HELD = "id = ? AND token = ? AND state = 'running' AND lease_until_millis >= ?";

/**
 * Jobs, ticks and runs in `monitor.db`. Every method is one transaction, so that a crash leaves what was before it or
 * what is after it. Times are given in, never taken from a clock. `onEnded` is called within the transaction that ends
 * a run, `onRemoved` within the one that removes a job.
 */
export class JobStore {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #onEnded: OnEnded;
  readonly #onRemoved: OnRemoved;

  constructor(database: DatabaseSync, onEnded: OnEnded = () => {}, onRemoved: OnRemoved = () => {}) {
    makeJobTables(database);
    this.#database = database;
    this.#sql = new Statements(database);
    this.#onEnded = onEnded;
    this.#onRemoved = onRemoved;
  }

  /** Several steps as one: all of them last, or none. */
  together<T>(work: () => T): T {
    return this.#within(work);
  }

  // Jobs

  list(): StoredJob[] {
    return this.#sql.all("SELECT * FROM jobs WHERE removed_at_millis IS NULL ORDER BY name").map(toJob);
  }

  find(name: string): StoredJob | null {
    const row = this.#sql.get("SELECT * FROM jobs WHERE name = ? AND removed_at_millis IS NULL", name);
    return row === null ? null : toJob(row);
  }

  /** Those of the names that there are. */
  findAll(names: readonly string[]): StoredJob[] {
    return this.#sql
      .all(
        `${ASKED} SELECT jobs.* FROM asked CROSS JOIN jobs ON jobs.name = asked_job WHERE removed_at_millis IS NULL`,
        JSON.stringify(names),
      )
      .map(toJob);
  }

  /** Makes the job, or changes its settings; due times count from `nowMillis` on where the job or its schedule is new. */
  put(
    name: string,
    { spec, zone, version }: { readonly spec: JobSpec; readonly zone: string; readonly version: number | null },
    nowMillis: number,
  ): void {
    const text = JSON.stringify(spec);
    this.#within(() => {
      const known = this.find(name);
      if (known === null)
        this.#sql.run(
          `INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, NULL, ?, ?, ?, NULL, NULL)`,
          ...[name, text, zone, version, nowMillis, this.#through(name, nowMillis), nowMillis],
        );
      else {
        this.#sql.run("UPDATE jobs SET spec = ?, zone = ?, version = ? WHERE name = ?", text, zone, version, name);
        const [before, now] = [known.plan, this.find(name)!.plan];
        if (before.cron !== now.cron || before.zone !== now.zone)
          this.#sql.run(
            "UPDATE jobs SET through_millis = max(through_millis, ?), next_millis = ? WHERE name = ?",
            ...[nowMillis, nowMillis, name],
          );
      }
    });
  }

  /** A job that comes back must not meet its own former ticks. */
  #through(name: string, nowMillis: number): number {
    const row = this.#sql.get("SELECT max(scheduled_for_millis) AS last FROM ticks WHERE job = ?", name);
    return Math.max(nowMillis, Number(row?.last ?? 0));
  }

  /** Its history stays; open ticks are skipped. */
  remove(name: string, by: string, nowMillis: number): void {
    this.#within(() => {
      this.#sql.run(
        "UPDATE jobs SET removed_at_millis = ?, removed_by = ? WHERE name = ? AND removed_at_millis IS NULL",
        ...[nowMillis, by, name],
      );
      this.#sql.run(
        `UPDATE ticks SET state = 'skipped', reason = 'The job was removed.', settled_at_millis = ? WHERE job = ? AND ${OPEN_TICK}`,
        ...[nowMillis, name],
      );
      for (const run of this.active(name)) this.#cancel(run, "The job was removed.", nowMillis);
      this.#onRemoved(name, nowMillis);
    });
  }

  /** A job that ended, while none of its name is there. */
  removed(name: string): RemovedJob | null {
    const row = this.#sql.get("SELECT * FROM jobs WHERE name = ? AND removed_at_millis IS NOT NULL", name);
    return row === null ? null : toRemovedJob(row);
  }

  /** The last removed first. */
  listRemoved(): RemovedJob[] {
    return this.#sql
      .all("SELECT * FROM jobs WHERE removed_at_millis IS NOT NULL ORDER BY removed_at_millis DESC, name")
      .map(toRemovedJob);
  }

  pause(name: string, by: string | null): void {
    this.#sql.run("UPDATE jobs SET paused_by = ? WHERE name = ?", by, name);
  }

  // Ticks

  /** Jobs with a due time up to now, the longest due first. */
  due(nowMillis: number, most: number): StoredJob[] {
    return this.#sql
      .all(
        "SELECT * FROM jobs WHERE next_millis <= ? AND removed_at_millis IS NULL AND version IS NOT NULL ORDER BY next_millis LIMIT ?",
        ...[nowMillis, most],
      )
      .map(toJob);
  }

  /** The next time that anything is due by the calendar; null for never. */
  nextDue(): number | null {
    const row = this.#sql.get(
      "SELECT min(next_millis) AS next FROM jobs WHERE removed_at_millis IS NULL AND version IS NOT NULL",
    );
    return row?.next == null ? null : Number(row.next);
  }

  /** Records what `planTicks` found. Nothing where another planner was faster. @returns how many ticks are new */
  planned(jobs: readonly { readonly job: StoredJob; readonly planned: Planned }[], nowMillis: number): number {
    return this.#within(() => {
      let made = 0;
      for (const { job, planned } of jobs) {
        const mine = this.#sql.run(
          "UPDATE jobs SET through_millis = ?, next_millis = ? WHERE name = ? AND through_millis = ?",
          ...[planned.throughMillis, planned.nextMillis, job.name, job.throughMillis],
        );
        if (mine === 0) continue;
        for (const { scheduledForMillis, late, skipped } of planned.ticks)
          made += this.#sql.run(
            "INSERT OR IGNORE INTO ticks VALUES (?, ?, ?, ?, ?, NULL, NULL, ?, ?)",
            ...[job.name, scheduledForMillis, skipped === null ? "due" : "skipped", late ? 1 : 0, skipped, nowMillis],
            skipped === null ? null : nowMillis,
          );
      }
      return made;
    });
  }

  /** Ticks that nothing serves yet, oldest first. */
  openTicks(most: number): OpenTick[] {
    return this.#sql
      .all(`SELECT ${OPEN_TICK_COLUMNS} FROM ticks WHERE ${OPEN_TICK} ORDER BY scheduled_for_millis LIMIT ?`, most)
      .map(toOpenTick);
  }

  /** The same of these jobs: job by job, oldest first. */
  openTicksOf(jobs: readonly string[]): OpenTick[] {
    return this.#sql
      .all(
        `${ASKED} SELECT ${OPEN_TICK_COLUMNS} FROM asked CROSS JOIN ticks INDEXED BY ticks_open_of_job
         ON job = asked_job AND ${OPEN_TICK} ORDER BY position, scheduled_for_millis`,
        JSON.stringify(jobs),
      )
      .map(toOpenTick);
  }

  /** Says why it is not served yet. */
  wait({ job, scheduledForMillis, reason: said }: OpenTick, reason: string): void {
    if (said === reason) return;
    this.#sql.run(
      `UPDATE ticks SET state = 'waiting', reason = ? WHERE job = ? AND scheduled_for_millis = ? AND ${OPEN_TICK}`,
      ...[reason, job, scheduledForMillis],
    );
  }

  skip({ job, scheduledForMillis }: OpenTick, reason: string, nowMillis: number): void {
    this.#sql.run(
      `UPDATE ticks SET state = 'skipped', reason = ?, settled_at_millis = ? WHERE job = ? AND scheduled_for_millis = ? AND ${OPEN_TICK}`,
      ...[reason, nowMillis, job, scheduledForMillis],
    );
  }

  // Runs

  /** Queues the run that serves an open tick. False where something serves it already. */
  serve(tick: OpenTick, run: NewRun, nowMillis: number): boolean {
    return this.#within(() => {
      const mine = this.#sql.run(
        `UPDATE ticks SET run = ?, state = 'due', reason = NULL WHERE job = ? AND scheduled_for_millis = ? AND ${OPEN_TICK}`,
        ...[run.id, tick.job, tick.scheduledForMillis],
      );
      if (mine === 1) this.#insert(run, 1, nowMillis, nowMillis);
      return mine === 1;
    });
  }

  /** Runs that were asked for: now, over the past, or again. Past due times get their tick where they have none. */
  ask(runs: readonly NewRun[], nowMillis: number): void {
    this.#within(() => {
      for (const run of runs) {
        this.#insert(run, 1, nowMillis, nowMillis);
        if (run.purpose === "backfill")
          this.#sql.run(
            "INSERT OR IGNORE INTO ticks VALUES (?, ?, 'skipped', 1, 'Before the job was there; a backfill stands for it.', NULL, NULL, ?, ?)",
            ...[run.job, run.scheduledForMillis, nowMillis, nowMillis],
          );
      }
    });
  }

  /** When the next queued run may begin; null for none. */
  nextQueued(): number | null {
    const row = this.#sql.get(
      "SELECT min(not_before_millis) AS next FROM runs WHERE ended_at_millis IS NULL AND state = 'queued'",
    );
    return row?.next == null ? null : Number(row.next);
  }

  /** Runs of the job that are queued or running, oldest first. */
  active(job: string): ActiveRun[] {
    return this.activeOf([job]);
  }

  /** The same of several jobs: job by job. */
  activeOf(jobs: readonly string[]): ActiveRun[] {
    return this.#sql
      .all(
        `${ASKED} SELECT ${OPEN_RUN_COLUMNS}, state FROM asked CROSS JOIN runs INDEXED BY runs_open
         ON job = asked_job AND ended_at_millis IS NULL ORDER BY position, number`,
        JSON.stringify(jobs),
      )
      .map((row) => ({ ...toOpenRun(row), running: row.state === "running" }));
  }

  /**
   * Begins the next queued runs, as many as there is room for: what people wait for, then ticks, then the past. The lease
   * must be renewed before it ends.
   */
  begin(owner: string, room: number, leaseUntilMillis: number, nowMillis: number): Claim[] {
    // A run's number is a token that grows with every attempt; begun again after it was given back, it gets the next.
    return this.#sql
      .all(
        `UPDATE runs SET state = 'running', token = coalesce(token + 1, number), owner = ?, lease_until_millis = ?, started_at_millis = ?
         WHERE number IN (SELECT number FROM runs WHERE state = 'queued' AND not_before_millis <= ? ORDER BY ${QUEUE_ORDER} LIMIT ?)
         RETURNING ${OPEN_RUN_COLUMNS}, token, number`,
        ...[owner, leaseUntilMillis, nowMillis, nowMillis, room],
      )
      .map((row) => ({ run: toOpenRun(row), token: Number(row.token), number: Number(row.number) }))
      .sort((a, b) => TURNS[a.run.purpose] - TURNS[b.run.purpose] || a.number - b.number)
      .map(({ run, token }) => ({ run, token }));
  }

  renew(owner: string, leaseUntilMillis: number, nowMillis: number): void {
    this.#sql.run(
      "UPDATE runs SET lease_until_millis = ? WHERE ended_at_millis IS NULL AND state = 'running' AND owner = ? AND lease_until_millis >= ?",
      ...[leaseUntilMillis, owner, nowMillis],
    );
  }

  /** What this owner began and will not end is queued again, as the same attempt. */
  giveBack(owner: string, nowMillis: number): void {
    this.#sql.run(
      `UPDATE runs SET state = 'queued', owner = NULL, started_at_millis = NULL, not_before_millis = ?
       WHERE ended_at_millis IS NULL AND state = 'running' AND owner = ?`,
      ...[nowMillis, owner],
    );
  }

  /** Records what the run gave. False where the claim no longer holds: then nothing is changed. */
  publish(claim: Claim, result: RunResult, nowMillis: number): boolean {
    return this.#within(() => {
      if (!this.#done({ where: HELD, values: [claim.run.id, claim.token, nowMillis] }, result, nowMillis)) return false;
      this.#finish(claim.run, result, nowMillis);
      return true;
    });
  }

  /** Settles a tick without running: its data did not come in time. False where something serves it already. */
  withoutData(tick: OpenTick, run: NewRun, result: RunResult, nowMillis: number): boolean {
    return this.#within(() => {
      if (!this.serve(tick, run, nowMillis)) return false;
      this.#done({ where: "id = ?", values: [run.id] }, result, nowMillis);
      this.#finish({ ...run, attempt: 1 }, result, nowMillis);
      return true;
    });
  }

  /** The attempt failed. Queued again after `againAtMillis`, where that is given; else its tick has failed. */
  fail(
    claim: Claim,
    reason: string,
    again: { readonly id: string; readonly atMillis: number } | null,
    nowMillis: number,
  ): boolean {
    return this.#within(() => {
      const held = this.#sql.get(`SELECT id FROM runs WHERE ${HELD}`, claim.run.id, claim.token, nowMillis);
      if (held === null) return false;
      this.#failed(claim.run, "failed", reason, again, nowMillis);
      return true;
    });
  }

  /**
   * Runs whose lease has ended, or that another owner left: their process is gone or too slow, and they are queued
   * again. `alone`: no other owner can be alive.
   */
  lose(
    owner: string,
    alone: boolean,
    nowMillis: number,
    again: (run: OpenRun) => { readonly id: string; readonly atMillis: number },
  ): number {
    return this.#within(() => {
      const rows = this.#sql.all(
        `SELECT ${OPEN_RUN_COLUMNS} FROM runs
         WHERE ended_at_millis IS NULL AND state = 'running' AND (lease_until_millis < ? OR (? = 1 AND owner <> ?))
         ORDER BY number`,
        ...[nowMillis, alone ? 1 : 0, owner],
      );
      for (const run of rows.map(toOpenRun)) {
        const retries = Math.max(LOST_RETRIES, this.find(run.job)?.plan.retries ?? 0);
        const reason = "Its process ended or stood still.";
        this.#failed(run, "lost", reason, run.attempt <= retries ? again(run) : null, nowMillis);
      }
      return rows.length;
    });
  }

  /** Ends a queued or running run; what serves it must stop by itself. */
  cancel(id: string, reason: string, nowMillis: number): boolean {
    return this.#within(() => {
      const row = this.#sql.get(
        `SELECT ${OPEN_RUN_COLUMNS} FROM runs WHERE id = ? AND state IN ('queued', 'running')`,
        id,
      );
      if (row === null) return false;
      this.#cancel(toOpenRun(row), reason, nowMillis);
      return true;
    });
  }

  /** What measured last, as it was accepted; null in a new workspace. */
  get program(): string | null {
    const row = this.#sql.get("SELECT program FROM jobs_program");
    return row === null ? null : String(row.program);
  }

  accept(program: string): void {
    this.#sql.run("INSERT OR REPLACE INTO jobs_program VALUES (1, ?)", program);
  }

  #within<T>(work: () => T): T {
    return transaction(this.#database, work);
  }

  #insert(run: NewRun, attempt: number, notBeforeMillis: number, nowMillis: number): void {
    const { id, job, purpose, scheduledForMillis, version, window, asOf, dueAt, alerts, replayOf } = run;
    this.#sql.run(
      `INSERT INTO runs (id, job, purpose, scheduled_for_millis, attempt, version, state, not_before_millis, window_start,
         window_end, as_of, due_at, alerts, replay_of, created_at_millis)
       VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, job, purpose, scheduledForMillis, attempt, version, notBeforeMillis, window?.[0] ?? null],
      ...[window?.[1] ?? null, asOf, dueAt, alerts ? 1 : 0, replayOf, nowMillis],
    );
  }

  /** Writes what the run gave, where it is still as `where` says. */
  #done(
    { where, values }: { readonly where: string; readonly values: readonly (string | number)[] },
    { verdict, reason, window, asOf, readings, body, measured, inputs, program, same }: RunResult,
    nowMillis: number,
  ): boolean {
    const changed = this.#sql.run(
      `UPDATE runs SET state = 'done', ended_at_millis = ?, started_at_millis = coalesce(started_at_millis, ?), verdict = ?,
         reason = ?, window_start = ?, window_end = ?, as_of = ?, readings = ?, same = ?, about = ?, body = ? WHERE ${where}`,
      ...[nowMillis, nowMillis, verdict, reason, window?.[0] ?? null, window?.[1] ?? null, asOf, readings.length],
      ...[same === null ? null : same ? 1 : 0, JSON.stringify({ measured, inputs, program }), body, ...values],
    );
    return changed === 1;
  }

  #finish(run: OpenRun, result: RunResult, nowMillis: number): void {
    const { verdict, reason, readings } = result;
    for (const [position, { cell, reading }] of readings.entries())
      this.#sql.run(
        "INSERT INTO run_readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[run.id, position, reading.id, cell, reading.metric, reading.subject, reading.slice],
        ...[reading.window?.[0] ?? null, reading.window?.[1] ?? null, reading.asOf, reading.value, reading.lower],
        ...[reading.upper, reading.n, reading.verdict, reading.reason, reading.provisional ? 1 : 0],
        reading.beside === true ? 1 : 0,
      );
    this.#settle(run, "done", reason, verdict, nowMillis);
    this.#onEnded({ run, result, failure: null, nowMillis });
  }

  #failed(
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
    this.#insert({ ...run, id: again.id }, run.attempt + 1, again.atMillis, nowMillis);
    this.#sql.run(
      "UPDATE ticks SET state = 'waiting', run = ?, reason = ? WHERE job = ? AND scheduled_for_millis = ? AND run = ?",
      ...[again.id, `Attempt ${run.attempt} failed: ${reason} Tried again from ${isoOf(again.atMillis)}.`],
      ...[run.job, run.scheduledForMillis, run.id],
    );
  }

  #cancel(run: OpenRun, reason: string, nowMillis: number): void {
    this.#sql.run(
      "UPDATE runs SET state = 'cancelled', reason = ?, ended_at_millis = ? WHERE id = ?",
      ...[reason, nowMillis, run.id],
    );
    this.#settle(run, "skipped", reason, null, nowMillis);
  }

  /** What becomes of the tick that the run served. A backfill serves ticks that nothing served in time. */
  #settle(run: OpenRun, state: Tick["state"], reason: string | null, verdict: Verdict | null, nowMillis: number): void {
    if (run.purpose === "scheduled")
      this.#sql.run(
        `UPDATE ticks SET state = ?, reason = ?, verdict = ?, settled_at_millis = ?
         WHERE job = ? AND scheduled_for_millis = ? AND run = ?`,
        ...[state, reason, verdict, nowMillis, run.job, run.scheduledForMillis, run.id],
      );
    else if (run.purpose === "backfill" && state === "done")
      this.#sql.run(
        `UPDATE ticks SET state = 'done', reason = ?, verdict = ?, run = ?, settled_at_millis = ?
         WHERE job = ? AND scheduled_for_millis = ? AND state IN ('skipped', 'failed')`,
        ...[reason, verdict, run.id, nowMillis, run.job, run.scheduledForMillis],
      );
  }
}
