import { DatabaseSync } from "node:sqlite";
import { DueTimes } from "../../cells/jobs/due-times.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { JobQueue } from "../../workspaces/jobs/job-queue.ts";
import type { NewRun } from "../../workspaces/jobs/job-rows.ts";
import { JobStore } from "../../workspaces/jobs/job-store.ts";
import type { OnEnded, RunResult } from "../../workspaces/jobs/run-result.ts";
import { LEASE_MILLIS, Scheduler, TransientFailure } from "../../workspaces/jobs/scheduler.ts";
import { modelRows, storedRows } from "./job-rows-of.ts";
import { checkJobs, type JobRules, type Rows } from "./job-rules.ts";
import { MemoryJobStore, type ModelledQueue, type ModelledStore } from "./memory-job-store.ts";
import { Crash, mortalStore } from "./mortal-store.ts";
import { OK_RESULT } from "./ok-result.ts";
import { Random } from "./random.ts";

export interface SimulationWish {
  readonly seed: number;
  readonly jobs: number;
  readonly days: number;
  /** Chance that the process dies before or after a call of the store. */
  readonly crash: number;
  /** Events of trouble a day: clock set, process stalled or killed; job paused, asked for, backfilled, changed, removed. */
  readonly troubles: number;
  readonly schedules: readonly (readonly [schedule: string, zone: string])[];
  readonly concurrency: number;
  /** Of so many ticks the data of one is late, and of another it never comes. */
  readonly late: number;
  /** Share of runs that last minutes to hours. */
  readonly long: number;
  /** The real store over a database in memory, or the model that it is held against: years need the quicker one. */
  readonly store: "sqlite" | "model";
}

export interface Simulated {
  readonly ticks: number;
  readonly runs: number;
  readonly crashes: number;
  /** Processes that stopped as they should. */
  readonly closed: number;
  /** Runs that took too long. */
  readonly timeouts: number;
  /** Calendars that were changed. */
  readonly changes: number;
  readonly backfilled: number;
  readonly stale: number;
  readonly steps: number;
  readonly states: Readonly<Record<string, number>>;
}

interface Life {
  readonly scheduler: Scheduler;
  /** Dead: every call of the store throws. Stalled: it gets no turns, and its runs come to their end late. */
  state: "alive" | "stalled" | "dead";
}

interface Execution {
  readonly endsMillis: number;
  readonly end: () => void;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Within five weeks from here the clocks change in New York, in Berlin, and on Lord Howe. */
const START = Date.parse("2026-03-04T00:00:00Z");
const OVERLAPS = ["skip", "queue", "cancel"] as const;
const CATCH_UPS = ["latest", "skip", "all, at most 5", "latest, within 6 hours"] as const;

/** Of all lives: the calendar is the same for each. */
const DUE = new DueTimes();

/**
 * Years of due times in seconds: the real scheduler over the real store in memory, or over its model, and a clock,
 * processes and executions that are made up from a seed. Processes die before and after any call of the store and
 * while runs go on; clocks are set; data comes late or never; runs fail, stall, overlap, take too long; jobs are
 * paused, changed, removed, backfilled. Decisions about overlap are checked as they are made, all else at the end.
 */
export class JobSimulation {
  readonly #database = new DatabaseSync(":memory:");
  readonly #wish: SimulationWish;
  readonly #store: ModelledStore;
  readonly #queue: ModelledQueue;
  readonly #rows: () => Rows;
  readonly #rules = new Map<string, JobRules>();
  readonly #removed = new Set<string>();
  readonly #executions = new Map<number, Execution>();
  readonly #paused = new Set<string>();
  readonly #random: Random;
  /** How often the end of each run was told, by the number in its id. */
  #told = new Uint8Array(1024);
  #defect: unknown = null;
  #millis = START;
  #skewMillis = 0;
  #life: Life | null = null;
  #lives = 0;
  #ids = 0;
  #counts = { runs: 0, crashes: 0, closed: 0, stale: 0, steps: 0, timeouts: 0, changes: 0, backfilled: 0 };
  #calm = false;
  #closes = false;
  #nextTroubleMillis = START;

