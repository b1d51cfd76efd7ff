import { z } from "zod";
import { type Alert, type AlertChange, alertState, observation } from "./alert.ts";
import { type PastValue, pastValue } from "./past-value.ts";

/** More of one run are counted, not listed, where people read it: the page has them. */
export const MOST_LISTED = 10;
/** The same for programs, and for what is kept of a message: one run may change ten thousand. */
export const MOST_TOLD = 100;

/** Of names that a notebook gives, which may be as long as it likes. */
const LONGEST_NAME = 300;
const LONGEST_REASON = 2000;

/** One alert within a message. */
export const notedAlert = z.object({
  alert: z.string(),
  cell: z.string().nullable(),
  metric: z.string().nullable(),
  subject: z.string().nullable(),
  slice: z.string().nullable(),
  /** What it was and what it became; equal where it is told again. */
  from: alertState,
  to: alertState,
  /** ISO 8601 UTC: due time of the run that began it. */
  since: z.string(),
  run: z.string(),
  /** Failing runs in a row. */
  runs: z.int(),
  reason: z.string().nullable(),
  observation: observation.nullable(),
  /** The newest runs up to this one, oldest first: what the chart shows. Empty where the alert is of no value, or not listed. */
  history: z.array(pastValue).default([]),
});
export type NotedAlert = z.infer<typeof notedAlert>;

/**
 * What one destination is told at once: all that one run changed in one job, or what goes on in it. It is kept as it was
 * when the state changed; how it is written is up to the destination.
 */
export const notification = z.object({
  /** Stable: every attempt carries it, so that a receiver can tell a repetition. */
  key: z.string(),
  type: z.enum(["changed", "repeated", "test"]),
  destination: z.string(),
  /** Null in a test. */
  job: z.string().nullable(),
  run: z.string().nullable(),
  /** ISO 8601 UTC: when it was written. */
  at: z.string(),
  alerts: z.array(notedAlert),
  /** How many became what, beyond those. */
  unlisted: z.partialRecord(alertState, z.int()).default({}),
});
export type Notification = z.infer<typeof notification>;

export function notedAlertOf(
  alert: Alert,
  change: Pick<AlertChange, "from" | "to">,
  history: readonly PastValue[],
): NotedAlert {
  return {
    alert: alert.id,
    cell: shortened(alert.cell, LONGEST_NAME),
    metric: shortened(alert.metric, LONGEST_NAME),
    subject: shortened(alert.subject, LONGEST_NAME),
    slice: shortened(alert.slice, LONGEST_NAME),
    from: change.from,
    to: change.to,
    since: new Date(alert.sinceMillis).toISOString(),
    run: alert.run,
    runs: alert.bad,
    reason: shortened(alert.reason, LONGEST_REASON),
    observation: alert.observation,
    history: [...history],
  };
}

/** Never half of a character. */
function shortened(text: string | null, longest: number): string | null {
  if (text === null || text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** How many a message tells of. */
export const countOfTold = ({ alerts, unlisted }: Pick<Notification, "alerts" | "unlisted">): number =>
  alerts.length + Object.values(unlisted).reduce((sum, count) => sum + count, 0);
