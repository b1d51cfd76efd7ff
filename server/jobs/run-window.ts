import type { JobPlan } from "../../cells/jobs/job-plan.ts";
import { previousTimes } from "../../cells/jobs/schedule.ts";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import { countOf } from "../../cells/views/number-text.ts";
import type { Readiness } from "../../workspaces/jobs/scheduler.ts";
import { HttpError } from "../http-error.ts";

/**
 * What a version's window means for a due time: as stated, resolved against the due time and never against the clock,
 * else the schedule's own interval up to it. Null where the schedule has no time before. @throws HttpError 422
 */
export function runWindow(
  frozen: Pick<FrozenVersion, "window">,
  { cron, zone }: Pick<JobPlan, "cron" | "zone">,
  scheduledForMillis: number,
): [start: string, end: string] | null {
  const dueAt = new Date(scheduledForMillis).toISOString();
  if (frozen.window === null) {
    const [before] = previousTimes(cron, zone, dueAt, 1);
    return before === undefined ? null : [before, dueAt];
  }
  const read = parseWindow(frozen.window);
  const resolved = read.ok ? resolveWindow(read.window, { at: dueAt, zone }) : read;
  if (!resolved.ok) throw new HttpError(422, `window: ${resolved.problem}.`);
  return [resolved.window.start, resolved.window.end];
}

/** How far a stream is there; null for one without events. */
export interface StreamProgress {
  readonly lastDecidedAt: string | null;
  readonly latenessMillis: number;
  readonly quietAllowed: boolean;
}

/** Whether every stream that the version reads has reached the end of the window, events that come late included. */
export function readinessOf(window: Readiness["window"], streams: ReadonlyMap<string, StreamProgress>): Readiness {
  const end = window === null ? Number.NEGATIVE_INFINITY : Date.parse(window[1]);
  for (const [stream, { lastDecidedAt, latenessMillis, quietAllowed }] of streams) {
    if (quietAllowed) continue;
    if (lastDecidedAt === null) return { ready: false, window, reason: `${stream} has no events yet.` };
    if (Date.parse(lastDecidedAt) - latenessMillis >= end) continue;
    const late = latenessMillis === 0 ? "" : `, and events may come ${latenessText(latenessMillis)} late`;
    return {
      ready: false,
      window,
      reason: `${stream} ends at ${lastDecidedAt}${late}; the window ends at ${window![1]}.`,
    };
  }
  return { ready: true, window };
}

function latenessText(millis: number): string {
  const minutes = Math.round(millis / 60_000);
  return minutes === 0 ? countOf(Math.round(millis / 1000), "second") : countOf(minutes, "minute");
}
