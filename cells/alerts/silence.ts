import { type Alert, type AlertSubject, levelOf } from "./alert.ts";
import { subjectWords } from "./alert-words.ts";

/**
 * What a silence is of: a job; a cell of it; one value, where the metric is given, and then null is a subject or slice like
 * any other; or the one episode `alert`.
 */
export interface SilenceTarget extends Omit<AlertSubject, "kind"> {
  readonly alert: string | null;
}

/** A time in which nobody is told. It may begin later; millis are epoch milliseconds, `untilMillis` is not part of it. */
export interface Silence extends SilenceTarget {
  readonly id: string;
  readonly fromMillis: number;
  readonly untilMillis: number;
  readonly comment: string;
  readonly by: string;
}

export const WHOLE_JOB = { cell: null, metric: null, subject: null, slice: null, alert: null } as const;

export type SilenceState = "planned" | "in force" | "ended";

export function silenceState(
  { fromMillis, untilMillis }: Pick<Silence, "fromMillis" | "untilMillis">,
  nowMillis: number,
): SilenceState {
  if (untilMillis <= nowMillis) return "ended";
  return fromMillis <= nowMillis ? "in force" : "planned";
}

/** Whether it is about the alert, whenever it is in force. The store's filter says the same in SQL. */
export function isSilenceOf(
  target: SilenceTarget,
  alert: Pick<Alert, "id" | keyof Omit<AlertSubject, "kind">>,
): boolean {
  if (target.job !== alert.job) return false;
  if (target.alert !== null) return target.alert === alert.id;
  if (target.cell !== null && target.cell !== alert.cell) return false;
  if (target.metric === null) return true;
  return target.metric === alert.metric && target.subject === alert.subject && target.slice === alert.slice;
}

/** Of those in force, the end of the one that lasts longest; null when the alert is not silenced. */
export function silencedUntilMillis(
  inForce: readonly Silence[],
  alert: Parameters<typeof isSilenceOf>[1],
): number | null {
  const own = inForce.filter((one) => isSilenceOf(one, alert));
  return own.length === 0 ? null : Math.max(...own.map(({ untilMillis }) => untilMillis));
}

/** "all alerts of daily", "all of score_drift (daily)", "PSI of amount in score_drift (daily)", "one alert of daily". */
export function silenceWords(target: SilenceTarget): string {
  const { job, cell } = target;
  if (target.alert !== null) return `one alert of ${job}`;
  switch (levelOf(target)) {
    case "job":
      return `all alerts of ${job}`;
    case "cell":
      return `all of ${cell} (${job})`;
    case "value":
      return `${subjectWords(target)} (${job})`;
  }
}
