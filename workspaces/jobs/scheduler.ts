import { DueTimes } from "../../cells/jobs/due-times.ts";
import type { JobPlan } from "../../cells/jobs/job-plan.ts";
import { type Planned, planTicks } from "../../cells/jobs/plan-ticks.ts";
import { type Claim, type JobQueue, MOST_BACKOFF_MILLIS } from "./job-queue.ts";
import type { NewRun, OpenRun, OpenTick, StoredJob } from "./job-rows.ts";
import type { RunResult } from "./run-result.ts";

/** What the run of a tick is to measure: its window and, where it must wait for data, why. */
export type Readiness =
  | { readonly ready: true; readonly window: NewRun["window"] }
  /** `reason` says what is missing. */
  | { readonly ready: false; readonly window: NewRun["window"]; readonly reason: string };

/** An attempt failed in a way that another attempt may not: a process died, a disk was full. */
export class TransientFailure extends Error {
  override readonly name = "TransientFailure";
}

/** What the scheduler asks of a store: each call is one transaction, or joins that of `together`. */
export type SchedulerStore = Pick<
  JobQueue,
  | (
      | "together"
      | "findAll"
      | "due"
      | "nextDue"
      | "planned"
      | "openTicks"
      | "openTicksOf"
      | "firstOnTime"
      | "wait"
      | "skip"
      | "serve"
    )
  | (
      | "nextQueued"
      | "activeOf"
      | "begin"
      | "renew"
      | "giveBack"
      | "publish"
      | "withoutData"
      | "fail"
      | "lose"
      | "cancel"
    )
>;

