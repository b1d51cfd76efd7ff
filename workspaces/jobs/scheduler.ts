import { DueTimes } from "../../cells/jobs/due-times.ts";
import { planTicks } from "../../cells/jobs/plan-ticks.ts";
import type { OpenRun, OpenTick, StoredJob } from "./job-rows.ts";
import type { JobStore, NewRun, RunResult } from "./job-store.ts";

/** What the run of a tick is to measure: its window and, where it must wait for data, why. */
export type Readiness =
  | { readonly ready: true; readonly window: NewRun["window"] }
  /** `reason` says what is missing. */
  | { readonly ready: false; readonly window: NewRun["window"]; readonly reason: string };

/** An attempt failed in a way that another attempt may not: a process died, a disk was full. */
export class TransientFailure extends Error {
  override readonly name = "TransientFailure";
}

export interface SchedulerPorts {
  readonly store: JobStore;
  readonly nowMillis: () => number;
  readonly newId: () => string;
  /** Of this scheduler alone; what others own is theirs while their lease lasts. */
  readonly owner: string;
  /** No other scheduler can be alive over this store. */
  readonly alone: boolean;
  readonly concurrency: number;
  /** Due times that are known already; its own if absent. */
  readonly due?: DueTimes;
  /** False where only what was asked for runs, and no tick is planned or served: for commands beside no server. */
  readonly schedules?: () => boolean;
  /** Whether the data of the tick's window has arrived. @throws Error with a sentence where the job cannot run */
  readonly readiness: (job: StoredJob, tick: OpenTick) => Readiness;
  /** What stands for the run of a tick whose data did not come. */
  readonly noData: (job: StoredJob, window: NewRun["window"], reason: string) => RunResult;
  /** Runs it within `timeoutMillis`. @throws TransientFailure, or Error with a sentence where trying again is of no use */
  readonly execute: (run: OpenRun, timeoutMillis: number, signal: AbortSignal) => Promise<RunResult>;
  /** After a run's result was recorded. */
  readonly onPublished?: (run: OpenRun, result: RunResult) => void;
  /** Something happened that somebody may wait for. */
  readonly onChange: () => void;
  /** A defect of the scheduler's own. */
  readonly onError: (error: unknown) => void;
}

/** A run that was not renewed for so long is lost. */
export const LEASE_MILLIS = 30_000;
const RENEW_MILLIS = 10_000;
const FIRST_BACKOFF_MILLIS = 10_000;
const MOST_BACKOFF_MILLIS = 10 * 60_000;
/** How often ticks that wait for data are looked at. */
const LOOK_MILLIS = 15_000;
/** With nothing to do, nothing to renew, and nothing that waits. */
const MOST_REST_MILLIS = 60 * 60_000;
const JOBS_AT_ONCE = 500;
const TICKS_AT_ONCE = 5000;

