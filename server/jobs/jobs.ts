import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { DueTimes } from "../../cells/jobs/due-times.ts";
import { planOf } from "../../cells/jobs/job-plan.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { FrozenVersion } from "../../cells/jobs/version.ts";
import type { Rehearsal, Replayed, Run } from "../../cells/wire/http-jobs.ts";
import { JobHistory } from "../../workspaces/jobs/job-history.ts";
import { JobQueue } from "../../workspaces/jobs/job-queue.ts";
import type { OpenRun, StoredJob } from "../../workspaces/jobs/job-rows.ts";
import { JobStore, type OnRemoved } from "../../workspaces/jobs/job-store.ts";
import { NotebookMoves } from "../../workspaces/jobs/notebook-moves.ts";
import type { OnEnded, RunResult } from "../../workspaces/jobs/run-result.ts";
import { type Readiness, Scheduler } from "../../workspaces/jobs/scheduler.ts";
import { VersionStore } from "../../workspaces/jobs/version-store.ts";
import { rulesOf } from "../alerts/judge-ended.ts";
import { HttpError } from "../http-error.ts";
import { AskedRuns, newId } from "./asked-runs.ts";
import { type Executed, type ExecuteParts, executeRun, withoutData } from "./execute-run.ts";
import { JobFiles } from "./job-files.ts";
import { JobViews } from "./job-views.ts";
import { KnownJobs } from "./known-jobs.ts";
import { PresentVersions } from "./present-versions.ts";
import { Promotions, type PromotionsParts } from "./promotions.ts";
import { rehearse } from "./rehearse.ts";
import { RunOutputs } from "./run-outputs.ts";
import { readinessOf, runWindow, type StreamProgress } from "./run-window.ts";
import { SchedulerLoop } from "./scheduler-loop.ts";

const REMOVED = "The job was removed.";

export interface JobsParts
  extends ExecuteParts,
    Pick<
      PromotionsParts,
      | "textOf"
      | "analyse"
      | "packages"
      | "contracts"
      | "commit"
      | "runtime"
      | "destinations"
      | "notebooks"
      | "importProblem"
    > {
  readonly folder: string;
  /** The workspace's, IANA. */
  readonly zone: string;
  readonly database: DatabaseSync;
  readonly progressOf: (stream: string) => Pick<StreamProgress, "lastDecidedAt">;
  /** Within the transaction that ends a run. */
  readonly onEnded: OnEnded;
  /** Within the transaction that removes a job. */
  readonly onRemoved: OnRemoved;
  /** After a run's result was recorded. */
  readonly onPublished: (run: OpenRun, executed: Executed) => void;
  /** Runs ended, or something else happened that somebody may wait for; perhaps within a transaction. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
  /** The kept output of a run is damaged or cannot be read. */
  readonly onUnreadable: (run: string, error: unknown) => void;
  /** When nothing runs any more. */
  readonly onClose: () => Promise<void>;
  /** This program gives other readings than the one before for the last run of a job. */
  readonly onDifference: (job: string, reason: string | null) => void;
  /** How many runs go on at once. */
  readonly concurrency: number;
  /** When the first event of a stream happened; null before there is one. */
  readonly beganAt: (stream: string) => string | null;
}

const FIGURES_STAY_MILLIS = 1000;

