import { z } from "zod";
import { bound, verdict } from "../results/reading.ts";

/**
 * `no-data` and `error` are states of cells and jobs, the others of single values. `gone`: a complete run does not have
 * the subject any more.
 */
export const alertState = z.enum([
  "inactive",
  "pending",
  "firing",
  "recovering",
  "resolved",
  "no-data",
  "error",
  "gone",
]);
export type AlertState = z.infer<typeof alertState>;

/** No run changes these any more. */
const ENDED: ReadonlySet<AlertState> = new Set(["resolved", "gone"]);
export const isEnded = (state: AlertState): boolean => ENDED.has(state);
/** States that somebody must know of, so that they are told and told again. */
export const isLoud = (state: AlertState): boolean => state === "firing" || state === "no-data" || state === "error";

/** How a person judged it afterwards. */
export const closedAs = z.enum(["useful", "false-alarm", "known-event"]);
export type ClosedAs = z.infer<typeof closedAs>;

/** What the last run measured of the subject. */
export const observation = z.object({
  reading: z.string(),
  window: z.tuple([z.string(), z.string()]).nullable(),
  asOf: z.string(),
  value: z.number().nullable(),
  /** What the bounds are held against where it is not the value itself, such as a distance in σ. */
  judged: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number(),
  bounds: z.object({ warn: bound.nullable(), fail: bound.nullable() }),
  verdict,
  unit: z.enum(["share", "count", "amount", "number"]),
});
export type Observation = z.infer<typeof observation>;

/** `value`: one metric of a cell; `cell`: all that a cell measures; `job`: its runs themselves. */
export type AlertLevel = "value" | "cell" | "job";

/** What an alert is about. Null fields mean all of them. */
export interface AlertSubject {
  readonly job: string;
  readonly cell: string | null;
  readonly kind: string | null;
  readonly metric: string | null;
  readonly subject: string | null;
  readonly slice: string | null;
}

interface Remark {
  readonly by: string;
  readonly atMillis: number;
  readonly comment: string;
}
export interface Closing extends Remark {
  readonly as: ClosedAs;
  /** The mark that it became. */
  readonly mark: string | null;
}

/** The failing run of an episode that was furthest past its bound. */
export interface Worst {
  readonly observation: Observation;
  /** When the run was due. */
  readonly atMillis: number;
}

/** One episode of one subject. Millis are epoch milliseconds. */
export interface Alert extends AlertSubject {
  readonly id: string;
  readonly state: AlertState;
  /** Runs in a row, as in `Progress`. */
  readonly bad: number;
  readonly good: number;
  /** Runs in a row that fire it, and that resolve it. */
  readonly needed: number;
  /** Due time of the run that began it. */
  readonly sinceMillis: number;
  readonly firedMillis: number | null;
  readonly endedMillis: number | null;
  /** The last run that had to do with it, and its version. */
  readonly run: string;
  readonly version: number;
  /** Runs since it was measured last; 0 when the last run did. */
  readonly unmeasuredRuns: number;
  readonly observation: Observation | null;
  /** Null for cells and jobs, and for what began under an earlier version of Driftbook. */
  readonly worst: Worst | null;
  /** Why it is as it is; a sentence. */
  readonly reason: string | null;
  /** The last message about it, and the state that it told. */
  readonly told: { readonly state: AlertState; readonly atMillis: number } | null;
  readonly acknowledged: Remark | null;
  readonly closed: Closing | null;
}

/** A change of state, and whether somebody is to be told of it. */
export interface AlertChange {
  readonly alert: string;
  readonly run: string;
  readonly atMillis: number;
  readonly from: AlertState;
  readonly to: AlertState;
  readonly notify: boolean;
  readonly reason: string | null;
  readonly observation: Observation | null;
}

export function levelOf({ cell, metric }: Pick<AlertSubject, "cell" | "metric">): AlertLevel {
  if (cell === null) return "job";
  return metric === null ? "cell" : "value";
}

/** Equal for the same subject, run after run. */
export function keyOf({ job, cell, metric, subject, slice }: Omit<AlertSubject, "kind">): string {
  return JSON.stringify([job, cell, metric, subject, slice]);
}
