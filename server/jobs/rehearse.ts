import type { Alert } from "../../cells/alerts/alert.ts";
import { isEnded } from "../../cells/alerts/alert.ts";
import { judgeRun } from "../../cells/alerts/judge-run.ts";
import type { AlertRules } from "../../cells/alerts/judged-run.ts";
import type { JobPlan } from "../../cells/jobs/job-plan.ts";
import { previousTimes } from "../../cells/jobs/schedule.ts";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import type { Rehearsal } from "../../cells/wire/http-jobs.ts";
import type { OpenRun } from "../../workspaces/jobs/job-rows.ts";
import type { RunResult } from "../../workspaces/jobs/run-result.ts";
import { judgedRunOf } from "../alerts/judge-ended.ts";
import { type ExecuteParts, executeRun } from "./execute-run.ts";
import { runWindow } from "./run-window.ts";

const REHEARSED = 180;
/** Whoever waits sees how long, and may stop; this is for those who went away. */
const LONGEST_MILLIS = 10 * 60_000;

export interface RehearsalParts extends ExecuteParts {
  readonly concurrency: number;
  /** When the first event of a stream happened, ISO 8601; null before there is one. */
  readonly beganAt: (stream: string) => string | null;
}

interface Rehearsed {
  readonly run: OpenRun;
  readonly result: RunResult | null;
  readonly failure: string | null;
}

/**
 * How the bounds would have stood at the last 180 due times as known then, and what would have fired by the rules of
 * alerts; nothing of it is kept. Due times before the streams' first events are left out, and said.
 */
export async function rehearse(
  frozen: FrozenVersion,
  { plan, rules }: { readonly plan: JobPlan; readonly rules: AlertRules },
  signal: AbortSignal,
  parts: RehearsalParts,
): Promise<Rehearsal> {
  const until = Date.now() + LONGEST_MILLIS;
  const tooLong = AbortSignal.timeout(LONGEST_MILLIS);
  const past = previousTimes(plan.cron, plan.zone, new Date().toISOString(), REHEARSED);
  const rest = past.filter((time) => hasBegun(frozen, plan, time, parts));
  const before = past.length - rest.length;
  const found: Rehearsed[] = [];
  const worker = async (): Promise<void> => {
    // From the newest back: what is cut is the oldest.
    for (let time = rest.shift(); time !== undefined; time = rest.shift()) {
      const run = runAt(time, frozen, plan);
      const work = { timeoutMillis: LONGEST_MILLIS, signal: AbortSignal.any([signal, tooLong]), earlier: null };
      const one = await executeRun(run, frozen, work, {
        ...parts,
        readings: { keep: async () => {}, before: async () => null },
      }).catch((error: unknown) => error as Error);
      signal.throwIfAborted();
      if (Date.now() >= until) {
        // It was cut, which says nothing of it.
        rest.unshift(time);
        return;
      }
      found.push(
        one instanceof Error ? { run, result: null, failure: one.message } : { run, result: one.result, failure: null },
      );
    }
  };
  await Promise.all(Array.from({ length: parts.concurrency }, worker));
  found.sort((a, b) => a.run.scheduledForMillis - b.run.scheduledForMillis);
  return summary(found, rules, [
    ...(before > 0 ? [`${before} of the last ${past.length} due times lie before the first event.`] : []),
    ...(rest.length > 0 ? [`It ended after ten minutes; ${rest.length} older due times were not measured.`] : []),
  ]);
}

/** Whether some stream had an event before the end of that run's window. */
function hasBegun(frozen: FrozenVersion, plan: JobPlan, time: string, { beganAt }: RehearsalParts): boolean {
  if (frozen.contracts.length === 0) return true;
  const end = Date.parse(runWindow(frozen, plan, Date.parse(time))?.[1] ?? time);
  return frozen.contracts.some(({ stream }) => {
    const began = beganAt(stream);
    return began !== null && Date.parse(began) < end;
  });
}

function runAt(time: string, frozen: FrozenVersion, plan: JobPlan): OpenRun {
  const scheduledForMillis = Date.parse(time);
  return {
    ...{ id: `rehearsal of ${time}`, job: "rehearsal", purpose: "manual", attempt: 1, version: 0, alerts: false },
    ...{ scheduledForMillis, window: runWindow(frozen, plan, scheduledForMillis), asOf: time, dueAt: time },
    replayOf: null,
  };
}

/** The runs judged one after the other, as those of a job are. */
function summary(found: readonly Rehearsed[], rules: AlertRules, notes: readonly string[]): Rehearsal {
  const counts = { ok: 0, warn: 0, "no-data": 0, fail: 0, error: 0 };
  const ticks: Rehearsal["ticks"] = [];
  let open: readonly Alert[] = [];
  for (const { run, result, failure } of found) {
    const judged = judgedRunOf({ run, result, failure, nowMillis: run.scheduledForMillis });
    const { alerts, changes } = judgeRun(open, judged, rules);
    const changed = new Set(alerts.map(({ id }) => id));
    open = [...open.filter(({ id }) => !changed.has(id)), ...alerts].filter(({ state }) => !isEnded(state));
    const verdict = result?.verdict ?? "error";
    counts[verdict] += 1;
    ticks.push({
      scheduledFor: new Date(run.scheduledForMillis).toISOString(),
      verdict,
      worst: result === null ? failure : result.reason,
      fired: changes.filter(({ to }) => to === "firing").length,
    });
  }
  return {
    runs: ticks.length,
    counts,
    fired: ticks.reduce((sum, { fired }) => sum + fired, 0),
    notes: [...notes],
    ticks,
  };
}
