import { type JobPlan, planOf } from "../../cells/jobs/job-plan.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { Planned } from "../../cells/jobs/plan-ticks.ts";
import type { RunState, TickState } from "../../cells/wire/http-jobs.ts";
import {
  BEFORE_THE_JOB,
  type Claim,
  type JobQueue,
  MISSED,
  MOST_BACKOFF_MILLIS,
} from "../../workspaces/jobs/job-queue.ts";
import type { ActiveRun, NewRun, OpenRun, OpenTick, StoredJob } from "../../workspaces/jobs/job-rows.ts";
import type { JobStore } from "../../workspaces/jobs/job-store.ts";
import { TURNS } from "../../workspaces/jobs/jobs-schema.ts";
import type { OnEnded, RunResult } from "../../workspaces/jobs/run-result.ts";

export interface ModelTick {
  readonly job: string;
  readonly scheduledForMillis: number;
  readonly late: boolean;
  readonly plannedAtMillis: number;
  state: Exclude<TickState, "running">;
  reason: string | null;
  run: string | null;
  settledAtMillis: number | null;
}

export interface ModelRun extends OpenRun {
  readonly number: number;
  readonly createdAtMillis: number;
  state: RunState;
  reason: string | null;
  token: number | null;
  owner: string | null;
  leaseUntilMillis: number;
  notBeforeMillis: number;
  startedAtMillis: number | null;
  endedAtMillis: number | null;
}

/** What is modelled of the two; `drop` is the queue's part in removing a job, which the model does by itself. */
export type ModelledStore = Pick<JobStore, "list" | "find" | "put" | "remove" | "pause">;
export type ModelledQueue = Omit<JobQueue, "drop">;

interface ModelJob {
  name: string;
  spec: JobSpec;
  plan: JobPlan;
  version: number | null;
  pausedBy: string | null;
  madeAtMillis: number;
  throughMillis: number;
  nextMillis: number | null;
  removed: boolean;
}

const LOST_RETRIES = 2;
const isOpen = ({ state, run }: ModelTick): boolean => (state === "due" || state === "waiting") && run === null;
const byNumber = (a: ModelRun, b: ModelRun): number => a.number - b.number;
/** The clock was set back since: no pause lasts so long. */
const isAhead = (notBeforeMillis: number, nowMillis: number): boolean =>
  notBeforeMillis > nowMillis + MOST_BACKOFF_MILLIS;
const byTime = (a: ModelTick, b: ModelTick): number =>
  a.scheduledForMillis - b.scheduledForMillis || (a.job < b.job ? -1 : a.job > b.job ? 1 : 0);

/**
 * What the store of jobs and their queue do, said once more in plain objects: the model that the SQL is held against,
 * and a store in memory for simulations of years. Each call either happens or not; `together` takes back what it did
 * when it fails.
 */
export class MemoryJobStore implements ModelledStore, ModelledQueue {
  readonly jobs = new Map<string, ModelJob>();
  readonly ticks = new Map<string, Map<number, ModelTick>>();
  readonly runs: ModelRun[] = [];
  readonly #onEnded: OnEnded;
  readonly #byId = new Map<string, ModelRun>();
  /** Of each job, those that are not settled. */
  readonly #openTicks = new Map<string, Set<ModelTick>>();
  readonly #openRuns = new Map<string, Set<ModelRun>>();
  readonly #queued = new Set<ModelRun>();
  /** Backfills that are done, the newest of each job and due time. */
  readonly #fillings = new Map<string, ModelRun>();
  readonly #running = new Set<ModelRun>();
  #nextDue: number | null | undefined;
  #undo: (() => void)[] | null = null;

  constructor(onEnded: OnEnded = () => {}) {
    this.#onEnded = onEnded;
  }

