import { planOf } from "../../cells/jobs/job-plan.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { nextTimes } from "../../cells/jobs/schedule.ts";

/** What a job was asked to do, and the calendars that it had, one after the other. */
export interface JobRules {
  readonly name: string;
  readonly spec: JobSpec;
  readonly calendars: Calendar[];
}

export interface Calendar {
  readonly cron: string;
  readonly zone: string;
  /** Its due times come after this, up to the next one's, or up to `throughMillis`. */
  readonly fromMillis: number;
  /** Null while it is in force. */
  throughMillis: number | null;
}

export interface TickRow {
  readonly job: string;
  readonly at: number;
  readonly state: string;
  readonly reason: string | null;
  readonly late: boolean;
  readonly plannedAt: number;
  readonly run: string | null;
}

export interface RunRow {
  readonly id: string;
  readonly job: string;
  readonly at: number;
  readonly purpose: string;
  readonly state: string;
  readonly attempt: number;
}

export interface Rows {
  /** By job and time. */
  readonly ticks: Iterable<TickRow>;
  /** In the same order. */
  readonly runs: Iterable<RunRow>;
}

const MINUTE = 60_000;
const MISSED = "It came due while nothing could run";

/**
 * What must hold of all ticks and runs once nothing is open, said without looking at how the scheduler comes to it.
 * `told`: how often the end of a run was told. @throws Error with the first thing that does not hold
 */
export function checkJobs(
  rows: Rows,
  jobs: ReadonlyMap<string, JobRules>,
  told: (run: string) => number,
): Record<string, number> {
  const states: Record<string, number> = {};
  const runs = new Groups(rows.runs);
  let ticks: Tick[] = [];
  const endJob = (): void => {
    const job = jobs.get(ticks[0]?.job ?? "");
    if (job !== undefined)
      for (const found of Map.groupBy(ofCalendar(ticks, job), ({ plannedAt }) => plannedAt).values())
        checkCatchUp(found, job);
    ticks = [];
  };
  for (const tick of rows.ticks) {
    if (tick.job !== ticks[0]?.job) endJob();
    const those = runs.of(tick.job, tick.at);
    checkEnd(tick, those, told);
    states[tick.state] = (states[tick.state] ?? 0) + 1;
    ticks.push({ ...tick, filled: those.some(({ purpose }) => purpose === "backfill") });
  }
  endJob();
  return states;
}

interface Tick extends TickRow {
  /** A backfill was asked for, which may have made the tick, or changed how it ended. */
  readonly filled: boolean;
}

/** Every tick has ended, with a reason where nothing was measured, with one result, and its end was told once. */
function checkEnd(tick: TickRow, runs: readonly RunRow[], told: (run: string) => number): void {
  const wrong = (what: string): never => {
    throw new Error(`${what}: ${JSON.stringify(tick)}, runs ${JSON.stringify(runs)}`);
  };
  if (!["done", "failed", "skipped"].includes(tick.state)) wrong("a tick is open");
  if (tick.state !== "done" && tick.reason === null) wrong("a tick has no reason");
  const serving = runs.filter(({ purpose }) => purpose === "scheduled");
  const filling = runs.filter(({ purpose, state }) => purpose === "backfill" && state === "done");
  for (const { state, attempt } of runs) {
    if (state === "queued" || state === "running") wrong("a run is open");
    // Three retries at the most are asked for, and of lost ones two at the least.
    if (attempt > 4) wrong("an attempt is one too many");
  }
  const results = serving.filter(({ state }) => state === "done").length;
  if (results > 1) wrong("a tick has two results");
  if ((tick.state === "done") !== (results === 1 || filling.length > 0))
    wrong("a tick is done and has no result, or has one and is not");
  const ends = serving.filter(({ id }) => told(id) > 0);
  const isEnded = results === 1 || (tick.state === "failed" && filling.length === 0);
  if (serving.some(({ id }) => told(id) > 1) || ends.length > 1 || (isEnded && ends.length !== 1))
    wrong("an end was told not once");
  if (results === 1 && ends[0]!.state !== "done") wrong("another end was told than the one there was");
}

/** Of the ticks found in one moment, `catch_up` serves what it says of those that were missed. */
function checkCatchUp(ticks: readonly Tick[], { spec, name }: JobRules): void {
  // What came due while the job was paused was not missed; what was missed may be skipped when it is paused later.
  const wasPaused = ({ late: isLate, reason }: Tick): boolean => !isLate && reason === "The job was paused.";
  const late = ticks.filter((tick) => tick.plannedAt - tick.at > MINUTE && !wasPaused(tick));
  if (late.length === 0) return;
  const { catchUp } = planOf(spec, "UTC");
  const onTime = ticks.some(({ at, plannedAt }) => plannedAt - at <= MINUTE);
  for (const [index, { at, plannedAt, reason, filled }] of late.entries()) {
    if (filled) continue;
    const newer = late.length - 1 - index;
    const serves =
      catchUp.type === "all"
        ? newer < catchUp.most
        : catchUp.type === "latest" && newer === 0 && !onTime && plannedAt - at <= (catchUp.withinMillis ?? plannedAt);
    if (serves === (reason?.startsWith(MISSED) ?? false))
      throw new Error(
        `${name} (catch_up: ${spec.catch_up}): ${iso(at)}, found at ${iso(plannedAt)}, should ${serves ? "" : "not "}be served`,
      );
  }
}

/**
 * Each due time of each calendar in its time is one tick, and no other time is, but where a backfill was asked for.
 * @returns those of the calendars
 */
function ofCalendar(ticks: readonly Tick[], { name, calendars }: JobRules): Tick[] {
  const expected = calendars.flatMap(({ cron, zone, fromMillis, throughMillis }) =>
    dueTimes(cron, zone, fromMillis, throughMillis!),
  );
  const found: Tick[] = [];
  for (const tick of ticks) {
    const due = expected[found.length];
    if (tick.at === due) found.push(tick);
    else if (!tick.filled) throw new Error(`${name} has a tick at ${iso(tick.at)} where ${iso(due)} was due`);
  }
  const missing = expected[found.length];
  if (missing !== undefined) throw new Error(`${name} has no tick at ${iso(missing)}`);
  return found;
}

const known = new Map<string, number[]>();
/** Computed once for each schedule and beginning. */
function dueTimes(cron: string, zone: string, from: number, through: number): number[] {
  const key = `${cron} ${zone} ${from}`;
  let times = known.get(key) ?? [];
  while ((times.at(-1) ?? from) <= through) {
    const after = new Date(times.at(-1) ?? from).toISOString();
    times = [...times, ...nextTimes(cron, zone, after, 500).map(Date.parse)];
    known.set(key, times);
  }
  return times.filter((time) => time <= through);
}

/** Runs of one tick after the other. */
class Groups {
  readonly #rows: Iterator<RunRow>;
  #next: RunRow | undefined;
  constructor(rows: Iterable<RunRow>) {
    this.#rows = rows[Symbol.iterator]();
    this.#step();
  }

  of(job: string, at: number): RunRow[] {
    const found: RunRow[] = [];
    for (; this.#next !== undefined; this.#step()) {
      const { job: mine, at: when } = this.#next;
      if (mine > job || (mine === job && when > at)) break;
      if (mine === job && when === at) found.push(this.#next);
    }
    return found;
  }

  #step(): void {
    const { done, value } = this.#rows.next();
    this.#next = done === true ? undefined : value;
  }
}

const iso = (millis: number | undefined): string => (millis === undefined ? "no time" : new Date(millis).toISOString());
