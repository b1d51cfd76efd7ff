import { DatabaseSync } from "node:sqlite";
import { DueTimes } from "../../cells/jobs/due-times.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { nextTimes } from "../../cells/jobs/schedule.ts";
import { JobStore, type RunResult } from "../../workspaces/jobs/job-store.ts";
import { LEASE_MILLIS, Scheduler, TransientFailure } from "../../workspaces/jobs/scheduler.ts";
import { Random } from "./random.ts";

export interface SimulationWish {
  readonly seed: number;
  readonly jobs: number;
  readonly days: number;
  /** Chance that the process dies before or after a call of the store. */
  readonly crash: number;
  /** Events of trouble (clock set, process stalled, job paused, asked for, cancelled) a day. */
  readonly troubles: number;
  readonly schedules: readonly (readonly [schedule: string, zone: string])[];
  readonly concurrency: number;
  /** Of so many ticks the data of one is late, and of another it never comes. */
  readonly late: number;
  /** Share of runs that last minutes to hours. */
  readonly long: number;
}

export interface Simulated {
  readonly ticks: number;
  readonly runs: number;
  readonly crashes: number;
  /** Processes that stopped as they should. */
  readonly closed: number;
  readonly stale: number;
  readonly steps: number;
  readonly states: Readonly<Record<string, number>>;
}

/** The process died; nothing it holds acts any more. */
class Crash extends Error {
  override readonly name = "Crash";
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
const RESULT: RunResult = {
  verdict: "ok",
  reason: null,
  window: null,
  asOf: null,
  readings: [],
  body: new Uint8Array(),
  inputs: [],
  program: { driftbook: "0", engine: "0" },
  same: null,
};

/** Of all lives: the calendar is the same for each. */
const DUE = new DueTimes();

/**
 * Years of due times in seconds: the real store over a database in memory, the real scheduler, and a clock, processes
 * and executions that are made up from a seed. Processes die before and after any call of the store and while runs go
 * on; clocks are set; data comes late or never; runs fail, stall, overlap. What must hold is checked at every
 * execution and by `verify`.
 */
export class JobSimulation {
  readonly database = new DatabaseSync(":memory:");
  readonly #wish: SimulationWish;
  readonly #store: JobStore;
  readonly #made = new Map<string, number>();
  readonly #executions = new Map<number, Execution>();
  readonly #specs = new Map<string, JobSpec>();
  readonly #paused = new Map<string, number>();
  readonly #random: Random;
  /** How often the end of each run was told, by the number in its id. */
  #told = new Uint8Array(1024);
  #defect: unknown = null;
  #millis = START;
  #skewMillis = 0;
  #life: Life | null = null;
  #lives = 0;
  #ids = 0;
  #counts = { runs: 0, crashes: 0, closed: 0, stale: 0, steps: 0 };
  #calm = false;
  #closes = false;
  #nextTroubleMillis = START;

  constructor(wish: SimulationWish) {
    this.#wish = wish;
    this.#random = new Random(wish.seed);
    this.#store = new JobStore(this.database, ({ run }) => {
      const number = numberOf(run.id);
      if (number >= this.#told.length) {
        const longer = new Uint8Array(2 * number);
        longer.set(this.#told);
        this.#told = longer;
      }
      this.#told[number]! += 1;
    });
    // Of the runs that serve a job's ticks, one goes on at a time: a second one would be an error of its beginning.
    this.database.exec(
      "CREATE UNIQUE INDEX one_at_a_time ON runs (job) WHERE state = 'running' AND purpose = 'scheduled'",
    );
    for (let at = 0; at < wish.jobs; at += 1) this.#make(`job-${at}`, at);
  }