  together<T>(work: () => T): T {
    if (this.#undo !== null) return work();
    this.#undo = [];
    try {
      return work();
    } catch (error) {
      for (const undo of this.#undo.toReversed()) undo();
      throw error;
    } finally {
      this.#undo = null;
    }
  }

  // Jobs

  find(name: string): StoredJob | null {
    const job = this.jobs.get(name);
    return job === undefined || job.removed ? null : storedOf(job);
  }

  findAll(names: readonly string[]): StoredJob[] {
    return names.flatMap((name) => this.find(name) ?? []);
  }

  list(): StoredJob[] {
    return this.findAll([...this.jobs.keys()].sort());
  }

  put(
    name: string,
    { spec, zone, version }: { readonly spec: JobSpec; readonly zone: string; readonly version: number | null },
    nowMillis: number,
  ): void {
    const known = this.jobs.get(name);
    this.#nextDue = undefined;
    if (known === undefined || known.removed) {
      const last = Math.max(0, ...(this.ticks.get(name)?.keys() ?? []));
      this.jobs.set(name, {
        ...{ name, spec, plan: planOf(spec, zone), version, pausedBy: null, madeAtMillis: nowMillis },
        ...{ throughMillis: Math.max(nowMillis, last), nextMillis: nowMillis, removed: false },
      });
      return;
    }
    const before = known.plan;
    const after = planOf(spec, zone);
    Object.assign(known, { spec, plan: after, version });
    if (before.cron === after.cron && before.zone === after.zone) return;
    known.throughMillis = Math.max(known.throughMillis, nowMillis);
    known.nextMillis = nowMillis;
  }

  remove(name: string, _by: string, nowMillis: number): void {
    const job = this.jobs.get(name);
    if (job !== undefined) job.removed = true;
    this.#nextDue = undefined;
    const reason = "The job was removed.";
    for (const tick of [...(this.#openTicks.get(name) ?? [])])
      if (isOpen(tick)) this.#settle(tick, "skipped", reason, nowMillis);
    for (const run of this.#openRunsOf(name)) this.#cancel(run, reason, nowMillis);
  }

  pause(name: string, by: string | null): void {
    const job = this.jobs.get(name);
    if (job !== undefined) job.pausedBy = by;
  }

  // Ticks

  due(nowMillis: number, most: number): StoredJob[] {
    const next = this.nextDue();
    if (next === null || next > nowMillis) return [];
    return [...this.jobs.values()]
      .filter(
        ({ removed, version, nextMillis }) =>
          !removed && version !== null && nextMillis !== null && nextMillis <= nowMillis,
      )
      .sort((a, b) => a.nextMillis! - b.nextMillis!)
      .slice(0, most)
      .map(storedOf);
  }

  nextDue(): number | null {
    if (this.#nextDue === undefined) {
      let least = Number.POSITIVE_INFINITY;
      for (const { removed, version, nextMillis } of this.jobs.values())
        if (!removed && version !== null && nextMillis !== null && nextMillis < least) least = nextMillis;
      this.#nextDue = least === Number.POSITIVE_INFINITY ? null : least;
    }
    return this.#nextDue;
  }

  planned(jobs: readonly { readonly job: StoredJob; readonly planned: Planned }[], nowMillis: number): number {
    let made = 0;
    for (const { job, planned } of jobs) {
      const mine = this.jobs.get(job.name);
      if (mine === undefined || mine.throughMillis !== job.throughMillis) continue;
      const { throughMillis, nextMillis } = mine;
      this.#did(() => {
        Object.assign(mine, { throughMillis, nextMillis });
        this.#nextDue = undefined;
      });
      mine.throughMillis = planned.throughMillis;
      mine.nextMillis = planned.nextMillis;
      this.#nextDue = undefined;
      for (const { scheduledForMillis, late, skipped } of planned.ticks)
        if (this.#newTick(job.name, scheduledForMillis, late, skipped, nowMillis)) made += 1;
    }
    return made;
  }

  openTicks(mostOfEach: number): OpenTick[] {
    const jobs = [...this.#openTicks].filter(([, ticks]) => [...ticks].some(isOpen)).map(([job]) => job);
    return this.openTicksOf(jobs.sort(), mostOfEach);
  }

  openTicksOf(jobs: readonly string[], mostOfEach: number): OpenTick[] {
    return jobs.flatMap((job) => {
      const ticks = this.#openTicks.get(job);
      if (ticks === undefined) return [];
      const open = [...ticks].filter(isOpen).sort(byTime);
      return open.filter(({ reason }, at) => at < mostOfEach || reason === null).map(openTickOf);
    });
  }

  firstOnTime(job: string): OpenTick | null {
    const [first] = [...(this.#openTicks.get(job) ?? [])].filter((tick) => isOpen(tick) && !tick.late).sort(byTime);
    return first === undefined ? null : openTickOf(first);
  }

  wait({ job, scheduledForMillis }: OpenTick, reason: string): void {
    const tick = this.#tick(job, scheduledForMillis);
    if (tick === undefined || !isOpen(tick)) return;
    const { state, reason: said } = tick;
    this.#did(() => Object.assign(tick, { state, reason: said }));
    tick.state = "waiting";
    tick.reason = reason;
  }

  skip({ job, scheduledForMillis }: OpenTick, reason: string, nowMillis: number): void {
    const tick = this.#tick(job, scheduledForMillis);
    if (tick !== undefined && isOpen(tick)) this.#settle(tick, "skipped", reason, nowMillis);
  }

  // Runs

  serve({ job, scheduledForMillis }: OpenTick, run: NewRun, nowMillis: number): boolean {
    const tick = this.#tick(job, scheduledForMillis);
    if (tick === undefined || !isOpen(tick)) return false;
    const { state, reason } = tick;
    this.#did(() => Object.assign(tick, { state, reason, run: null }));
    tick.state = "due";
    tick.reason = null;
    tick.run = run.id;
    this.#insert(run, 1, nowMillis, nowMillis);
    return true;
  }

  ask(runs: readonly NewRun[], nowMillis: number): void {
    for (const run of runs) {
      this.#insert(run, 1, nowMillis, nowMillis);
      if (run.purpose !== "backfill") continue;
      this.#newTick(run.job, run.scheduledForMillis, true, BEFORE_THE_JOB, nowMillis);
    }
  }

  nextQueued(nowMillis: number): number | null {
    let least = Number.POSITIVE_INFINITY;
    for (const { notBeforeMillis } of this.#queued) {
      const soonest = isAhead(notBeforeMillis, nowMillis) ? nowMillis : notBeforeMillis;
      if (soonest < least) least = soonest;
    }
    return least === Number.POSITIVE_INFINITY ? null : least;
  }

  active(job: string): ActiveRun[] {
    return this.activeOf([job]);
  }

  activeOf(jobs: readonly string[]): ActiveRun[] {
    return jobs.flatMap((job) =>
      this.#openRunsOf(job).map((run) => ({ ...openRunOf(run), running: run.state === "running" })),
    );
  }

  countActive(job: string): number {
    return this.#openRunsOf(job).length;
  }

  isAwaited(job: string, dueMillis: number): boolean {
    return this.#openRunsOf(job).some(({ alerts, scheduledForMillis }) => alerts && scheduledForMillis < dueMillis);
  }

  isOpen(run: string): boolean {
    const found = this.#byId.get(run);
    return found !== undefined && this.#openRunsOf(found.job).includes(found);
  }

  begin(owner: string, room: number, leaseUntilMillis: number, nowMillis: number): Claim[] {
    if (this.#queued.size === 0) return [];
    const next = [...this.#queued]
      .filter(({ notBeforeMillis }) => notBeforeMillis <= nowMillis || isAhead(notBeforeMillis, nowMillis))
      .sort((a, b) => TURNS[a.purpose] - TURNS[b.purpose] || a.number - b.number)
      .slice(0, room);
    return next.map((run) => {
      const { token } = run;
      this.#did(() => {
        Object.assign(run, { state: "queued", token, owner: null, startedAtMillis: null });
        this.#running.delete(run);
        this.#queued.add(run);
      });
      this.#queued.delete(run);
      this.#running.add(run);
      run.token = token === null ? run.number : token + 1;
      Object.assign(run, { state: "running", owner, leaseUntilMillis, startedAtMillis: nowMillis });
      return { run: openRunOf(run), token: run.token };
    });
  }

  renew(owner: string, runs: readonly string[], leaseUntilMillis: number): void {
    for (const run of this.#running)
      if (run.owner === owner && runs.includes(run.id)) run.leaseUntilMillis = leaseUntilMillis;
  }

  giveBack(owner: string, nowMillis: number): void {
    for (const run of [...this.#running]) {
      if (run.owner !== owner) continue;
      this.#running.delete(run);
      this.#queued.add(run);
      Object.assign(run, { state: "queued", owner: null, startedAtMillis: null, notBeforeMillis: nowMillis });
    }
  }

  publish(claim: Claim, result: RunResult, nowMillis: number): boolean {
    const run = this.#held(claim, nowMillis);
    if (run === null) return false;
    this.#done(run, result, nowMillis);
    return true;
  }

  withoutData(tick: OpenTick, run: NewRun, result: RunResult, nowMillis: number): boolean {
    if (!this.serve(tick, run, nowMillis)) return false;
    this.#done(this.#byId.get(run.id)!, result, nowMillis);
    return true;
  }

  fail(
    claim: Claim,
    reason: string,
    again: { readonly id: string; readonly atMillis: number } | null,
    nowMillis: number,
  ): boolean {
    const run = this.#held(claim, nowMillis);
    if (run === null) return false;
    this.#failed(run, "failed", reason, again, nowMillis);
    return true;
  }

  lose(
    owner: string,
    alone: boolean,
    nowMillis: number,
    again: (run: OpenRun) => { readonly id: string; readonly atMillis: number },
  ): number {
    const lost = [...this.#running]
      .filter((run) => run.leaseUntilMillis < nowMillis || (alone && run.owner !== owner))
      .sort(byNumber);
    for (const run of lost) {
      const retries = Math.max(LOST_RETRIES, this.find(run.job)?.plan.retries ?? 0);
      const next = run.attempt <= retries ? again(openRunOf(run)) : null;
      this.#failed(run, "lost", "Its process ended or stood still.", next, nowMillis);
    }
    return lost.length;
  }

  cancel(id: string, reason: string, nowMillis: number): boolean {
    const run = this.#byId.get(id);
    if (run === undefined || (run.state !== "queued" && run.state !== "running")) return false;
    this.#cancel(run, reason, nowMillis);
    return true;
  }

  // What the calls above are made of

  #did(undo: () => void): void {
    this.#undo?.push(undo);
  }

  #tick(job: string, scheduledForMillis: number): ModelTick | undefined {
    return this.ticks.get(job)?.get(scheduledForMillis);
  }

  #newTick(job: string, scheduledForMillis: number, late: boolean, skipped: string | null, nowMillis: number): boolean {
    const ticks = setDefault(this.ticks, job, () => new Map<number, ModelTick>());
    if (ticks.has(scheduledForMillis)) return false;
    const tick: ModelTick = {
      ...{ job, scheduledForMillis, late, plannedAtMillis: nowMillis, run: null },
      ...{
        state: skipped === null ? "due" : "skipped",
        reason: skipped ?? (late ? MISSED : null),
        settledAtMillis: skipped === null ? null : nowMillis,
      },
    };
    ticks.set(scheduledForMillis, tick);
    const open = setDefault(this.#openTicks, job, () => new Set<ModelTick>());
    if (skipped === null) open.add(tick);
    this.#did(() => {
      ticks.delete(scheduledForMillis);
      open.delete(tick);
    });
    return true;
  }

  #settle(tick: ModelTick, state: ModelTick["state"], reason: string | null, nowMillis: number): void {
    const { state: before, reason: said, settledAtMillis, run } = tick;
    const open = this.#openTicks.get(tick.job);
    const wasOpen = open?.delete(tick) === true;
    this.#did(() => {
      Object.assign(tick, { state: before, reason: said, settledAtMillis, run });
      if (wasOpen) open!.add(tick);
    });
    tick.state = state;
    tick.reason = reason;
    tick.settledAtMillis = nowMillis;
    const filling = this.#fillings.get(`${tick.job} ${tick.scheduledForMillis}`);
    if (filling !== undefined && (state === "skipped" || state === "failed"))
      Object.assign(tick, { state: "done", reason: filling.reason, run: filling.id });
  }

  #insert(wish: NewRun, attempt: number, notBeforeMillis: number, nowMillis: number): void {
    const { id, job, purpose, scheduledForMillis, version, window, asOf, dueAt, alerts, replayOf } = wish;
    const run: ModelRun = {
      ...{
        id,
        job,
        purpose,
        scheduledForMillis,
        attempt,
        version,
        window,
        asOf,
        dueAt,
        alerts,
        replayOf,
        notBeforeMillis,
      },
      ...{ number: this.runs.length + 1, createdAtMillis: nowMillis, state: "queued", reason: null, token: null },
      ...{ owner: null, leaseUntilMillis: 0, startedAtMillis: null, endedAtMillis: null },
    };
    const open = setDefault(this.#openRuns, job, () => new Set<ModelRun>());
    this.runs.push(run);
    this.#byId.set(id, run);
    open.add(run);
    this.#queued.add(run);
    this.#did(() => {
      this.runs.pop();
      this.#byId.delete(id);
      open.delete(run);
      this.#queued.delete(run);
    });
  }

  #openRunsOf(job: string): ModelRun[] {
    const runs = this.#openRuns.get(job);
    return runs === undefined ? [] : runs.size === 1 ? [...runs] : [...runs].sort(byNumber);
  }

  #held({ run: { id }, token }: Claim, nowMillis: number): ModelRun | null {
    const run = this.#byId.get(id);
    return run?.state === "running" && run.token === token && run.leaseUntilMillis >= nowMillis ? run : null;
  }