/**
 * Turns due times into ticks, ticks into runs, and runs into results, over a store that keeps all of it. It holds
 * nothing that is not in the store but the runs that it executes, so that a successor goes on where it was killed.
 */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #due: DueTimes;
  readonly #running = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  #renewedMillis = Number.NEGATIVE_INFINITY;
  #lookedMillis = Number.NEGATIVE_INFINITY;
  /** Jobs whose ticks may have become servable since the last look. */
  readonly #look = new Set<string>();
  #open = false;
  #closed = false;

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
    this.#due = ports.due ?? new DueTimes();
  }

  /** Runs that go on in this process. */
  get running(): number {
    return this.#running.size;
  }

  /** Looks at everything once, begins what may begin. @returns when to look again, in milliseconds since 1970 */
  turn(): number {
    const { store, owner, alone, nowMillis } = this.#ports;
    const now = nowMillis();
    if (Math.abs(now - this.#renewedMillis) >= RENEW_MILLIS) {
      if (this.#running.size > 0) store.renew(owner, now + LEASE_MILLIS, now);
      const lost = store.lose(owner, alone, now, (run) => ({ id: this.#ports.newId(), atMillis: now + backoff(run) }));
      if (lost > 0) this.#ports.onChange();
      this.#renewedMillis = now;
    }
    const schedules = this.#ports.schedules?.() ?? true;
    const more = schedules && this.#plan(now);
    if (schedules) this.#serve(now);
    this.#begin(now);
    if (more) return now;
    const next = [schedules ? store.nextDue() : null, this.#hasRoom ? store.nextQueued() : null];
    const rests = this.#running.size > 0 ? RENEW_MILLIS : this.#open ? LOOK_MILLIS : MOST_REST_MILLIS;
    return Math.max(now, Math.min(now + rests, ...next.filter((one) => one !== null)));
  }

  /** Stops a run here and in the store. */
  cancel(id: string, reason: string): boolean {
    const done = this.#ports.store.cancel(id, reason, this.#ports.nowMillis());
    this.#running.get(id)?.abort.abort(new Error(reason));
    return done;
  }

  /** Ticks may be servable that were not: a job changed. */
  notice(): void {
    this.#lookedMillis = Number.NEGATIVE_INFINITY;
  }

  /** Stops what runs, and gives it back: the next scheduler begins it again. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { abort } of this.#running.values()) abort.abort(new Error("The server stops."));
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    this.#ports.store.giveBack(this.#ports.owner, this.#ports.nowMillis());
  }

  get #hasRoom(): boolean {
    return !this.#closed && this.#running.size < this.#ports.concurrency;
  }

  /** @returns whether there is more to plan at this moment */
  #plan(now: number): boolean {
    const { store } = this.#ports;
    const jobs = store.due(now, JOBS_AT_ONCE);
    if (jobs.length === 0) return false;
    const planned = jobs.map((job) => {
      const { throughMillis } = job;
      const paused = job.pausedBy !== null;
      return { job, planned: planTicks(job.plan, this.#due, { throughMillis, nowMillis: now, paused }) };
    });
    if (store.planned(planned, now) > 0) {
      for (const { job } of planned) this.#look.add(job.name);
      this.#ports.onChange();
    }
    return (
      jobs.length === JOBS_AT_ONCE ||
      planned.some(({ planned: { nextMillis } }) => nextMillis !== null && nextMillis <= now)
    );
  }

  /** Decides about ticks that nothing serves yet: run, wait, skip, or settle without data. Now and then about all. */
  #serve(now: number): void {
    const { store } = this.#ports;
    const all = Math.abs(now - this.#lookedMillis) >= LOOK_MILLIS;
    const ticks = all ? store.openTicks(TICKS_AT_ONCE) : [...this.#look].flatMap((name) => store.openTicksOf(name));
    this.#look.clear();
    if (all) {
      this.#lookedMillis = now;
      this.#open = false;
    }
    for (const tick of ticks) {
      const job = store.find(tick.job);
      if (job?.version != null) this.#decide(job, job.version, tick, now);
    }
  }

  #decide(job: StoredJob, version: number, tick: OpenTick, now: number): void {
    const { store, noData, newId } = this.#ports;
    const others = store.active(job.name).filter(({ purpose }) => purpose === "scheduled");
    if (others.length > 0) {
      const overlap = tick.late ? "queue" : job.plan.overlap;
      switch (overlap) {
        case "skip":
          return store.skip(
            tick,
            `The run of ${iso(others[0]!.scheduledForMillis)} still went on (overlap: skip).`,
            now,
          );
        case "queue":
          return this.#queue(tick, others, now);
        case "cancel":
          for (const other of others)
            this.cancel(other.id, `The tick of ${iso(tick.scheduledForMillis)} took its place (overlap: cancel).`);
      }
    }
    const state = this.#readiness(job, tick, now);
    if (state === null) return;
    const run: NewRun = {
      id: newId(),
      job: job.name,
      purpose: "scheduled",
      scheduledForMillis: tick.scheduledForMillis,
      version,
      window: state.window,
      asOf: null,
      alerts: true,
      replayOf: null,
    };
    if (state.ready) store.serve(tick, run, now);
    else if (now < tick.scheduledForMillis + job.plan.waitMillis)
      this.#wait(tick, `${state.reason} It is waited for until ${iso(tick.scheduledForMillis + job.plan.waitMillis)}.`);
    else store.withoutData(tick, run, noData(job, state.window, state.reason), now);
    this.#ports.onChange();
  }

  /** Null where the job cannot run, which its tick then says. */
  #readiness(job: StoredJob, tick: OpenTick, now: number): Readiness | null {
    try {
      return this.#ports.readiness(job, tick);
    } catch (error) {
      this.#ports.store.skip(tick, error instanceof Error ? error.message : String(error), now);
      return null;
    }
  }

  #wait(tick: OpenTick, reason: string): void {
    this.#open = true;
    this.#ports.store.wait(tick, reason);
  }

  /** One tick waits, in the order of time; those that were missed all do. */
  #queue(tick: OpenTick, others: readonly OpenRun[], now: number): void {
    const { store } = this.#ports;
    const first = store.openTicksOf(tick.job).find(({ late }) => !late);
    if (tick.late || first === undefined || first.scheduledForMillis === tick.scheduledForMillis)
      this.#wait(tick, `It waits for the run of ${iso(others[0]!.scheduledForMillis)}.`);
    else store.skip(tick, `The tick of ${iso(first.scheduledForMillis)} waits already (overlap: queue).`, now);
  }

  #begin(now: number): void {
    const { store, owner, concurrency } = this.#ports;
    if (!this.#hasRoom) return;
    for (const run of store.queued(now, concurrency * 2)) {
      if (!this.#hasRoom) return;
      const claim = store.begin(run, owner, now + LEASE_MILLIS, now);
      if (claim === null) continue;
      const abort = new AbortController();
      const ended = this.#execute(run, claim, abort.signal).catch((error: unknown) => this.#ports.onError(error));
      this.#running.set(run.id, { abort, ended });
    }
  }

  async #execute(run: OpenRun, claim: { run: string; token: number }, signal: AbortSignal): Promise<void> {
    const { store, execute, nowMillis, newId } = this.#ports;
    const plan = store.find(run.job)?.plan;
    try {
      const result = await execute(run, plan?.timeoutMillis ?? 0, signal);
      // Not held any more: cancelled, or taken over. What it found belongs to nobody.
      if (!this.#closed && store.publish(claim, result, nowMillis())) this.#ports.onPublished?.(run, result);
    } catch (error) {
      if (this.#closed) return;
      const reason = error instanceof Error ? error.message : String(error);
      const again = error instanceof TransientFailure && run.attempt <= (plan?.retries ?? 0);
      const now = nowMillis();
      store.fail(claim, reason, again ? { id: newId(), atMillis: now + backoff(run) } : null, now);
    } finally {
      this.#running.delete(run.id);
      this.#look.add(run.job);
      if (!this.#closed) this.#ports.onChange();
    }
  }
}

const backoff = ({ attempt }: OpenRun): number =>
  Math.min(MOST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS * 2 ** (attempt - 1));

const iso = (millis: number): string => new Date(millis).toISOString();
