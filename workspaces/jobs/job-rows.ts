import { type JobPlan, planOf } from "../../cells/jobs/job-plan.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { Run, Tick } from "../../cells/wire/http-jobs.ts";
import type { ReadingLine } from "../../cells/wire/http-readings.ts";
import type { Row } from "../monitor/statements.ts";

/** A job as it is in force. */
export interface StoredJob {
  readonly name: string;
  readonly spec: JobSpec;
  readonly plan: JobPlan;
  readonly version: number | null;
  /** Who paused it; null while it is not. */
  readonly pausedBy: string | null;
  readonly madeAtMillis: number;
  readonly throughMillis: number;
  readonly nextMillis: number | null;
}

/** A job that ended, as it was in force last. */
export interface RemovedJob extends StoredJob {
  readonly removedAtMillis: number;
  /** Null where it was removed by an earlier version of the program. */
  readonly removedBy: string | null;
}

/** A tick that nothing serves yet. */
export interface OpenTick {
  readonly job: string;
  readonly scheduledForMillis: number;
  readonly late: boolean;
  /** What it waits for; null where nobody looked yet. */
  readonly reason: string | null;
  readonly plannedAtMillis: number;
}

/** What `toOpenTick` and `toOpenRun` read: a row of `runs` holds much more. */
export const OPEN_TICK_COLUMNS = "job, scheduled_for_millis, late, reason, planned_at_millis";
export const OPEN_RUN_COLUMNS =
  "id, job, purpose, scheduled_for_millis, attempt, version, window_start, window_end, as_of, due_at, alerts, replay_of";

/** A run that has not ended. */
export interface OpenRun {
  readonly id: string;
  readonly job: string;
  readonly purpose: Run["purpose"];
  readonly scheduledForMillis: number;
  readonly attempt: number;
  readonly version: number;
  readonly window: readonly [start: string, end: string] | null;
  readonly asOf: string | null;
  /** What relative windows of its cells count from; null for the as-of. */
  readonly dueAt: string | null;
  /** Whether its verdicts may make alerts. */
  readonly alerts: boolean;
  readonly replayOf: string | null;
}

/** A run before its first attempt. */
export type NewRun = Omit<OpenRun, "attempt">;

export interface ActiveRun extends OpenRun {
  /** Else it is queued. */
  readonly running: boolean;
}

/** By zone and text: many rows are read again and again, and reading one costs more than asking for it. */
const settings = new Map<string, Pick<StoredJob, "spec" | "plan">>();

function settingsOf(text: string, zone: string): Pick<StoredJob, "spec" | "plan"> {
  const key = `${zone} ${text}`;
  let known = settings.get(key);
  if (known === undefined) {
    const spec = JSON.parse(text) as JobSpec;
    known = { spec, plan: planOf(spec, zone) };
    if (settings.size > 10_000) settings.clear();
    settings.set(key, known);
  }
  return known;
}

export function toJob(row: Row): StoredJob {
  const { spec, plan } = settingsOf(String(row.spec), String(row.zone));
  return {
    name: String(row.name),
    spec,
    plan,
    version: numberOf(row.version),
    pausedBy: textOf(row.paused_by),
    madeAtMillis: Number(row.made_at_millis),
    throughMillis: Number(row.through_millis),
    nextMillis: numberOf(row.next_millis),
  };
}

export const toRemovedJob = (row: Row): RemovedJob => ({
  ...toJob(row),
  removedAtMillis: Number(row.removed_at_millis),
  removedBy: textOf(row.removed_by),
});

export const toOpenTick = (row: Row): OpenTick => ({
  job: String(row.job),
  scheduledForMillis: Number(row.scheduled_for_millis),
  late: row.late === 1,
  reason: textOf(row.reason),
  plannedAtMillis: Number(row.planned_at_millis),
});

export const toOpenRun = (row: Row): OpenRun => ({
  id: String(row.id),
  job: String(row.job),
  purpose: String(row.purpose) as Run["purpose"],
  scheduledForMillis: Number(row.scheduled_for_millis),
  attempt: Number(row.attempt),
  version: Number(row.version),
  window: windowOf(row),
  asOf: textOf(row.as_of),
  dueAt: textOf(row.due_at),
  alerts: row.alerts === 1,
  replayOf: textOf(row.replay_of),
});

export const toTick = (row: Row): Tick => ({
  job: String(row.job),
  scheduledFor: isoOf(Number(row.scheduled_for_millis)),
  state: String(row.state) as Tick["state"],
  reason: textOf(row.reason),
  run: textOf(row.run),
  verdict: textOf(row.verdict) as Tick["verdict"],
});

export function toRun(row: Row): Run {
  const [started, ended] = [numberOf(row.started_at_millis), numberOf(row.ended_at_millis)];
  const about =
    row.about === null
      ? null
      : (JSON.parse(String(row.about)) as Partial<Pick<Run, "measured" | "inputs" | "program">>);
  return {
    id: String(row.id),
    job: String(row.job),
    purpose: String(row.purpose) as Run["purpose"],
    scheduledFor: isoOf(Number(row.scheduled_for_millis)),
    attempt: Number(row.attempt),
    version: Number(row.version),
    state: String(row.state) as Run["state"],
    window: windowOf(row),
    asOf: textOf(row.as_of),
    dueAt: textOf(row.due_at),
    createdAt: isoOf(Number(row.created_at_millis)),
    startedAt: started === null ? null : isoOf(started),
    endedAt: ended === null ? null : isoOf(ended),
    durationMillis: started === null || ended === null ? null : ended - started,
    verdict: textOf(row.verdict) as Run["verdict"],
    reason: textOf(row.reason),
    readings: Number(row.readings),
    measured: about?.measured ?? [],
    inputs: about?.inputs ?? [],
    program: about?.program ?? null,
    replayOf: textOf(row.replay_of),
    same: row.same === null ? null : row.same === 1,
  };
}

/** One line of what a run measured. */
export type RunReading = Pick<
  ReadingLine,
  | "id"
  | "cell"
  | "metric"
  | "subject"
  | "slice"
  | "window"
  | "asOf"
  | "value"
  | "lower"
  | "upper"
  | "n"
  | "verdict"
  | "provisional"
>;

export const toRunReading = (row: Row): RunReading => ({
  id: String(row.id),
  cell: String(row.cell),
  metric: String(row.metric),
  subject: textOf(row.subject),
  slice: textOf(row.slice),
  window: windowOf(row),
  asOf: String(row.as_of),
  value: numberOf(row.value),
  lower: numberOf(row.lower),
  upper: numberOf(row.upper),
  n: Number(row.n),
  verdict: String(row.verdict) as RunReading["verdict"],
  provisional: row.provisional === 1,
});

export const isoOf = (millis: number): string => new Date(millis).toISOString();
export const textOf = (value: unknown): string | null => (value === null ? null : String(value));
export const numberOf = (value: unknown): number | null => (value === null ? null : Number(value));

const windowOf = (row: Row): [string, string] | null =>
  row.window_start === null ? null : [String(row.window_start), String(row.window_end)];
