import type { JobPlan } from "../../cells/jobs/job-plan.ts";
import { previousTimes } from "../../cells/jobs/schedule.ts";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import type { Rehearsal } from "../../cells/wire/http-jobs.ts";
import { type ExecuteParts, executeRun } from "./execute-run.ts";
import { runWindow } from "./run-window.ts";

const REHEARSED = 180;
const REHEARSAL_MILLIS = 90_000;
const ENOUGH_EMPTY = 8;

/**
 * How the bounds would have stood at the last due times; nothing of it is kept. Ends early when it takes too long, or
 * where there was no data.
 */
export async function rehearse(
  frozen: FrozenVersion,
  plan: JobPlan,
  signal: AbortSignal,
  parts: ExecuteParts & { readonly concurrency: number },
): Promise<Rehearsal> {
  const rest = previousTimes(plan.cron, plan.zone, new Date().toISOString(), REHEARSED);
  const until = Date.now() + REHEARSAL_MILLIS;
  const found: Rehearsal["ticks"] = [];
  // From the newest back: where nothing was known any more, nothing was known before either.
  let empty = 0;
  const worker = async (): Promise<void> => {
    for (let time = rest.shift(); time !== undefined; time = rest.shift()) {
      signal.throwIfAborted();
      if (Date.now() > until || empty >= ENOUGH_EMPTY) return;
      const asOf = time;
      const run = { job: "rehearsal", window: runWindow(frozen, plan, Date.parse(time)), asOf, dueAt: asOf };
      const one = await executeRun(
        run,
        frozen,
        { timeoutMillis: Math.max(1000, until - Date.now()), signal, earlier: null },
        { ...parts, readings: { keep: async () => {}, before: async () => null } },
      ).catch((error: unknown) => error as Error);
      signal.throwIfAborted();
      empty = one instanceof Error || one.result.verdict === "no-data" ? empty + 1 : 0;
      found.push(
        one instanceof Error
          ? { scheduledFor: asOf, verdict: "error", worst: one.message }
          : { scheduledFor: asOf, verdict: one.result.verdict, worst: one.result.reason },
      );
    }
  };
  await Promise.all(Array.from({ length: parts.concurrency }, worker));
  found.sort((a, b) => (a.scheduledFor < b.scheduledFor ? -1 : 1));
  const counts = { ok: 0, warn: 0, "no-data": 0, fail: 0, error: 0 };
  for (const { verdict } of found) counts[verdict] += 1;
  return { runs: found.length, counts, ticks: found };
}
