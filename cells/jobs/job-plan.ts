import { type Chunk, parseChunk } from "../monitoring/monitoring-keys.ts";
import type { Unit } from "../time/window.ts";
import type { JobSpec } from "./job-spec.ts";
import { parseSchedule } from "./schedule.ts";

/** What becomes of ticks that came due while nothing could run. */
export type CatchUp =
  /** The newest of them, where it is not older than this. */
  | { readonly type: "latest"; readonly withinMillis: number | null }
  | { readonly type: "all"; readonly most: number }
  | { readonly type: "skip" };

/** A job's settings with every default filled in. */
export interface JobPlan {
  /** Five fields. */
  readonly cron: string;
  readonly zone: string;
  /** How long a run waits for the data of its window. */
  readonly waitMillis: number;
  readonly catchUp: CatchUp;
  /** When a tick comes due while the job still runs. */
  readonly overlap: "skip" | "queue" | "cancel";
  /** After the first attempt, and only where trying again may help. */
  readonly retries: number;
  readonly timeoutMillis: number;
}

/** `zone` is the workspace's. @throws RangeError for a spec that `jobSpec` has not accepted */
export function planOf(spec: JobSpec, zone: string): JobPlan {
  const schedule = parseSchedule(spec.schedule);
  if (!schedule.ok) throw new RangeError(schedule.problem);
  return {
    cron: schedule.cron,
    zone: spec.zone ?? zone,
    waitMillis: millisOf(spec.wait ?? "2 hours"),
    catchUp: catchUpOf(spec.catch_up ?? "latest"),
    overlap: spec.overlap ?? "skip",
    retries: spec.retries ?? 2,
    timeoutMillis: millisOf(spec.timeout ?? "30 minutes"),
  };
}

function catchUpOf(text: string): CatchUp {
  if (text === "skip") return { type: "skip" };
  const most = /^all, at most (\d+)$/.exec(text)?.[1];
  if (most !== undefined) return { type: "all", most: Number(most) };
  const within = /, within (.+)$/.exec(text)?.[1];
  return { type: "latest", withinMillis: within === undefined ? null : millisOf(within) };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Waiting needs no calendar: a day is 24 hours, a month thirty days. */
const MILLIS: Readonly<Record<Unit, number>> = {
  minute: MINUTE,
  hour: 60 * MINUTE,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  quarter: 91 * DAY,
  year: 365 * DAY,
};

/** @throws RangeError for what is no length of time */
export function millisOf(text: string): number {
  const chunk: Chunk | null = parseChunk(text);
  if (chunk === null) throw new RangeError(`${JSON.stringify(text)} is no length of time.`);
  return chunk.count * MILLIS[chunk.unit];
}
