import type { AlertRules, JudgedRun } from "../../cells/alerts/judged-run.ts";
import { millisOf } from "../../cells/jobs/job-plan.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { AlertStore, PastValues } from "../../workspaces/alerts/alert-store.ts";
import type { OnRemoved } from "../../workspaces/jobs/job-store.ts";
import type { EndedRun, OnEnded } from "../../workspaces/jobs/run-result.ts";

/** What is asked of the jobs. */
export interface JobsOfAlerts {
  readonly store: {
    /** Null for a job that is not in force. */
    find(job: string): { readonly spec: JobSpec } | null;
  };
  readonly queue: {
    /** Whether a run that may make alerts, and was due before this time, has not ended. */
    isAwaited(job: string, dueMillis: number): boolean;
  };
  /** What runs up to a due time made of a value. */
  readonly history: { readonly pastValues: PastValues };
}

/** Judges every run that may make alerts within the transaction that ends it, in the order of due times. */
export class EndedRuns {
  readonly #store: AlertStore;
  readonly #jobs: () => JobsOfAlerts;

  constructor(store: AlertStore, jobs: () => JobsOfAlerts) {
    this.#store = store;
    this.#jobs = jobs;
  }

  readonly onEnded: OnEnded = (ended) => {
    const job = this.#jobs().store.find(ended.run.job);
    if (!ended.run.alerts || job === null) return;
    this.#store.recordInOrder(judgedRunOf(ended), rulesOf(job.spec), this.#isAwaited, ended.nowMillis);
  };

  readonly onRemoved: OnRemoved = (job, nowMillis) => {
    this.#store.endJob(job, "The job was removed.", nowMillis);
  };

  /** What no run's end brings about: one that others waited for was cancelled. A program of before may have left jobs that were removed. */
  tidy(nowMillis: number): void {
    for (const job of this.#store.jobs()) if (this.#jobs().store.find(job) === null) this.onRemoved(job, nowMillis);
    this.#store.release(this.#isAwaited, nowMillis);
  }

  readonly #isAwaited = (job: string, dueMillis: number): boolean => this.#jobs().queue.isAwaited(job, dueMillis);
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
