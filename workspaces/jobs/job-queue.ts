import type { DatabaseSync } from "node:sqlite";
import type { Planned } from "../../cells/jobs/plan-ticks.ts";
import { transaction } from "../monitor/monitor-database.ts";
import { Statements } from "../monitor/statements.ts";
import {
  type ActiveRun,
  type NewRun,
  OPEN_RUN_COLUMNS,
  OPEN_TICK_COLUMNS,
  type OpenRun,
  type OpenTick,
  type StoredJob,
  toJob,
  toOpenRun,
  toOpenTick,
} from "./job-rows.ts";
import { makeJobTables, nextNumber, QUEUE_ORDER, TURNS } from "./jobs-schema.ts";
import type { OnEnded, RunResult } from "./run-result.ts";
import { RunWriter } from "./run-writer.ts";

/** Holds a run: who does not have its token may not change it. */
export interface Claim {
  readonly run: OpenRun;
  readonly token: number;
}

/** A run whose process is gone is tried again at least so often, whatever its job's `retries` say. */
const LOST_RETRIES = 2;
/** The longest pause before another attempt. */
export const MOST_BACKOFF_MILLIS = 10 * 60_000;
const OPEN_TICK = "state IN ('due', 'waiting') AND run IS NULL";
/** Its job, due time, state, whether it is late, reason, and when it was planned and settled. Nothing where it is there. */
const NEW_TICK = `INSERT OR IGNORE INTO ticks
  (job, scheduled_for_millis, state, late, reason, planned_at_millis, settled_at_millis, number)
  VALUES (?, ?, ?, ?, ?, ?, ?, ${nextNumber("ticks")})`;
/** Of a tick that came due while nothing could run: where many did, it is looked at when those before it are served. */
export const MISSED = "It was missed, and waits for its turn.";
export const BEFORE_THE_JOB = "Before the job was there; a backfill stands for it.";
/** A list of jobs as JSON, as a relation: asking for many at once costs little more than asking for one. */
const ASKED = "WITH asked (asked_job, position) AS (SELECT value, key FROM json_each(?))";
/** What only the holder of a claim may change: its id, token and the present time are the last values. */
const HELD = "id = ? AND token = ? AND state = 'running' AND lease_until_millis >= ?";

/**
 * What is due and what runs, in `monitor.db`: due times become ticks, ticks are served by runs, runs are claimed and end.
 * Every method is one transaction or joins that of its caller, so that a crash leaves what was before it or what is after
 * it. Times are given in, never taken from a clock. `onEnded` is called within the transaction that ends a run.
 */
export class JobQueue {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #runs: RunWriter;

  constructor(database: DatabaseSync, onEnded: OnEnded = () => {}) {
    makeJobTables(database);
    this.#database = database;
    this.#sql = new Statements(database);
    this.#runs = new RunWriter(this.#sql, onEnded);
  }