/** Jobs as people know them: files, versions, runs. Owns the scheduler; `close` ends its runs. */
export class Jobs {
  readonly queue: JobQueue;
  readonly store: JobStore;
  readonly history: JobHistory;
  readonly versions: VersionStore;
  readonly known: KnownJobs;
  readonly outputs: RunOutputs;
  readonly promotions: Promotions;
  readonly views: JobViews;
  readonly asked: AskedRuns;
  readonly #files: JobFiles;
  readonly #parts: JobsParts;
  readonly #scheduler: Scheduler;
  readonly #loop: SchedulerLoop;
  #schedules = false;
  #closed = false;
  /** What belongs to a result until that is recorded. */
  readonly #executed = new WeakMap<RunResult, Executed>();
  readonly #progress = new Map<string, { readonly atMillis: number; readonly value: StreamProgress }>();

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.queue = new JobQueue(parts.database, parts.onEnded);
    this.store = new JobStore(parts.database, this.queue, parts.onRemoved);
    this.history = new JobHistory(parts.database);
    this.versions = new VersionStore(parts.database);
    this.known = new KnownJobs(this.store, this.versions, new NotebookMoves(parts.database), this.history);
    this.outputs = new RunOutputs(parts.folder, parts.onUnreadable);
    this.#files = new JobFiles(parts.folder);
    const due = new DueTimes();
    this.#scheduler = new Scheduler({
      store: this.queue,
      nowMillis: Date.now,
      newId,
      owner: newId(),
      alone: true, // The workspace's lock is ours.
      concurrency: parts.concurrency,
      due,
      schedules: () => this.#schedules,
      readiness: (job, tick) => this.#readiness(job, tick.scheduledForMillis),
      noData: (_job, window, reason) => withoutData(window, reason, parts.program, gzipSync("[]")),
      execute: (run, timeoutMillis, signal) => this.#execute(run, timeoutMillis, signal),
      onPublished: (run, result) => {
        const executed = this.#executed.get(result);
        if (executed !== undefined) parts.onPublished(run, executed);
      },
      onChange: () => {
        this.#loop.wake();
        parts.onChange();
      },
      onError: parts.onError,
    });
    this.#loop = new SchedulerLoop(this.#scheduler, Date.now, parts.onError);
    const shared = { known: this.known, queue: this.queue, files: this.#files, due, zone: parts.zone };
    this.promotions = new Promotions({
      ...parts,
      ...shared,
      beforeChange: (name) => this.#planUpToNow(name),
      onRemoved: (name) => this.#scheduler.stop(name, REMOVED),
      onChange: () => this.#changed(),
    });
    const present = new PresentVersions({ ...parts, promote: (spec) => this.promotions.promote(spec) });
    const objection = (name: string, spec: JobSpec) => this.promotions.objection(name, spec);
    const { streams } = parts;
    this.views = new JobViews({ ...shared, history: this.history, outputs: this.outputs, present, streams, objection });
    this.asked = new AskedRuns({
      ...shared,
      begin: () => {
        this.#loop.start();
        this.#loop.wake();
      },
      cancel: (run, reason) => this.#scheduler.cancel(run, reason),
    });
  }

  /**
   * From now on due times are served; before, only what is asked for runs. After an upgrade each job's last run is
   * repeated first, so that a difference is known before new readings stand beside old ones.
   */
  async start(): Promise<void> {
    const program = JSON.stringify(this.#parts.program);
    if (this.store.program !== null && this.store.program !== program)
      for (const { name, same, reason } of await this.replayAll()) if (!same) this.#parts.onDifference(name, reason);
    if (this.#closed) return;
    this.store.accept(program);
    this.#schedules = true;
    this.#loop.start();
    this.#loop.wake();
  }

  /** Repeats the last run of every job, and says which readings are other ones. */
  async replayAll(): Promise<Replayed["jobs"]> {
    const asked = this.store.list().flatMap(({ name }) => {
      const run = this.history.lastMeasured(name);
      return run === null ? [] : [{ name, run: run.id, replay: this.asked.replay(name, run.id).runs[0]! }];
    });
    const found: Replayed["jobs"] = [];
    for (const { name, run, replay } of asked) {
      const done = await this.#ended(replay);
      if (done === null) break;
      const { same, state, reason } = done;
      const said =
        same === true ? null : state === "done" ? "Its readings are other ones now." : (reason ?? `It was ${state}.`);
      found.push({ name, run, replay, same: same === true, reason: said });
    }
    return found;
  }

  /** Null where this closes first. */
  async #ended(id: string): Promise<Run | null> {
    for (;;) {
      const run = this.history.run(id);
      if (run === null || this.#closed) return null;
      if (run.state !== "queued" && run.state !== "running") return run;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#loop.close();
    await this.#parts.onClose();
  }

  remove(name: string, by: string): Promise<void> {
    return this.promotions.inTurn(name, () => this.#remove(name, by));
  }

  async #remove(name: string, by: string): Promise<void> {
    if (this.store.find(name) === null && (await this.#files.read(name)) === null) throw this.known.missing(name);
    await this.#files.remove(name);
    await this.#planUpToNow(name);
    this.store.remove(name, by, Date.now());
    this.#scheduler.stop(name, REMOVED);
  }

  /** For lists of what belongs to a job: one that was removed has a past, one that is only a file has none yet. @throws HttpError 404 */
  async refuseUnknown(name: string): Promise<void> {
    if (this.store.find(name) !== null || this.store.removed(name) !== null) return;
    if (!(await this.#files.names()).includes(name)) throw this.known.missing(name);
  }

  /** Puts a removed job in force again as it was: its settings, and the version that it had. */
  restore(name: string, by: string): Promise<void> {
    return this.promotions.inTurn(name, () => this.#restore(name, by));
  }

  async #restore(name: string, by: string): Promise<void> {
    const removed = this.store.removed(name);
    if (removed === null) {
      if (this.store.find(name) === null) throw this.known.missing(name);
      throw new HttpError(409, `The job ${name} is not removed.`);
    }
    if ((await this.#files.read(name)) !== null)
      throw new HttpError(409, `There is a file jobs/${name}.yaml already.`, {
        hint: `driftbook job apply ${name} takes it up; without it, the job can be restored as it was.`,
      });
    await this.#files.write(name, await this.promotions.specNow(name, removed, by));
    const { change, message } = await this.promotions.takeUp(name, by);
    if (change === "made") return;
    await this.#files.remove(name);
    throw new HttpError(409, `The job ${name} cannot be restored: ${message}`);
  }

  async pause(name: string, by: string | null): Promise<void> {
    const job = this.known.stored(name);
    await this.#planUpToNow(job.name);
    this.store.pause(job.name, by);
    this.#changed();
  }

  /** A year of missed minutes is half a million ticks: others get their turns between them. */
  async #planUpToNow(name: string): Promise<void> {
    while (this.#scheduler.planSome(name)) await setImmediate();
  }

  /** How the bounds of what would be promoted stood at past due times. */
  async rehearse(spec: JobSpec, signal: AbortSignal): Promise<Rehearsal> {
    const { frozen } = await this.promotions.promote(spec);
    return rehearse(frozen, { plan: planOf(spec, this.#parts.zone), rules: rulesOf(spec) }, signal, this.#parts);
  }

  #changed(): void {
    this.#scheduler.notice();
    this.#loop.wake();
  }

  #readiness(job: StoredJob, scheduledForMillis: number): Readiness {
    const { frozen } = this.known.version(job.name, job.version!);
    const window = runWindow(frozen, job.plan, scheduledForMillis);
    const known = this.#parts.streams();
    // A stream that is gone is the run's to tell: waiting would hide it.
    const streams = frozen.contracts.filter(({ stream }) => known.has(stream));
    return readinessOf(window, new Map(streams.map((one) => [one.stream, this.#progressOf(one)])));
  }

  #progressOf({ stream, contract }: FrozenVersion["contracts"][number]): StreamProgress {
    const now = Date.now();
    const held = this.#progress.get(stream);
    if (held !== undefined && Math.abs(now - held.atMillis) < FIGURES_STAY_MILLIS) return held.value;
    const { latenessMillis, quietAllowed } = contract as unknown as StreamProgress;
    const value = { ...this.#parts.progressOf(stream), latenessMillis, quietAllowed };
    this.#progress.set(stream, { atMillis: now, value });
    return value;
  }

  async #execute(run: OpenRun, timeoutMillis: number, signal: AbortSignal): Promise<RunResult> {
    const { frozen } = this.known.version(run.job, run.version);
    const earlier = run.replayOf === null ? null : this.history.body(run.replayOf);
    const executed = await executeRun(run, frozen, { timeoutMillis, signal, earlier }, this.#parts);
    await this.outputs.keep(run.job, run.id, executed.output);
    this.#executed.set(executed.result, executed);
    return executed.result;
  }
}
