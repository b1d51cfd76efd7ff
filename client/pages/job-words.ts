import type { Verdict } from "../../cells/results/reading.ts";
import { sentenceText } from "../../cells/views/sentence-times.ts";
import { momentText } from "../../cells/views/time-text.ts";
import type { Job, Run, RunPurpose, RunState, Tick, TickState } from "../../cells/wire/http-jobs.ts";

export const TICK_WORDS: Readonly<Record<TickState, string>> = {
  due: "due",
  waiting: "waiting",
  running: "running",
  done: "done",
  failed: "failed",
  skipped: "skipped",
};
export const RUN_WORDS: Readonly<Record<RunState, string>> = {
  queued: "queued",
  running: "running",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
  lost: "lost, retried",
};
export const PURPOSE_WORDS: Readonly<Record<RunPurpose, string>> = {
  scheduled: "scheduled",
  manual: "by hand",
  backfill: "backfill",
  replay: "replay",
};

export const isGoing = (state: RunState): boolean => state === "queued" || state === "running";

export const jobAddress = (job: string): string => `/jobs/${encodeURIComponent(job)}`;
export const runAddress = (job: string, run: string): string => `${jobAddress(job)}/runs/${encodeURIComponent(run)}`;
export const versionAddress = (job: string, number: number): string => `${jobAddress(job)}/versions/${number}`;
export const jobApi = (job: string): string => `/api${jobAddress(job)}`;
export const notebookAddress = (notebook: string): string =>
  `/n/${notebook.split("/").map(encodeURIComponent).join("/")}`;

/** "Wed 25 Nov, 06:00"; with its year where that is another one. */
export function dueText(iso: string, zone: string, nowMillis: number = Date.now()): string {
  const part = (options: Intl.DateTimeFormatOptions, millis: number): string =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(millis);
  const millis = Date.parse(iso);
  if (Number.isNaN(millis)) return iso;
  const isThisYear = part({ year: "numeric" }, millis) === part({ year: "numeric" }, nowMillis);
  const day = part(
    { weekday: "short", day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) },
    millis,
  );
  return `${day.replace(",", "")}, ${part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, millis)}`;
}

/** "25 Nov"; with its year where that is another one. */
export function dayText(iso: string, zone: string, nowMillis: number = Date.now()): string {
  const day = (options: Intl.DateTimeFormatOptions, at: string | number): string =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(new Date(at));
  const isThisYear = day({ year: "numeric" }, iso) === day({ year: "numeric" }, nowMillis);
  return day({ day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) }, iso);
}

/** "fired 15 Oct, resolved 27 Oct" */
export const firedWords = (from: string, to: string | null, zone: string): string =>
  `fired ${dayText(from, zone)}${to === null ? ", not resolved" : `, resolved ${dayText(to, zone)}`}`;

/** "in 4 h", "in 3 days"; "now" for what is due. */
export function until(iso: string, nowMillis: number = Date.now()): string {
  const minutes = Math.round((Date.parse(iso) - nowMillis) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 60 * 48) return `in ${Math.round(minutes / 60)} h`;
  return `in ${Math.round(minutes / (60 * 24))} days`;
}

/** What a tick came to, in one line: "29 Mar 2026, 06:00: done, warn. …". */
export function tickTitle(
  { scheduledFor, state, verdict, reason }: Tick,
  verdictWords: Record<Verdict, string>,
  zone: string,
): string {
  const what =
    verdict === null
      ? TICK_WORDS[state]
      : state === "done"
        ? verdictWords[verdict]
        : `${TICK_WORDS[state]}, ${verdictWords[verdict]}`;
  return `${momentText(scheduledFor, zone)}: ${what}${reason === null ? "" : `. ${sentenceText(reason, zone)}`}`;
}

/** What a job is at this moment. */
export function jobState({
  paused,
  active,
  version,
  problem,
  removed,
}: Pick<Job, "paused" | "active" | "version" | "problem" | "removed">): {
  readonly word: string;
  readonly tone: "ok" | "warn" | "fail" | "busy" | "quiet";
} {
  if (removed !== null) return { word: "removed", tone: "quiet" };
  if (active > 0) return { word: "running", tone: "busy" };
  if (paused) return { word: "paused", tone: "quiet" };
  if (version === null) return { word: "not promoted", tone: "warn" };
  return problem === null ? { word: "scheduled", tone: "ok" } : { word: "needs you", tone: "fail" };
}

/** "removed 3 Nov 2026, 10:15 by ann". */
export function removedWords({ removedAt, removedBy }: NonNullable<Job["removed"]>, zone: string): string {
  return `removed ${momentText(removedAt, zone)}${removedBy === null ? "" : ` by ${removedBy}`}`;
}

/** What is measured: the cell in its notebook, or the notebook. */
export const targetWords = ({ notebook, cell }: Pick<Job, "notebook" | "cell">): string =>
  cell === null ? notebook : `${cell} in ${notebook}`;

/** Why a run is what it is, beside its state: a retry, another's repetition. */
export function runRemark({ attempt, purpose, same }: Pick<Run, "attempt" | "purpose" | "same">): string | null {
  if (purpose === "replay" && same !== null) return same ? "same numbers" : "other numbers";
  return attempt > 1 ? `attempt ${attempt}` : null;
}

const MINUTE_MILLIS = 60_000;

/** Labels come by the hour: any as-of but the due time is another view of the same days. */
export const saysAsOf = ({ asOf, scheduledFor }: Pick<Run, "asOf" | "scheduledFor">): boolean =>
  asOf !== null && Math.abs(Date.parse(asOf) - Date.parse(scheduledFor)) > MINUTE_MILLIS;