export interface SchedulerPorts {
  readonly store: SchedulerStore;
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

/** What a turn has decided beyond what it wrote. */
interface Turn {
  readonly aborted: { readonly id: string; readonly reason: string }[];
  /** Each in a transaction of its own: what it sets off may fail, and the others must not fail with it. */
  readonly dataless: { readonly tick: OpenTick; readonly run: NewRun; readonly result: RunResult }[];
  readonly claims: Claim[];
  /** Jobs of which ticks came to their ends without a run, where there are more to look at. */
  readonly settled: Set<string>;
}

interface Running {
  readonly job: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** A run that was not renewed for so long is lost. */
export const LEASE_MILLIS = 30_000;
const RENEW_MILLIS = 10_000;
const FIRST_BACKOFF_MILLIS = 10_000;
/** How often ticks that wait for data are looked at. */
const LOOK_MILLIS = 15_000;
/** With nothing to do, nothing to renew, and nothing that waits. */
const MOST_REST_MILLIS = 60 * 60_000;
const JOBS_AT_ONCE = 500;
/** Looked at in one go; where they are settled, the next are looked at at once. */
const TICKS_OF_A_JOB = 20;

/**
 * Turns due times into ticks, ticks into runs, and runs into results, over a store that keeps all of it. It holds
 * nothing that is not in the store but the runs that it executes, so that a successor goes on where it was killed.
 */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #due: DueTimes;
  readonly #running = new Map<string, Running>();
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
      if (this.#running.size > 0) store.renew(owner, [...this.#running.keys()], now + LEASE_MILLIS);
      const lost = store.lose(owner, alone, now, (run) => ({ id: this.#ports.newId(), atMillis: now + backoff(run) }));
      if (lost > 0) this.#ports.onChange();
      this.#renewedMillis = now;
    }
    const schedules = this.#ports.schedules?.() ?? true;
    const turn: Turn = { aborted: [], dataless: [], claims: [], settled: new Set() };
    // One write for all that is decided now, whatever comes due in the same second; effects follow when it lasts.
    const more = store.together(() => {
      const more = schedules && this.#plan(now);
      if (schedules) this.#serve(now, turn);
      if (this.#room > 0) turn.claims.push(...store.begin(owner, this.#room, now + LEASE_MILLIS, now));
      return more;
    });
    this.#look.clear();
    this.#act(turn, now);
    for (const name of turn.settled) this.#look.add(name);
    if (more || this.#look.size > 0) return now;
    const next = [schedules ? store.nextDue() : null, this.#room > 0 ? store.nextQueued(now) : null];
    const rests = this.#running.size > 0 ? RENEW_MILLIS : this.#open ? LOOK_MILLIS : MOST_REST_MILLIS;
    return Math.max(now, Math.min(now + rests, ...next.filter((one) => one !== null)));
  }

  /** Stops a run here and in the store. */
  cancel(id: string, reason: string): boolean {
    const done = this.#ports.store.cancel(id, reason, this.#ports.nowMillis());
    this.#running.get(id)?.abort.abort(new Error(reason));
    this.#ports.onChange();
    return done;
  }

  /** What of the job runs here stops: it ended in the store. */
  stop(name: string, reason: string): void {
    for (const { job, abort } of this.#running.values()) if (job === name) abort.abort(new Error(reason));
    this.#ports.onChange();
  }

  /**
   * Makes ticks of what a job's calendar brought up to now, some hundred at once: called until there are no more before
   * what decides about them changes. @returns whether there are more
   */
  planSome(name: string): boolean {
    const { store, nowMillis } = this.#ports;
    const now = nowMillis();
    return store.together(() => {
      const [job] = store.findAll([name]);
      if (job?.version == null || job.nextMillis === null || job.nextMillis > now) return false;
      return this.#planJobs([job], now).some(({ planned: { nextMillis } }) => nextMillis !== null && nextMillis <= now);
    });
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

  /** For so many more runs. */
  get #room(): number {
    return this.#closed ? 0 : this.#ports.concurrency - this.#running.size;
  }

  /** @returns whether there is more to plan at this moment */
  #plan(now: number): boolean {
    const { store } = this.#ports;
    const jobs = store.due(now, JOBS_AT_ONCE);
    if (jobs.length === 0) return false;
    const planned = this.#planJobs(jobs, now);
    return (
      jobs.length === JOBS_AT_ONCE ||
      planned.some(({ planned: { nextMillis } }) => nextMillis !== null && nextMillis <= now)
    );
  }

  #planJobs(jobs: readonly StoredJob[], now: number): { readonly job: StoredJob; readonly planned: Planned }[] {
    const planned = jobs.map((job) => {
      const { throughMillis } = job;
      const paused = job.pausedBy !== null;
      return { job, planned: planTicks(job.plan, this.#due, { throughMillis, nowMillis: now, paused }) };
    });
    if (this.#ports.store.planned(planned, now) > 0) {
      for (const { job } of planned) this.#look.add(job.name);
      this.#ports.onChange();
    }
    return planned;
  }

  /** Decides about ticks that nothing serves yet: run, wait, skip, or settle without data. Now and then about all. */
  #serve(now: number, turn: Turn): void {
    const { store, onChange } = this.#ports;
    const all = Math.abs(now - this.#lookedMillis) >= LOOK_MILLIS;
    if (!all && this.#look.size === 0) return;
    const ticks = all ? store.openTicks(TICKS_OF_A_JOB) : store.openTicksOf([...this.#look], TICKS_OF_A_JOB);
    if (all) {
      this.#lookedMillis = now;
      this.#open = false;
    }
    if (ticks.length === 0) return;
    ticks.sort((a, b) => a.scheduledForMillis - b.scheduledForMillis);
    const byJob = Map.groupBy(ticks, ({ job }) => job);
    const names = [...byJob.keys()];
    const jobs = new Map(store.findAll(names).map((job) => [job.name, job]));
    const serving = new Map<string, OpenRun[]>();
    for (const run of store.activeOf(names))
      if (run.purpose === "scheduled") serving.set(run.job, [...(serving.get(run.job) ?? []), run]);
    for (const tick of ticks) {
      const job = jobs.get(tick.job);
      if (job?.version == null) continue;
      const others = serving.get(job.name) ?? [];
      const begun = this.#decide(job, job.version, tick, { others, turn, now });
      serving.set(job.name, begun);
    }
    onChange();
    for (const name of turn.settled) if (byJob.get(name)!.length < TICKS_OF_A_JOB) turn.settled.delete(name);
  }

  /** `others` serve the job's ticks already. @returns those that do afterwards */
  #decide(
    job: StoredJob,
    version: number,
    tick: OpenTick,
    { others, turn, now }: { readonly others: OpenRun[]; readonly turn: Turn; readonly now: number },
  ): OpenRun[] {
    const { store, noData, newId } = this.#ports;
    if (job.pausedBy !== null) {
      this.#skip(tick, "The job was paused.", turn, now);
      return others;
    }
    const [first] = others;
    if (first !== undefined) {
      // `overlap` is about what comes due while a run goes on. What was missed, or waited for its data, waits its turn.
      if (tick.late || tick.reason !== null) {
        this.#wait(tick, waitsFor(first));
        return others;
      }
      switch (job.plan.overlap) {
        case "skip":
          this.#skip(tick, `The run of ${iso(first.scheduledForMillis)} still went on (overlap: skip).`, turn, now);
          return others;
        case "queue":
          this.#queue(tick, first, turn, now);
          return others;
        case "cancel":
          break; // By one that can begin; see below.
      }
    }
    const state = this.#readiness(job, tick, turn, now);
    if (state === null) return others;
    const run: NewRun = {
      id: newId(),
      job: job.name,
      purpose: "scheduled",
      scheduledForMillis: tick.scheduledForMillis,
      version,
      window: state.window,
      asOf: null,
      dueAt: iso(tick.scheduledForMillis),
      alerts: true,
      replayOf: null,
    };
    if (state.ready) {
      const reason = `The tick of ${iso(tick.scheduledForMillis)} took its place (overlap: cancel).`;
      for (const { id } of others) if (store.cancel(id, reason, now)) turn.aborted.push({ id, reason });
      return store.serve(tick, run, now) ? [{ ...run, attempt: 1 }] : [];
    }
    // Nobody could send while nothing ran: for what was missed the wait begins when it was found.
    const until = (tick.late ? tick.plannedAtMillis : tick.scheduledForMillis) + job.plan.waitMillis;
    if (now < until) this.#wait(tick, `${state.reason} It is waited for until ${iso(until)}.`);
    else {
      turn.dataless.push({ tick, run, result: noData(job, state.window, state.reason) });
      turn.settled.add(job.name);
    }
    return others;
  }

  /** Null where the job cannot run, which its tick then says. */
  #readiness(job: StoredJob, tick: OpenTick, turn: Turn, now: number): Readiness | null {
    try {
      return this.#ports.readiness(job, tick);
    } catch (error) {
      this.#skip(tick, error instanceof Error ? error.message : String(error), turn, now);
      return null;
    }
  }

  #skip(tick: OpenTick, reason: string, turn: Turn, now: number): void {
    this.#ports.store.skip(tick, reason, now);
    turn.settled.add(tick.job);
  }

  #wait(tick: OpenTick, reason: string): void {
    this.#open = true;
    this.#ports.store.wait(tick, reason);
  }

  /** One tick waits. */
  #queue(tick: OpenTick, running: OpenRun, turn: Turn, now: number): void {
    const first = this.#ports.store.firstOnTime(tick.job);
    if (first === null || first.scheduledForMillis === tick.scheduledForMillis) this.#wait(tick, waitsFor(running));
    else this.#skip(tick, `The tick of ${iso(first.scheduledForMillis)} waits already (overlap: queue).`, turn, now);
  }

  /** What follows from a turn that is written: what was cancelled stops, what has no data says so, what was begun runs. */
  #act(turn: Turn, now: number): void {
    const { aborted, dataless, claims } = turn;
    const { store, onError } = this.#ports;
    for (const { id, reason } of aborted) this.#running.get(id)?.abort.abort(new Error(reason));
    for (const { tick, run, result } of dataless)
      try {
        store.withoutData(tick, run, result, now);
      } catch (error) {
        onError(error); // It stays open and is looked at again later; the others do not wait for it.
        turn.settled.delete(tick.job);
      }
    if (claims.length === 0) return;
    const jobs = new Map(store.findAll(claims.map(({ run }) => run.job)).map((job) => [job.name, job]));
    for (const claim of claims) {
      const abort = new AbortController();
      const ended = this.#execute(claim, jobs.get(claim.run.job)?.plan, abort.signal).catch(onError);
      this.#running.set(claim.run.id, { job: claim.run.job, abort, ended });
    }
  }

  async #execute(claim: Claim, plan: JobPlan | undefined, signal: AbortSignal): Promise<void> {
    const { store, execute, nowMillis, newId } = this.#ports;
    const { run } = claim;
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

const waitsFor = ({ scheduledForMillis }: OpenRun): string => `It waits for the run of ${iso(scheduledForMillis)}.`;

const iso = (millis: number): string => new Date(millis).toISOString();
