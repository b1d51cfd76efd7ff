import type { AlertRules, JudgedRun } from "../../cells/alerts/judged-run.ts";
import { millisOf } from "../../cells/jobs/job-plan.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { AlertStore } from "../../workspaces/alerts/alert-store.ts";
import type { EndedRun, OnEnded } from "../../workspaces/jobs/job-store.ts";

/** Judges every run that may make alerts, within the transaction that ends it. `specOf`: of a job that is in force. */
export function judgeEnded(store: AlertStore, specOf: (job: string) => JobSpec | null): OnEnded {
  return (ended) => {
    const spec = specOf(ended.run.job);
    if (!ended.run.alerts || spec === null) return;
    store.record(judgedRunOf(ended), rulesOf(spec), ended.nowMillis);
  };
}

export function rulesOf({ alert }: Pick<JobSpec, "alert">): AlertRules {
  return {
    to: alert?.to ?? [],
    afterRuns: alert?.after === undefined ? null : Number.parseInt(alert.after, 10),
    repeatMillis: alert?.repeat === undefined ? null : millisOf(alert.repeat),
  };
}

export function judgedRunOf({ run, result, failure, nowMillis }: EndedRun): JudgedRun {
  // What waited for its data in vain has no as-of: it never executed.
  const isWithoutData = result !== null && result.asOf === null && result.readings.length === 0;
  const cellFailed = result?.verdict === "error" ? (result.reason ?? "A cell failed.") : null;
  return {
    job: run.job,
    run: run.id,
    scheduledFor: new Date(run.scheduledForMillis).toISOString(),
    endedAt: new Date(nowMillis).toISOString(),
    version: run.version,
    failure: failure ?? cellFailed,
    noData: isWithoutData ? (result.reason ?? "Its data did not come.") : null,
    readings: (result?.readings ?? []).map(({ cell, kind, reading }) => ({ ...reading, cell, kind })),
  };
}