  /** To the end of the days, and on until nothing is open. @throws Error where something that must hold does not */
  async run(): Promise<Simulated> {
    const until = START + this.#wish.days * DAY;
    while (this.#millis < until) await this.#step(until);
    this.#calm = true;
    this.#skewMillis = Math.max(0, this.#skewMillis);
    for (const [name] of this.#paused) this.#store.pause(name, null);
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
    const ends = [...this.#executions.values()].reduce((least, { endsMillis }) => Math.min(least, endsMillis), until);
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

  #make(name: string, at: number): void {
    const [schedule, zone] = this.#wish.schedules[at % this.#wish.schedules.length]!;
    const spec: JobSpec = {
      run: "a.nb.md",
      schedule,
      zone,
      overlap: this.#pick(OVERLAPS),
      catch_up: this.#pick(CATCH_UPS),
      retries: Math.floor(this.#random.next() * 4),
      wait: this.#pick(["10 minutes", "2 hours"]),
    };
    this.#specs.set(name, spec);
    this.#made.set(name, this.#now());
    this.#store.put(name, { spec, zone: "UTC", version: 1 }, this.#now());
  }

  /** Another process over the same database. Where the one before only stands still, it may still act. */
  #begin(): void {
    const before = this.#life;
    if (before !== null) this.#millis += Math.floor(this.#random.next() * this.#random.next() * 20 * MINUTE);
    const alone = before?.state !== "stalled";
    // Until a lease that may still be held has ended, nobody else takes the runs.
    this.#lives += 1;
    const life: Life = { state: "alive", scheduler: null as unknown as Scheduler };
    const store = this.#guarded(life);
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
      noData: () => ({ ...RESULT, verdict: "no-data", reason: "The data has not come." }),
      execute: (_run, _timeout, signal) => this.#execute(life, signal),
      onChange: () => {},
      onError: (error) => {
        if (!(error instanceof Crash)) this.#defect = error;
      },
    });
    Object.assign(life, { scheduler });
    this.#life = life;
  }

  /** The store as a process sees it that may die around each call. */
  #guarded(life: Life): JobStore {
    const { crash } = this.#wish;
    const die = (): never => {
      life.state = "dead";
      this.#counts.crashes += 1;
      throw new Crash("The process died.");
    };
    return new Proxy(this.#store, {
      get: (target, key) => {
        const value = Reflect.get(target, key, target) as unknown;
        if (typeof value !== "function") return value;
        return (...words: unknown[]): unknown => {
          if (life.state === "dead") throw new Crash("It is dead.");
          if (!this.#calm && this.#chance(crash)) die();
          const answer: unknown = Reflect.apply(value, target, words);
          if (key === "publish" && life.state === "stalled" && answer === false) this.#counts.stale += 1;
          if (!this.#calm && this.#chance(crash)) die();
          return answer;
        };
      },
    });
  }

  #execute(life: Life, signal: AbortSignal): Promise<RunResult> {
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
        if (fails < 0.02) reject(new TransientFailure("A process of the run ended."));
        else if (fails < 0.03) reject(new Error("The cell cannot run."));
        else resolve(RESULT);
      };
      this.#executions.set(number, { endsMillis: this.#millis + lasts, end });
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
    const names = [...this.#specs.keys()];
    const name = this.#pick(names);
    switch (Math.floor(this.#random.next() * 9)) {
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
        this.#paused.set(name, this.#now());
        return this.#store.pause(name, "somebody");
      case 4:
        for (const [one] of this.#paused) this.#store.pause(one, null);
        return this.#paused.clear();
      case 5: {
        const now = this.#now();
        return this.#store.ask(
          [
            {
              id: this.#newId(),
              job: name,
              purpose: "manual",
              scheduledForMillis: now,
              version: 1,
              window: null,
              asOf: null,
              alerts: false,
              replayOf: null,
            },
          ],
          now,
        );
      }
      case 6: {
        const [first] = this.#store.active(name);
        if (first !== undefined && this.#life?.state === "alive")
          try {
            this.#life.scheduler.cancel(first.id, "Cancelled by somebody.");
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
          }
        return;
      }
      case 7: {
        const spec = { ...this.#specs.get(name)!, retries: Math.floor(this.#random.next() * 4) };
        this.#specs.set(name, spec);
        return this.#store.put(name, { spec, zone: "UTC", version: 1 }, this.#now());
      }
    }
  }

  /** What must hold at the end, against a model of its own. @throws Error with the first thing that does not */
  verify(): Simulated {
    const all = <T>(sql: string): T[] => this.database.prepare(sql).all() as T[];
    const none = (what: string, sql: string): void => {
      const [row] = all(sql);
      if (row !== undefined) throw new Error(`seed ${this.#wish.seed}: ${what}: ${JSON.stringify(row)}`);
    };
    none("a tick is open", "SELECT * FROM ticks WHERE state NOT IN ('done', 'failed', 'skipped')");
    none("a run is open", "SELECT id, job, state FROM runs WHERE state IN ('queued', 'running')");
    none("a tick has no reason", "SELECT * FROM ticks WHERE state IN ('failed', 'skipped') AND reason IS NULL");
    none("an attempt is one too many", `SELECT r.id, r.attempt FROM runs r WHERE r.attempt > 4`);
    this.#verifyEnds();
    for (const [name, madeMillis] of this.#made) this.#verifyTimes(name, madeMillis);
    const states = Object.fromEntries(
      all<{ state: string; n: number }>("SELECT state, count(*) AS n FROM ticks GROUP BY 1").map(({ state, n }) => [
        state,
        n,
      ]),
    );
    const ticks = Object.values(states).reduce((sum, n) => sum + n, 0);
    return { ticks, states, ...this.#counts };
  }

  /** A tick that is done has one result, and each end was told once: of the one run that ended it, and of no other. */
  #verifyEnds(): void {
    const rows = this.database
      .prepare(
        `SELECT t.job, t.scheduled_for_millis AS at, t.state, t.run, r.id, r.state AS ended FROM ticks AS t
         LEFT JOIN runs AS r INDEXED BY runs_of_tick
         ON r.job = t.job AND r.scheduled_for_millis = t.scheduled_for_millis AND r.purpose = 'scheduled'
         ORDER BY t.job, t.scheduled_for_millis`,
      )
      .iterate();
    let tick = "";
    let results = 0;
    let told = 0;
    let state: unknown = null;
    const check = (): void => {
      const isRight =
        told === (state === "done" || state === "failed" ? 1 : 0) && results === (state === "done" ? 1 : 0);
      if (!isRight)
        throw new Error(`seed ${this.#wish.seed}: ${tick} is ${state}, has ${results} results, was told ${told} times`);
    };
    for (const row of rows) {
      const key = `${row.job} ${row.at}`;
      if (key !== tick) {
        if (tick !== "") check();
        [tick, results, told, state] = [key, 0, 0, row.state];
      }
      if (row.id === null) continue;
      if (row.ended === "done") results += 1;
      told += this.#told[numberOf(String(row.id))] ?? 0;
    }
    check();
  }

  /** Each due time of the schedule since the job was made is one tick, and no other time is. */
  #verifyTimes(name: string, madeMillis: number): void {
    const rows = this.database
      .prepare("SELECT scheduled_for_millis AS at FROM ticks WHERE job = ? ORDER BY 1")
      .all(name);
    const job = this.#store.find(name)!;
    const expected = dueTimes(job.plan.cron, job.plan.zone, madeMillis, rows.length + 1);
    const wrong = rows.findIndex(({ at }, index) => at !== expected[index]);
    if (wrong >= 0)
      throw new Error(
        `seed ${this.#wish.seed}: ${name} has a tick at ${iso(Number(rows[wrong]!.at))} where ${iso(expected[wrong]!)} was due`,
      );
    const next = expected[rows.length];
    if (next !== undefined && next <= job.throughMillis)
      throw new Error(`seed ${this.#wish.seed}: ${name} has no tick at ${iso(next)}`);
  }
}

/** Computed once for each schedule: all jobs are made at the same moment. */
const known = new Map<string, number[]>();
function dueTimes(cron: string, zone: string, after: number, count: number): readonly number[] {
  const key = `${cron} ${zone} ${after}`;
  let times = known.get(key);
  if (times === undefined || times.length < count) {
    times = nextTimes(cron, zone, new Date(after).toISOString(), count + 100).map(Date.parse);
    known.set(key, times);
  }
  return times;
}

/** Of an id that `#newId` gave. */
const numberOf = (id: string): number => Number(id.slice(1));

const iso = (millis: number): string => new Date(millis).toISOString();