  constructor(wish: SimulationWish) {
    this.#wish = wish;
    this.#random = new Random(wish.seed);
    const onEnded: OnEnded = ({ run }) => this.#tell(numberOf(run.id));
    if (wish.store === "model") {
      const model = new MemoryJobStore(onEnded);
      this.#queue = model;
      this.#store = model;
      this.#rows = () => modelRows(model);
    } else {
      const queue = new JobQueue(this.#database, onEnded);
      this.#queue = queue;
      this.#store = new JobStore(this.#database, queue);
      this.#rows = () => storedRows(this.#database);
    }
    for (let at = 0; at < wish.jobs; at += 1) this.#put(`job-${at}`, this.#newSpec(at));
  }

  #tell(number: number): void {
    if (number >= this.#told.length) {
      const longer = new Uint8Array(2 * number);
      longer.set(this.#told);
      this.#told = longer;
    }
    this.#told[number]! += 1;
  }

  /** To the end of the days, and on until nothing is open. @throws Error where something that must hold does not */
  async run(): Promise<Simulated> {
    const until = START + this.#wish.days * DAY;
    while (this.#millis < until) await this.#step(until);
    this.#calm = true;
    this.#skewMillis = Math.max(0, this.#skewMillis);
    for (const name of this.#paused) this.#store.pause(name, null);
    // Data that never comes is given up after its grace time; queues run empty.
    const last = this.#millis + 3 * DAY;
    for (const { name } of this.#store.list()) this.#store.pause(name, "the end");
    while (this.#millis < last) await this.#step(last);
    return this.verify();
  }

  async #step(until: number): Promise<void> {
    this.#counts.steps += 1;
    if (this.#closes && this.#life?.state === "alive") await this.#close(this.#life);
    this.#closes = false;
    if (this.#life === null || this.#life.state !== "alive") this.#begin();
    const wake = this.#turn();
    await this.#settle();
    let ends = until;
    for (const { endsMillis } of this.#executions.values()) if (endsMillis < ends) ends = endsMillis;
    const next = Math.min(wake - this.#skewMillis, ends, this.#calm ? until : this.#nextTroubleMillis, until);
    this.#millis = Math.max(this.#millis + 1, next);
    if (!this.#calm && this.#millis >= this.#nextTroubleMillis) this.#trouble();
    for (const [id, { endsMillis, end }] of this.#executions)
      if (endsMillis <= this.#millis) {
        this.#executions.delete(id);
        end();
      }
    await this.#settle();
    if (this.#defect !== null) throw this.#defect;
  }

  /** The process stops as it should: what it runs is given back, unless it dies in the middle of that. */
  async #close(life: Life): Promise<void> {
    try {
      await life.scheduler.close();
      this.#counts.closed += 1;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    life.state = "dead";
  }

  /** @returns when it wants its next turn */
  #turn(): number {
    const life = this.#life!;
    try {
      return life.scheduler.turn();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return this.#now();
    }
  }

  /** Lets promises that are done be told to who waits for them. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
  }

  #now(): number {
    return this.#millis + this.#skewMillis;
  }

  #newId(): string {
    this.#ids += 1;
    return `r${this.#ids}`;
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }

  #pick<T>(list: readonly T[]): T {
    return this.#random.pick(list);
  }

  #newSpec(at: number): JobSpec {
    const [schedule, zone] = this.#wish.schedules[at % this.#wish.schedules.length]!;
    return {
      run: "a.nb.md",
      schedule,
      zone,
      overlap: this.#pick(OVERLAPS),
      catch_up: this.#pick(CATCH_UPS),
      retries: Math.floor(this.#random.next() * 4),
      wait: this.#pick(["10 minutes", "2 hours"]),
      timeout: this.#pick(["5 minutes", "2 hours", "2 days"]),
    };
  }

  /** Makes the job, or changes it: where its calendar is another one now, that begins where the one before ended. */
  #put(name: string, spec: JobSpec): void {
    const before = this.#store.find(name);
    this.#store.put(name, { spec, zone: "UTC", version: 1 }, this.#now());
    const { plan, throughMillis } = this.#store.find(name)!;
    const { cron, zone } = plan;
    const calendars = this.#rules.get(name)?.calendars ?? [];
    if (before === null || before.plan.cron !== cron || before.plan.zone !== zone) {
      const last = calendars.at(-1);
      if (last !== undefined) last.throughMillis ??= before?.throughMillis ?? throughMillis;
      calendars.push({ cron, zone, fromMillis: throughMillis, throughMillis: null });
    }
    this.#rules.set(name, { name, spec, calendars });
  }

  #remove(name: string): void {
    this.#rules.get(name)!.calendars.at(-1)!.throughMillis = this.#store.find(name)!.throughMillis;
    this.#store.remove(name, "ann", this.#now());
    this.#removed.add(name);
    this.#paused.delete(name);
  }

  /** Another process over the same database. Where the one before only stands still, it may still act. */
  #begin(): void {
    const before = this.#life;
    if (before !== null) this.#millis += Math.floor(this.#random.next() * this.#random.next() * 20 * MINUTE);
    const alone = before?.state !== "stalled";
    // Until a lease that may still be held has ended, nobody else takes the runs.
    this.#lives += 1;
    const life: Life = { state: "alive", scheduler: null as unknown as Scheduler };
    const store = mortalStore(this.#queue, {
      dies: () => !this.#calm && this.#chance(this.#wish.crash),
      isDead: () => life.state === "dead",
      onDeath: () => {
        life.state = "dead";
        this.#counts.crashes += 1;
      },
      onStale: () => {
        if (life.state === "stalled") this.#counts.stale += 1;
      },
      overlapOf: (job) => this.#rules.get(job)!.spec.overlap!,
    });
    const scheduler = new Scheduler({
      store,
      nowMillis: () => this.#now(),
      newId: () => this.#newId(),
      owner: `life-${this.#lives}`,
      alone,
      concurrency: this.#wish.concurrency,
      due: DUE,
      readiness: (_job, { scheduledForMillis }) => {
        // By the due time alone: it is late for a while, or for good.
        const luck = (scheduledForMillis / MINUTE) % this.#wish.late;
        const arrives = luck === 7 ? Number.POSITIVE_INFINITY : luck === 11 ? scheduledForMillis + 30 * MINUTE : 0;
        return this.#now() >= arrives
          ? { ready: true, window: null }
          : { ready: false, window: null, reason: "The data has not come." };
      },
      noData: () => ({ ...OK_RESULT, verdict: "no-data", reason: "The data has not come." }),
      execute: (_run, timeoutMillis, signal) => this.#execute(life, timeoutMillis, signal),
      onChange: () => {},
      onError: (error) => {
        if (!(error instanceof Crash)) this.#defect = error;
      },
    });
    Object.assign(life, { scheduler });
    this.#life = life;
  }

  #execute(life: Life, timeoutMillis: number, signal: AbortSignal): Promise<RunResult> {
    this.#counts.runs += 1;
    const number = this.#counts.runs;
    const luck = this.#random.next();
    const { long } = this.#wish;
    // Most are short; some outlast their schedule, a few a lease that nobody renews.
    // Whole seconds: what ends at once is looked at once.
    const lasts =
      1000 *
      Math.ceil(
        (luck > long
          ? luck * 20_000
          : luck > long / 10
            ? (luck / long) * 10 * MINUTE
            : (luck / long) * 30 * 60 * MINUTE) / 1000,
      );
    const fails = this.#random.next();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        if (lasts > timeoutMillis) {
          this.#counts.timeouts += 1;
          reject(new Error("It took longer than its timeout."));
        } else if (fails < 0.02) reject(new TransientFailure("A process of the run ended."));
        else if (fails < 0.03) reject(new Error("The cell cannot run."));
        else resolve(OK_RESULT);
      };
      this.#executions.set(number, { endsMillis: this.#millis + Math.min(lasts, timeoutMillis), end });
      signal.addEventListener("abort", () => {
        this.#executions.delete(number);
        reject(new Error("Aborted."));
      });
      if (life.state === "dead") reject(new Crash("It is dead."));
    });
  }

  #trouble(): void {
    this.#nextTroubleMillis =
      this.#millis + Math.ceil((-Math.log(1 - this.#random.next()) * DAY) / this.#wish.troubles);
    const name = this.#pick([...this.#rules.keys()].filter((one) => !this.#removed.has(one)));
    switch (Math.floor(this.#random.next() * 13)) {
      case 0: // The clock is set.
        this.#skewMillis = this.#pick([0, 60 * MINUTE, -60 * MINUTE, DAY, -DAY]);
        return;
      case 1: // The process stands still beyond its leases, and goes on later.
        if (this.#life !== null && this.#life.state === "alive") {
          this.#life.state = "stalled";
          this.#millis += LEASE_MILLIS * 2;
        }
        return;
      case 2: // The process dies between two turns.
        if (this.#life !== null) this.#life.state = "dead";
        this.#counts.crashes += 1;
        return;
      case 8:
        this.#closes = true;
        return;
      case 3:
        if (!this.#planUpToNow(name)) return;
        this.#paused.add(name);
        return this.#store.pause(name, "somebody");
      case 4:
        for (const one of this.#paused) if (this.#planUpToNow(one)) this.#store.pause(one, null);
        return this.#paused.clear();
      case 5:
        return this.#queue.ask([this.#asked(name, "manual", this.#now())], this.#now());
      case 6: {
        const [first] = this.#queue.active(name);
        if (first !== undefined && this.#life?.state === "alive")
          try {
            this.#life.scheduler.cancel(first.id, "Cancelled by somebody.");
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
          }
        return;
      }
      case 7:
        return this.#put(name, { ...this.#rules.get(name)!.spec, retries: Math.floor(this.#random.next() * 4) });
      case 9: {
        // Some of these due times are of before the job was there.
        const { cron, zone } = this.#store.find(name)!.plan;
        const times = DUE.after(cron, zone, this.#now() - Math.ceil(this.#random.next() * 4 * DAY), 4);
        const past = times.filter((time) => time <= this.#store.find(name)!.throughMillis);
        this.#counts.backfilled += past.length;
        return this.#queue.ask(
          past.map((time) => this.#asked(name, "backfill", time)),
          this.#now(),
        );
      }
      case 10: {
        const [schedule, zone] = this.#pick(this.#wish.schedules);
        if (!this.#planUpToNow(name)) return;
        this.#counts.changes += 1;
        return this.#put(name, { ...this.#rules.get(name)!.spec, schedule, zone });
      }
      case 11:
        if (this.#removed.size < this.#rules.size - 1 && this.#planUpToNow(name)) this.#remove(name);
        return;
      case 12:
        for (const one of this.#removed) this.#put(one, this.#rules.get(one)!.spec);
        return this.#removed.clear();
    }
  }

  /** As the server does before it changes a job. False where it died over it, or is not there. */
  #planUpToNow(name: string): boolean {
    if (this.#life?.state !== "alive") return false;
    try {
      while (this.#life.scheduler.planSome(name));
      return true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return false;
    }
  }

  #asked(job: string, purpose: NewRun["purpose"], scheduledForMillis: number): NewRun {
    const id = this.#newId();
    return {
      id,
      job,
      purpose,
      scheduledForMillis,
      version: 1,
      window: null,
      asOf: null,
      dueAt: null,
      alerts: false,
      replayOf: null,
    };
  }

  /** What must hold at the end. @throws Error with the first thing that does not */
  verify(): Simulated {
    for (const { name, calendars } of this.#rules.values())
      calendars.at(-1)!.throughMillis ??= this.#store.find(name)!.throughMillis;
    const states = checkJobs(this.#rows(), this.#rules, (run) => this.#told[numberOf(run)] ?? 0);
    const ticks = Object.values(states).reduce((sum, n) => sum + n, 0);
    return { ticks, states, ...this.#counts };
  }
}

/** Of an id that `#newId` gave. */
const numberOf = (id: string): number => Number(id.slice(1));
