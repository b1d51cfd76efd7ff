import type { Run } from "../../cells/wire/http-jobs.ts";
import type { Serial } from "../../kernels/lifecycle/serial.ts";
import type { OpenRun } from "../../workspaces/jobs/job-rows.ts";
import type { ReportStore, StoredReport } from "../../workspaces/reports/report-store.ts";
import type { Executed } from "../jobs/execute-run.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { errorFields, type Log } from "../log.ts";
import { DueOrder } from "./due-order.ts";
import { follows, hasData } from "./followed-runs.ts";
import type { FinishedRun } from "./publish-revision.ts";

export interface JobFollowerParts {
  readonly store: ReportStore;
  readonly jobs: () => Jobs;
  readonly log: Log;
  /** One revision of a slug at a time, those that are published by hand included. */
  readonly turns: Serial;
  /** What a run kept of itself, as if it had just ended. @throws HttpError 409 */
  readonly kept: (run: Run, analysed: Analysed | null) => Promise<FinishedRun>;
  readonly makeRevision: (
    report: StoredReport,
    run: Run,
    finished: FinishedRun,
    inputs: Run["inputs"],
  ) => Promise<unknown>;
}

/** What of a run's state is the same for every run of a version. */
type Analysed = Pick<FinishedRun["state"], "document" | "analyses">;

/** A revision to make, of what its run kept. */
interface Coming {
  readonly report: StoredReport;
  readonly run: Pick<OpenRun, "id" | "job" | "scheduledForMillis">;
  /** Null where the version must be analysed anew. */
  readonly analysed: Analysed | null;
}

/** At one start, of one report: as many as one backfill asks for. */
const MOST_MISSED = 1000;

/**
 * Makes the revisions of reports that follow a job as its runs end: in the background, in the order of due times. Until
 * its turn comes a revision is the id of its run, whose kept output is held for it.
 */
export class JobFollower {
  readonly #parts: JobFollowerParts;
  readonly #store: ReportStore;
  readonly #following = new Set<Promise<unknown>>();
  readonly #order: DueOrder;
  /** Of the newest version of each job that ended: revisions that wait share it. */
  readonly #analysed = new Map<string, Analysed & { readonly version: number }>();
  /** Due times whose revisions are on their way, by slug. */
  readonly #making = new Map<string, Set<string>>();
  /** Why a run that is done has no revision, by slug and due time; until the server ends. */
  readonly #problems = new Map<string, Map<string, string>>();

  constructor(parts: JobFollowerParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#order = new DueOrder(
      () => parts.jobs().queue,
      (error) =>
        parts.log.write("error", "revisions of reports could not be begun; the next end of a run tries again", {
          ...errorFields(error),
        }),
    );
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
  follow(run: OpenRun, { outcome, state }: Executed): void {
    // Nothing to show is no revision: what was shown before stands, and its page says why nothing newer does.
    const reports = this.#store.ofJob(run.job).filter((report) => follows(report, run) && hasData(outcome));
    if (reports.length === 0) return;
    if (this.#analysed.get(run.job)?.version !== run.version)
      this.#analysed.set(run.job, { version: run.version, document: state.document, analyses: state.analyses });
    const analysed = this.#analysed.get(run.job)!;
    for (const report of reports) this.#inOrder({ report, run, analysed });
  }

  /** Runs of jobs ended, began or were asked for: what waits for them is looked at. */
  changed(): void {
    this.#order.lookSoon();
  }

  /** Makes the revisions that a crash kept from being made; those of runs that go on still find their place among them. */
  catchUp(): void {
    for (const report of this.#store.list()) {
      if (report.job === null || report.revokedAt !== null) continue;
      for (const { id, job, scheduledFor } of this.#missed(report, report.job))
        this.#inOrder({ report, run: { id, job, scheduledForMillis: Date.parse(scheduledFor) }, analysed: null });
    }
  }

  /** Runs that ended while the report was there and are no revision of it. */
  #missed(report: StoredReport, job: string): Run[] {
    const { slug } = report;
    return this.#parts
      .jobs()
      .history.doneFrom(job, this.#store.lastDue(slug), this.#store.begunAt(slug), MOST_MISSED)
      .filter((run) => run.asOf !== null && follows(report, run) && this.#store.ofRun(slug, run.id) === null);
  }

  #inOrder(coming: Coming): void {
    const { report, run } = coming;
    const due = new Date(run.scheduledForMillis).toISOString();
    const making = this.#making.get(report.slug) ?? new Set();
    this.#making.set(report.slug, making.add(due));
    const release = this.#parts.jobs().outputs.hold(run.id);
    this.#order.add({
      report,
      job: run.job,
      dueMillis: run.scheduledForMillis,
      go: () => {
        // From here on the turns of the slug keep the order.
        const done = this.#parts.turns
          .run(report.slug, () => this.#make(coming, due))
          .catch((error: unknown) => this.#failed(report.slug, due, error))
          .finally(() => {
            release();
            making.delete(due);
            this.#following.delete(done);
          });
        this.#following.add(done);
      },
    });
  }

  async #make({ report, run: { id, job }, analysed }: Coming, due: string): Promise<void> {
    if (this.#store.ofRun(report.slug, id) !== null) return;
    // The past is filled before the present, or not at all: a revision is never older than the one before.
    if (due < (this.#store.lastDue(report.slug) ?? "")) return;
    const run = this.#parts.jobs().known.run(job, id);
    const kept = await this.#parts.kept(run, analysed);
    if (hasData(kept.outcome)) await this.#parts.makeRevision(report, run, kept, run.inputs);
  }

  #failed(slug: string, due: string, error: unknown): void {
    const problems = this.#problems.get(slug) ?? new Map<string, string>();
    this.#problems.set(slug, problems.set(due, error instanceof Error ? error.message : String(error)));
    this.#parts.log.write("error", "a report got no revision", { slug, ...errorFields(error) });
  }

  /**
   * Waits for what is on its way. What waits for a run that was given back stays undone: whoever opens the workspace
   * next makes it, after that run's.
   */
  async close(): Promise<void> {
    this.#order.look();
    await Promise.allSettled(this.#following);
  }
}