  #end(run: ModelRun, state: ModelRun["state"], reason: string | null, nowMillis: number): void {
    const { state: before, reason: said, endedAtMillis } = run;
    const open = this.#openRuns.get(run.job)!;
    const [queued, running] = [this.#queued.delete(run), this.#running.delete(run)];
    open.delete(run);
    this.#did(() => {
      Object.assign(run, { state: before, reason: said, endedAtMillis });
      open.add(run);
      if (queued) this.#queued.add(run);
      if (running) this.#running.add(run);
    });
    run.state = state;
    run.reason = reason;
    run.endedAtMillis = nowMillis;
  }

  #done(run: ModelRun, result: RunResult, nowMillis: number): void {
    this.#end(run, "done", result.reason, nowMillis);
    this.#settleOf(run, "done", result.reason, nowMillis);
    this.#onEnded({ run: openRunOf(run), result, failure: null, nowMillis });
  }

  #failed(
    run: ModelRun,
    state: "failed" | "lost",
    reason: string,
    again: { readonly id: string; readonly atMillis: number } | null,
    nowMillis: number,
  ): void {
    this.#end(run, state, reason, nowMillis);
    if (again === null) {
      this.#settleOf(run, "failed", reason, nowMillis);
      this.#onEnded({ run: openRunOf(run), result: null, failure: reason, nowMillis });
      return;
    }
    this.#insert({ ...openRunOf(run), id: again.id }, run.attempt + 1, again.atMillis, nowMillis);
    const tick = this.#tick(run.job, run.scheduledForMillis);
    if (tick?.run !== run.id) return;
    tick.state = "waiting";
    tick.run = again.id;
    const from = new Date(again.atMillis).toISOString();
    tick.reason = `Attempt ${run.attempt} failed: ${reason} Tried again from ${from}.`;
  }

  #cancel(run: ModelRun, reason: string, nowMillis: number): void {
    this.#end(run, "cancelled", reason, nowMillis);
    this.#settleOf(run, "skipped", reason, nowMillis);
  }

  #settleOf(run: ModelRun, state: "done" | "failed" | "skipped", reason: string | null, nowMillis: number): void {
    const tick = this.#tick(run.job, run.scheduledForMillis);
    if (tick === undefined) return;
    if (run.purpose === "scheduled") {
      if (tick.run === run.id) this.#settle(tick, state, reason, nowMillis);
    } else if (run.purpose === "backfill" && state === "done") {
      const key = `${run.job} ${run.scheduledForMillis}`;
      const former = this.#fillings.get(key);
      if (former === undefined || former.number < run.number) {
        this.#fillings.set(key, run);
        this.#did(() => {
          if (former === undefined) this.#fillings.delete(key);
          else this.#fillings.set(key, former);
        });
      }
      if (tick.state === "skipped" || tick.state === "failed") this.#settle(tick, tick.state, tick.reason, nowMillis);
    }
  }
}

const storedOf = (job: ModelJob): StoredJob => {
  const { name, spec, plan, version, pausedBy, madeAtMillis, throughMillis, nextMillis } = job;
  return { name, spec, plan, version, pausedBy, madeAtMillis, throughMillis, nextMillis };
};

const openTickOf = ({ job, scheduledForMillis, late, reason, plannedAtMillis }: ModelTick): OpenTick => ({
  job,
  scheduledForMillis,
  late,
  reason,
  plannedAtMillis,
});

const openRunOf = (run: ModelRun): OpenRun => {
  const { id, job, purpose, scheduledForMillis, attempt, version, window, asOf, dueAt, alerts, replayOf } = run;
  return { id, job, purpose, scheduledForMillis, attempt, version, window, asOf, dueAt, alerts, replayOf };
};

function setDefault<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