  /** Several steps as one: all of them last, or none. */
  together<T>(work: () => T): T {
    return transaction(this.#database, work);
  }

  // Ticks

  /** Jobs in force, of these names. */
  findAll(names: readonly string[]): StoredJob[] {
    return this.#sql
      .all(
        `${ASKED} SELECT jobs.* FROM asked CROSS JOIN jobs ON jobs.name = asked_job WHERE removed_at_millis IS NULL`,
        JSON.stringify(names),
      )
      .map(toJob);
  }

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
    return this.together(() => {
      let made = 0;
      for (const { job, planned } of jobs) {
        const mine = this.#sql.run(
          "UPDATE jobs SET through_millis = ?, next_millis = ? WHERE name = ? AND through_millis = ?",
          ...[planned.throughMillis, planned.nextMillis, job.name, job.throughMillis],
        );
        if (mine === 0) continue;
        for (const { scheduledForMillis, late, skipped } of planned.ticks)
          made += this.#sql.run(
            NEW_TICK,
            ...[job.name, scheduledForMillis, skipped === null ? "due" : "skipped", late ? 1 : 0],
            ...[skipped ?? (late ? MISSED : null), nowMillis, skipped === null ? null : nowMillis],
          );
      }
      return made;
    });
  }

  /** Ticks of all jobs that nothing serves yet, as `openTicksOf` gives them. */
  openTicks(mostOfEach: number): OpenTick[] {
    const jobs = this.#sql.all(
      `SELECT DISTINCT job FROM ticks INDEXED BY ticks_open_of_job WHERE ${OPEN_TICK} ORDER BY job`,
    );
    return this.openTicksOf(
      jobs.map(({ job }) => String(job)),
      mostOfEach,
    );
  }

  /**
   * Ticks of these jobs that nothing serves yet, job by job, oldest first: of each the first few, and those that nobody
   * has looked at. A job that has missed thousands costs no more than another.
   */
  openTicksOf(jobs: readonly string[], mostOfEach: number): OpenTick[] {
    return this.#sql
      .all(
        `WITH asked AS MATERIALIZED (
           SELECT value AS asked_job, key AS position, (
             SELECT scheduled_for_millis FROM ticks INDEXED BY ticks_open_of_job
             WHERE job = value AND ${OPEN_TICK} ORDER BY scheduled_for_millis LIMIT 1 OFFSET ?2
           ) AS beyond FROM json_each(?1)
         )
         SELECT ${OPEN_TICK_COLUMNS} FROM asked CROSS JOIN ticks INDEXED BY ticks_open_of_job
         ON job = asked_job AND ${OPEN_TICK}
         WHERE beyond IS NULL OR scheduled_for_millis < beyond OR reason IS NULL
         ORDER BY position, scheduled_for_millis`,
        ...[JSON.stringify(jobs), mostOfEach],
      )
      .map(toOpenTick);
  }

  /** The oldest of the job's open ticks that came due while it could run; null for none. */
  firstOnTime(job: string): OpenTick | null {
    const row = this.#sql.get(
      `SELECT ${OPEN_TICK_COLUMNS} FROM ticks INDEXED BY ticks_open_of_job
       WHERE job = ? AND ${OPEN_TICK} AND late = 0 ORDER BY scheduled_for_millis LIMIT 1`,
      job,
    );
    return row === null ? null : toOpenTick(row);
  }

  /** Says why it is not served yet. */
  wait({ job, scheduledForMillis, reason: said }: OpenTick, reason: string): void {
    if (said === reason) return;
    this.#sql.run(
      `UPDATE ticks SET state = 'waiting', reason = ? WHERE job = ? AND scheduled_for_millis = ? AND ${OPEN_TICK}`,
      ...[reason, job, scheduledForMillis],
    );
  }

  skip(tick: OpenTick, reason: string, nowMillis: number): void {
    this.together(() => {
      const skipped = this.#sql.run(
        `UPDATE ticks SET state = 'skipped', reason = ?, settled_at_millis = ? WHERE job = ? AND scheduled_for_millis = ? AND ${OPEN_TICK}`,
        ...[reason, nowMillis, tick.job, tick.scheduledForMillis],
      );
      if (skipped > 0) this.#runs.fill(tick, nowMillis);
    });
  }

  // Runs

  /** Queues the run that serves an open tick. False where something serves it already. */
  serve(tick: OpenTick, run: NewRun, nowMillis: number): boolean {
    return this.together(() => {
      const mine = this.#sql.run(
        `UPDATE ticks SET run = ?, state = 'due', reason = NULL WHERE job = ? AND scheduled_for_millis = ? AND ${OPEN_TICK}`,
        ...[run.id, tick.job, tick.scheduledForMillis],
      );
      if (mine === 1) this.#runs.queue(run, 1, nowMillis, nowMillis);
      return mine === 1;
    });
  }

  /** Runs that were asked for: now, over the past, or again. Past due times get their tick where they have none. */
  ask(runs: readonly NewRun[], nowMillis: number): void {
    this.together(() => {
      for (const run of runs) {
        this.#runs.queue(run, 1, nowMillis, nowMillis);
        if (run.purpose === "backfill")
          this.#sql.run(
            NEW_TICK,
            ...[run.job, run.scheduledForMillis, "skipped", 1, BEFORE_THE_JOB, nowMillis, nowMillis],
          );
      }
    });
  }

  /** When the next queued run may begin; null for none. */
  nextQueued(nowMillis: number): number | null {
    const row = this.#sql.get(
      `SELECT min(iif(not_before_millis > ?2, ?1, not_before_millis)) AS next FROM runs
       WHERE ended_at_millis IS NULL AND state = 'queued'`,
      ...[nowMillis, nowMillis + MOST_BACKOFF_MILLIS],
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

  /** How many `active` gives. */
  countActive(job: string): number {
    const row = this.#sql.get(
      "SELECT count(*) AS count FROM runs INDEXED BY runs_open WHERE job = ? AND ended_at_millis IS NULL",
      job,
    );
    return Number(row!.count);
  }

  /** Whether a run that may make alerts, and was due before this time, has not ended. */
  isAwaited(job: string, dueMillis: number): boolean {
    const row = this.#sql.get(
      `SELECT 1 FROM runs INDEXED BY runs_awaited
       WHERE job = ? AND scheduled_for_millis < ? AND ended_at_millis IS NULL AND alerts = 1 LIMIT 1`,
      ...[job, dueMillis],
    );
    return row !== null;
  }

  /** Whether the run is queued or running. */
  isOpen(run: string): boolean {
    return this.#sql.get("SELECT 1 FROM runs WHERE id = ? AND ended_at_millis IS NULL", run) !== null;
  }

  /**
   * Begins the next queued runs, as many as there is room for: what people wait for, then ticks, then the past. The lease
   * must be renewed before it ends. A run that would have to wait longer than any pause lasts was queued before the clock
   * was set back: it may begin.
   */
  begin(owner: string, room: number, leaseUntilMillis: number, nowMillis: number): Claim[] {
    // A run's number is a token that grows with every attempt; begun again after it was given back, it gets the next.
    return this.#sql
      .all(
        `UPDATE runs SET state = 'running', token = coalesce(token + 1, number), owner = ?, lease_until_millis = ?, started_at_millis = ?
         WHERE number IN (
           SELECT number FROM runs WHERE state = 'queued' AND (not_before_millis <= ? OR not_before_millis > ?)
           ORDER BY ${QUEUE_ORDER} LIMIT ?
         )
         RETURNING ${OPEN_RUN_COLUMNS}, token, number`,
        ...[owner, leaseUntilMillis, nowMillis, nowMillis, nowMillis + MOST_BACKOFF_MILLIS, room],
      )
      .map((row) => ({ run: toOpenRun(row), token: Number(row.token), number: Number(row.number) }))
      .sort((a, b) => TURNS[a.run.purpose] - TURNS[b.run.purpose] || a.number - b.number)
      .map(({ run, token }) => ({ run, token }));
  }

  /** These runs of its own go on, also where the clock was set forward, or stood still, past their leases: if others took them they ended. */
  renew(owner: string, runs: readonly string[], leaseUntilMillis: number): void {
    this.#sql.run(
      `UPDATE runs SET lease_until_millis = ? WHERE ended_at_millis IS NULL AND state = 'running' AND owner = ?
       AND id IN (SELECT value FROM json_each(?))`,
      ...[leaseUntilMillis, owner, JSON.stringify(runs)],
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
    const { run, token } = claim;
    const held = { where: HELD, values: [run.id, token, nowMillis] };
    return this.together(() => this.#runs.done(run, result, held, nowMillis));
  }

  /** Settles a tick without running: its data did not come in time. False where something serves it already. */
  withoutData(tick: OpenTick, run: NewRun, result: RunResult, nowMillis: number): boolean {
    return this.together(() => {
      if (!this.serve(tick, run, nowMillis)) return false;
      return this.#runs.done({ ...run, attempt: 1 }, result, { where: "id = ?", values: [run.id] }, nowMillis);
    });
  }

  /** The attempt failed. `again`: the next one and its earliest time; null where its tick has failed with it. */
  fail(
    claim: Claim,
    reason: string,
    again: { readonly id: string; readonly atMillis: number } | null,
    nowMillis: number,
  ): boolean {
    return this.together(() => {
      const held = this.#sql.get(`SELECT id FROM runs WHERE ${HELD}`, claim.run.id, claim.token, nowMillis);
      if (held === null) return false;
      this.#runs.failed(claim.run, "failed", reason, again, nowMillis);
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
    return this.together(() => {
      // The index is named, for the planner would read all runs that ever were in their order.
      const rows = this.#sql.all(
        `SELECT ${OPEN_RUN_COLUMNS} FROM runs INDEXED BY runs_open
         WHERE ended_at_millis IS NULL AND state = 'running' AND (lease_until_millis < ? OR (? = 1 AND owner <> ?))
         ORDER BY number`,
        ...[nowMillis, alone ? 1 : 0, owner],
      );
      for (const run of rows.map(toOpenRun)) {
        const retries = Math.max(LOST_RETRIES, this.findAll([run.job])[0]?.plan.retries ?? 0);
        const reason = "Its process ended or stood still.";
        this.#runs.failed(run, "lost", reason, run.attempt <= retries ? again(run) : null, nowMillis);
      }
      return rows.length;
    });
  }

  /** Ends a queued or running run; what serves it must stop by itself. */
  cancel(id: string, reason: string, nowMillis: number): boolean {
    return this.together(() => {
      const row = this.#sql.get(
        `SELECT ${OPEN_RUN_COLUMNS} FROM runs WHERE id = ? AND state IN ('queued', 'running')`,
        id,
      );
      if (row === null) return false;
      this.#runs.cancel(toOpenRun(row), reason, nowMillis);
      return true;
    });
  }

  /** Nothing of the job is open any more: ticks are skipped, runs cancelled. */
  drop(job: string, reason: string, nowMillis: number): void {
    this.together(() => {
      this.#sql.run(
        "UPDATE ticks SET state = 'skipped', reason = ?, settled_at_millis = ? WHERE job = ? AND settled_at_millis IS NULL",
        ...[reason, nowMillis, job],
      );
      const filled = this.#sql.all(
        `SELECT DISTINCT scheduled_for_millis AS due FROM runs WHERE job = ?1 AND purpose = 'backfill' AND state = 'done'
           AND scheduled_for_millis IN (SELECT scheduled_for_millis FROM ticks WHERE job = ?1 AND state = 'skipped' AND settled_at_millis = ?2)`,
        ...[job, nowMillis],
      );
      for (const { due } of filled) this.#runs.fill({ job, scheduledForMillis: Number(due) }, nowMillis);
      // By the job's own index: there may be as many as a backfill has.
      this.#sql.run(
        `UPDATE runs INDEXED BY runs_open SET state = 'cancelled', reason = ?, ended_at_millis = ?
         WHERE job = ? AND ended_at_millis IS NULL`,
        ...[reason, nowMillis, job],
      );
    });
  }
}
