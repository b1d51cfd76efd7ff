import type { Run } from "../../cells/wire/http-jobs.ts";
import type { Serial } from "../../kernels/lifecycle/serial.ts";
import type { OpenRun } from "../../workspaces/jobs/job-rows.ts";
import type { ReportStore, StoredReport } from "../../workspaces/reports/report-store.ts";
import type { Executed } from "../jobs/execute-run.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { errorFields, type Log } from "../log.ts";
import { follows, hasData, LOOKED_AT } from "./followed-runs.ts";
import type { FinishedRun } from "./publish-revision.ts";

export interface JobFollowerParts {
  readonly store: ReportStore;
  readonly jobs: () => Jobs;
  readonly log: Log;
  /** One revision of a slug at a time, those that are published by hand included. */
  readonly turns: Serial;
  /** What a run kept of itself, as if it had just ended. @throws HttpError 409 */
  readonly kept: (run: Run) => Promise<FinishedRun>;
  readonly makeRevision: (
    report: StoredReport,
    run: Run,
    finished: FinishedRun,
    inputs: Run["inputs"],
  ) => Promise<unknown>;
}

/** A revision to make: its slug, the due time that it is of, and what it waits for. */
interface Coming {
  readonly slug: string;
  readonly due: string;
  readonly after: Promise<void>;
}

const LOOK_MILLIS = 100;

/** Makes the revisions of reports that follow a job as its runs end: in the background, in the order of due times. */
export class JobFollower {
  readonly #parts: JobFollowerParts;
  readonly #store: ReportStore;
  readonly #following = new Set<Promise<unknown>>();
  /** Due times whose revisions wait, by slug. */
  readonly #waiting = new Map<string, Set<number>>();
  /** Due times whose revisions are on their way, by slug. */
  readonly #making = new Map<string, Set<string>>();
  /** Why a run that is done has no revision, by slug and due time; until the server ends. */
  readonly #problems = new Map<string, Map<string, string>>();
  #closing = false;

  constructor(parts: JobFollowerParts) {
    this.#parts = parts;
    this.#store = parts.store;
  }

  /** Due times whose revisions are on their way. */
  making(slug: string): ReadonlySet<string> {
    return this.#making.get(slug) ?? new Set();
  }

  /** Why a run that is done has no revision, by due time. */
  problems(slug: string): ReadonlyMap<string, string> {
    return this.#problems.get(slug) ?? new Map();
  }

  /** A run of a job ended: reports that follow it get a revision, in the background. */
  follow(run: OpenRun, { outcome, state, result }: Executed): void {
    const scheduledFor = new Date(run.scheduledForMillis).toISOString();
    for (const report of this.#store.ofJob(run.job)) {
      // Nothing to show is no revision: what was shown before stands, and its page says why nothing newer does.
      if (!follows(report, run) || !hasData(outcome)) continue;
      this.#background({ slug: report.slug, due: scheduledFor, after: this.#inOrder(report, run) }, async () => {
        if (this.#store.ofRun(report.slug, run.id) !== null) return;
        // The past is filled before the present, or not at all: a revision is never older than the one before.
        if (scheduledFor < (this.#store.lastDue(report.slug) ?? "")) return;
        const { known } = this.#parts.jobs();
        const { set } = known.version(run.job, run.version).frozen;
        await this.#parts.makeRevision(report, known.run(run.job, run.id), { outcome, state, set }, result.inputs);
      });
    }
  }

  /** Makes the revisions that a crash kept from being made, before any run that ends from now on gets its own. */
  catchUp(): void {
    for (const report of this.#store.list()) {
      if (report.job === null || report.revokedAt !== null) continue;
      for (const run of this.#missed(report, report.job))
        this.#background({ slug: report.slug, due: run.scheduledFor, after: Promise.resolve() }, async () => {
          if (this.#store.ofRun(report.slug, run.id) !== null) return;
          const kept = await this.#parts.kept(run);
          if (hasData(kept.outcome)) await this.#parts.makeRevision(report, run, kept, run.inputs);
        });
    }
  }

  /** Runs that ended while the report was there and are no revision of it, in the order of their due times. */
  #missed(report: StoredReport, job: string): Run[] {
    const newest = this.#store.lastDue(report.slug) ?? "";
    const begunAt = this.#store.begunAt(report.slug);
    return this.#parts
      .jobs()
      .history.runs(job, LOOKED_AT)
      .filter((run) => run.state === "done" && run.asOf !== null && follows(report, run))
      .filter(({ endedAt, scheduledFor }) => endedAt! >= begunAt && scheduledFor >= newest)
      .filter(({ id }) => this.#store.ofRun(report.slug, id) === null)
      .toReversed()
      .toSorted((a, b) => (a.scheduledFor < b.scheduledFor ? -1 : a.scheduledFor > b.scheduledFor ? 1 : 0));
  }

  /** Runs go on side by side; their revisions wait for those of earlier due times. */
  async #inOrder(report: StoredReport, run: OpenRun): Promise<void> {
    const waiting = this.#waiting.get(report.slug) ?? new Set();
    this.#waiting.set(report.slug, waiting.add(run.scheduledForMillis));
    const isEarlier = (millis: number): boolean => millis < run.scheduledForMillis;
    for (;;) {
      const active = this.#parts
        .jobs()
        .queue.active(run.job)
        .filter((one) => follows(report, one));
      const mustWait = active.some((one) => isEarlier(one.scheduledForMillis)) || [...waiting].some(isEarlier);
      if (!mustWait || this.#closing) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
    }
    // From here on the turns of the slug keep the order.
    waiting.delete(run.scheduledForMillis);
  }

  /** Waits for what is on its way; nothing waits for its turn any more. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#following);
  }

  #background({ slug, due, after }: Coming, work: () => Promise<unknown>): void {
    const making = this.#making.get(slug) ?? new Set();
    this.#making.set(slug, making.add(due));
    const done = after
      .then(() => this.#parts.turns.run(slug, work))
      .catch((error: unknown) => {
        const problems = this.#problems.get(slug) ?? new Map<string, string>();
        this.#problems.set(slug, problems.set(due, error instanceof Error ? error.message : String(error)));
        this.#parts.log.write("error", "a report got no revision", { slug, ...errorFields(error) });
      });
    this.#following.add(done);
    void done.finally(() => {
      making.delete(due);
      this.#following.delete(done);
    });
  }
}
