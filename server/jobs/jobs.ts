import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { DueTimes } from "../../cells/jobs/due-times.ts";
import { type JobPlan, planOf } from "../../cells/jobs/job-plan.ts";
import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import { previousTimes } from "../../cells/jobs/schedule.ts";
import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type {
  Applied,
  Job,
  PromotionPreview,
  Queued,
  Rehearsal,
  Replayed,
  Run,
  RunDetail,
} from "../../cells/wire/http-jobs.ts";
import type { OpenRun, StoredJob } from "../../workspaces/jobs/job-rows.ts";
import type { NewRun, OnEnded, RunResult } from "../../workspaces/jobs/job-store.ts";
import { JobStore } from "../../workspaces/jobs/job-store.ts";
import { Scheduler } from "../../workspaces/jobs/scheduler.ts";
import { hashOf, VersionStore } from "../../workspaces/jobs/version-store.ts";
import { HttpError } from "../http-error.ts";
import { type Executed, type ExecuteParts, executeRun, withoutData } from "./execute-run.ts";
import { JobFiles } from "./job-files.ts";
import { type Promotion, type PromotionParts, promotionOf } from "./promotion.ts";
import { RunOutputs } from "./run-outputs.ts";
import { readinessOf, runWindow, type StreamProgress } from "./run-window.ts";
import { SchedulerLoop } from "./scheduler-loop.ts";

export interface JobsParts extends ExecuteParts, Pick<PromotionParts, "textOf" | "analyse" | "packages"> {
  readonly folder: string;
  /** The workspace's, IANA. */
  readonly zone: string;
  readonly database: DatabaseSync;
  readonly contracts: () => PromotionParts["contracts"];
  readonly progressOf: (stream: string) => Pick<StreamProgress, "lastDecidedAt">;
  /** Of the workspace's git repository; null where there is none. */
  readonly commit: () => Promise<string | null>;
  /** Within the transaction that ends a run. */
  readonly onEnded: OnEnded;
  /** After a run's result was recorded. */
  readonly onPublished: (run: OpenRun, executed: Executed) => void;
  readonly onError: (error: unknown) => void;
  /** When nothing runs any more. */
  readonly onClose: () => Promise<void>;
  /** This program gives other readings than the one before for the last run of a job. */
  readonly onDifference: (job: string, reason: string | null) => void;
  /** How many runs go on at once. */
  readonly concurrency: number;
}

const TICKS_SHOWN = 30;
const NEXT_SHOWN = 5;
const MOST_BACKFILLED = 1000;
const REHEARSED = 180;
const REHEARSAL_MILLIS = 90_000;
const ENOUGH_EMPTY = 8;
const FIGURES_STAY_MILLIS = 1000;

/** Jobs as people know them: files, versions, runs. Owns the scheduler; `close` ends its runs. */
export class Jobs {
  readonly store: JobStore;
  readonly versions: VersionStore;
  readonly files: JobFiles;
  readonly outputs: RunOutputs;
  readonly #parts: JobsParts;
  readonly #scheduler: Scheduler;
  readonly #loop: SchedulerLoop;
  readonly #due = new DueTimes();
  #schedules = false;
  #closed = false;
  /** What belongs to a result until that is recorded. */
  readonly #executed = new WeakMap<RunResult, Executed>();
  readonly #progress = new Map<string, { readonly atMillis: number; readonly value: StreamProgress }>();
  /** What promoting would give now, by job; to be told apart by what it was made from. */
  readonly #present = new Map<
    string,
    { readonly key: string; readonly hash: string | null; readonly problem: string | null }
  >();

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.store = new JobStore(parts.database, parts.onEnded);
    this.versions = new VersionStore(parts.database);
    this.files = new JobFiles(parts.folder);
    this.outputs = new RunOutputs(parts.folder);
    this.#scheduler = new Scheduler({
      store: this.store,
      nowMillis: Date.now,
      newId,
      owner: newId(),
      alone: true, // The workspace's lock is ours.
      concurrency: parts.concurrency,
      due: this.#due,
      schedules: () => this.#schedules,
      readiness: (job, tick) => this.#readiness(job, tick.scheduledForMillis),
      noData: (_job, window, reason) => withoutData(window, reason, parts.program, gzipSync("[]")),
      execute: (run, timeoutMillis, signal) => this.#execute(run, timeoutMillis, signal),
      onPublished: (run, result) => {
        const executed = this.#executed.get(result);
        if (executed !== undefined) parts.onPublished(run, executed);
      },
      onChange: () => this.#loop.wake(),
      onError: parts.onError,
    });
    this.#loop = new SchedulerLoop(this.#scheduler, Date.now, parts.onError);
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
      const run = this.store.lastMeasured(name);
      return run === null ? [] : [{ name, run: run.id, replay: this.replay(name, run.id).runs[0]! }];
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
      const run = this.store.run(id);
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

  // What is there

  async list(): Promise<Job[]> {
    const names = new Set([...this.store.list().map(({ name }) => name), ...(await this.files.names())]);
    return Promise.all([...names].sort().map((name) => this.view(name)));
  }

  /** @throws HttpError 404 */
  async view(name: string): Promise<Job> {
    const stored = this.store.find(name);
    const file = await this.files.read(name);
    if (stored === null && file === null) throw unknown(name);
    const spec = stored?.spec ?? (file?.ok === true ? file.spec : null);
    if (spec === null)
      throw new HttpError(422, `jobs/${name}.yaml cannot be read: ${(file as { problem: string }).problem}`);
    const version = stored?.version == null ? null : this.versions.find(name, stored.version);
    const plan = stored?.plan ?? planOf(spec, this.#parts.zone);
    const present = version === null ? null : await this.#presentHash(name, spec);
    const differs = file?.ok === true && stored !== null && !sameSpec(file.spec, stored.spec);
    const problem =
      file === null
        ? `jobs/${name}.yaml is gone; driftbook job apply ends the job, or bring the file back.`
        : !file.ok
          ? `jobs/${name}.yaml cannot be read, what was in force stays: ${file.problem}`
          : stored === null
            ? `It is not in force yet: driftbook job apply ${name} takes it up.`
            : differs
              ? `jobs/${name}.yaml differs from what is in force: driftbook job apply ${name} takes it up.`
              : (present?.problem ?? this.#replayProblem(name));
    return {
      name,
      spec,
      ...targetOf(spec),
      zone: plan.zone,
      paused: stored?.pausedBy != null,
      version: version?.number ?? null,
      hash: version?.hash ?? null,
      nextTimes:
        stored === null || stored.pausedBy !== null
          ? []
          : this.nextTimes(plan, Math.max(Date.now(), stored.throughMillis)),
      ticks: this.store.ticks(name, TICKS_SHOWN).reverse(),
      lastRun: this.store.lastRun(name),
      active: this.store.active(name).length,
      problem,
      textChanged: version !== null && present?.hash != null && present.hash !== version.hash,
    };
  }

  nextTimes({ cron, zone }: Pick<JobPlan, "cron" | "zone">, afterMillis: number): string[] {
    return this.#due.after(cron, zone, afterMillis, NEXT_SHOWN).map((time) => new Date(time).toISOString());
  }

  async runDetail(name: string, id: string): Promise<RunDetail> {
    const run = this.#run(name, id);
    const output = await this.outputs.find(name, id);
    return {
      run,
      readings: this.store.readings(id).map((line) => ({
        ...line,
        notebook: `jobs/${name}`,
        madeAt: run.endedAt ?? run.createdAt,
        version: this.versions.find(name, run.version)?.hash ?? "",
      })),
      cells: output?.cells ?? [],
      hasPage: output !== null,
    };
  }

  /** Said until a newer run stands in its place. */
  #replayProblem(name: string): string | null {
    const last = this.store.lastMeasured(name);
    const replay = last === null ? null : this.store.replayOf(last.id);
    if (replay === null || replay.same === true) return null;
    const why = replay.state === "done" ? "gives other readings now" : `failed: ${replay.reason}`;
    return `Its last run, repeated, ${why}. Compare the readings of ${last!.id} and ${replay.id} before you trust a trend across them.`;
  }

  // Promotion

  async preview(name: string, spec: JobSpec): Promise<PromotionPreview> {
    const promotion = await this.#promote(spec);
    const hash = hashOf(promotion.frozen);
    const plan = planOf(spec, this.#parts.zone);
    const nextTimes = this.nextTimes(plan, Date.now());
    const same = this.versions.byHash(name, hash);
    const next = nextTimes[0];
    return {
      cells: promotion.cells.map((cell) => ({ id: cell.id, name: cell.name, kind: cell.kind, source: cell.source })),
      inputs: promotion.inputs as PromotionPreview["inputs"],
      contracts: promotion.frozen.contracts.map(({ stream, hash: of }) => ({ stream, hash: of })),
      hash,
      sameAs: same?.number ?? null,
      window: next === undefined ? null : runWindow(promotion.frozen, plan, Date.parse(next)),
      nextTimes,
      warnings: [...promotion.warnings],
    };
  }

  /** How the bounds would have stood at the last due times; nothing of it is kept. Ends early when it takes too long, or where there was no data. */
  async rehearse(spec: JobSpec, signal: AbortSignal): Promise<Rehearsal> {
    const { frozen } = await this.#promote(spec);
    const plan = planOf(spec, this.#parts.zone);
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
        const run = { job: "rehearsal", window: runWindow(frozen, plan, Date.parse(time)), asOf };
        const one = await executeRun(
          run,
          frozen,
          { timeoutMillis: Math.max(1000, until - Date.now()), signal, earlier: null },
          { ...this.#parts, readings: { keep: async () => {}, before: async () => null } },
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
    await Promise.all(Array.from({ length: this.#parts.concurrency }, worker));
    found.sort((a, b) => (a.scheduledFor < b.scheduledFor ? -1 : 1));
    const counts = { ok: 0, warn: 0, "no-data": 0, fail: 0, error: 0 };
    for (const { verdict } of found) counts[verdict] += 1;
    return { runs: found.length, counts, ticks: found };
  }

  /** Writes the file and takes it up. With `promote` the notebook as it stands is frozen. */
  async put(
    name: string,
    wish: { readonly spec: JobSpec; readonly promote: boolean; readonly note: string | null },
    by: string,
  ): Promise<Applied["results"][number]> {
    const { version: _named, ...spec } = wish.spec;
    const known = this.store.find(name);
    const keeps = !wish.promote && known?.version != null && sameQuestion(spec, known.spec);
    const version = keeps
      ? this.versions.find(name, known.version!)!
      : await this.#freeze(name, spec, known, wish.note, by);
    await this.files.write(name, { ...spec, version: version.hash });
    return this.#inForce(name, { ...spec, version: version.hash }, version, known);
  }

  /** Takes up the files as they are: all of them, or one. */
  async apply(only: string | null, by: string): Promise<Applied["results"]> {
    const names = only === null ? await this.files.names() : [only];
    const results: Applied["results"] = [];
    for (const name of names) results.push(await this.#applyOne(name, by));
    if (only === null)
      for (const { name } of this.store.list())
        if (!names.includes(name)) {
          this.store.remove(name, Date.now());
          results.push({
            name,
            change: "removed",
            version: null,
            message: `jobs/${name}.yaml is gone: the job ended; its history stays.`,
          });
        }
    return results;
  }

  async remove(name: string): Promise<void> {
    if (this.store.find(name) === null && (await this.files.read(name)) === null) throw unknown(name);
    await this.files.remove(name);
    for (const run of this.store.active(name)) this.#scheduler.cancel(run.id, "The job was removed.");
    this.store.remove(name, Date.now());
  }

  /** A new version equal to an old one. */
  async rollback(name: string, number: number, note: string | null, by: string): Promise<Version> {
    const stored = this.#stored(name);
    const old = this.version(name, number);
    const { version } = this.versions.freeze(
      {
        job: name,
        madeBy: by,
        note: note ?? `Back to version ${number}`,
        frozen: old.frozen,
        program: this.#parts.program,
        commit: await this.#parts.commit(),
      },
      stored.version,
      Date.now(),
    );
    const { notebook, cell, window } = old.frozen;
    const { window: _window, set: _set, ...rest } = stored.spec;
    const spec: JobSpec = {
      ...rest,
      run: cell === null ? notebook : `${notebook}#${cell}`,
      ...(window === null ? {} : { window }),
      ...(Object.keys(old.frozen.set).length === 0 ? {} : { set: old.frozen.set as NonNullable<JobSpec["set"]> }),
      version: version.hash,
    };
    await this.files.write(name, spec);
    this.store.put(name, { spec, zone: this.#parts.zone, version: version.number }, Date.now());
    return version;
  }

  /** @throws HttpError 404 */
  version(name: string, number: number): Version {
    const found = this.versions.find(name, number);
    if (found !== null) return found;
    const known = this.versions.list(name).map((one) => one.number);
    throw new HttpError(404, `The job ${name} has no version ${number}.`, {
      hint: known.length === 0 ? "It was never promoted." : `It has ${known.join(", ")}.`,
    });
  }

  // Runs

  pause(name: string, by: string | null): void {
    this.#stored(name);
    this.store.pause(name, by);
    this.#scheduler.notice();
    this.#loop.wake();
  }

  /** One run beside the schedule, at once. */
  runNow(
    name: string,
    { window, asOf }: { readonly window: ResolvedWindow | null; readonly asOf: string | null },
  ): Queued {
    const { stored, version } = this.#promoted(name);
    const now = Date.now();
    const run: NewRun = {
      ...this.#newRun(stored, version, "manual", asOf === null ? now : Date.parse(asOf)),
      asOf,
      ...(window === null ? {} : { window: [window.start, window.end] as const }),
    };
    return this.#ask([{ ...run, scheduledForMillis: now }]);
  }

  /** The job's due times in a range of the past, at most one more than can be backfilled at once. */
  dueIn(name: string, range: ResolvedWindow): readonly number[] {
    const { cron, zone } = this.#stored(name).plan;
    const [from, to] = [Date.parse(range.start), Math.min(Date.parse(range.end), Date.now())];
    return this.#due.after(cron, zone, from - 1, MOST_BACKFILLED + 1).filter((time) => time < to);
  }

  /**
   * One run for each due time in the range, whatever ran for it before. With `begin: false` they wait for whoever opens
   * the workspace next.
   */
  backfill(
    name: string,
    range: ResolvedWindow,
    {
      as,
      alerts,
      begin = true,
    }: { readonly as: "known-then" | "known-now"; readonly alerts: boolean; readonly begin?: boolean },
  ): Queued {
    const { stored, version } = this.#promoted(name);
    const times = this.dueIn(name, range);
    if (times.length === 0)
      throw new HttpError(422, `Nothing of ${name} was due from ${range.start} to ${range.end}.`, {
        hint: "Give a range of the past that holds due times.",
      });
    if (times.length > MOST_BACKFILLED)
      throw new HttpError(422, `More than ${MOST_BACKFILLED} runs were due in that range; backfill it in parts.`);
    const now = new Date().toISOString();
    return this.#ask(
      times.map((time) => ({
        ...this.#newRun(stored, version, "backfill", time),
        asOf: as === "known-then" ? new Date(time).toISOString() : now,
        alerts,
      })),
      begin,
    );
  }

  /** The same version, window and as-of once more; its readings are compared byte by byte. */
  replay(name: string, id: string): Queued {
    const run = this.#run(name, id);
    if (run.state !== "done" || run.asOf === null)
      throw new HttpError(409, `The run ${id} gave no readings that could be compared: it is ${run.state}.`);
    const { id: _id, ...rest } = run;
    return this.#ask([
      {
        ...rest,
        id: newId(),
        purpose: "replay",
        scheduledForMillis: Date.parse(run.scheduledFor),
        alerts: false,
        replayOf: id,
      },
    ]);
  }

  cancel(name: string, id: string, by: string): void {
    this.#run(name, id);
    if (!this.#scheduler.cancel(id, `Cancelled by ${by}.`))
      throw new HttpError(409, `The run ${id} has ended already.`);
  }

  #ask(runs: readonly NewRun[], begin = true): Queued {
    this.store.ask(runs, Date.now());
    if (begin) this.#loop.start();
    return { runs: runs.map(({ id }) => id) };
  }

  #newRun(stored: StoredJob, version: Version, purpose: Run["purpose"], timeMillis: number): NewRun {
    return {
      id: newId(),
      job: stored.name,
      purpose,
      scheduledForMillis: timeMillis,
      version: version.number,
      window: runWindow(version.frozen, stored.plan, timeMillis),
      asOf: null,
      alerts: false,
      replayOf: null,
    };
  }

  #readiness(job: StoredJob, scheduledForMillis: number) {
    const { frozen } = this.version(job.name, job.version!);
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
    const { frozen } = this.version(run.job, run.version);
    const earlier = run.replayOf === null ? null : this.store.body(run.replayOf);
    const executed = await executeRun(run, frozen, { timeoutMillis, signal, earlier }, this.#parts);
    await this.outputs.keep(run.job, run.id, executed.output);
    this.#executed.set(executed.result, executed);
    return executed.result;
  }

  async #promote(spec: JobSpec): Promise<Promotion> {
    return promotionOf(spec, { ...this.#parts, contracts: this.#parts.contracts() });
  }

  async #freeze(
    name: string,
    spec: JobSpec,
    known: StoredJob | null,
    note: string | null,
    by: string,
  ): Promise<Version> {
    const { frozen } = await this.#promote(spec);
    const wish = {
      job: name,
      madeBy: by,
      note,
      frozen,
      program: this.#parts.program,
      commit: await this.#parts.commit(),
    };
    return this.versions.freeze(wish, known?.version ?? null, Date.now()).version;
  }

  #inForce(name: string, spec: JobSpec, version: Version, known: StoredJob | null): Applied["results"][number] {
    const isNew = known?.version !== version.number;
    const change = known === null ? "made" : isNew ? "version" : sameSpec(spec, known.spec) ? "unchanged" : "settings";
    if (change !== "unchanged")
      this.store.put(name, { spec, zone: this.#parts.zone, version: version.number }, Date.now());
    this.#scheduler.notice();
    this.#loop.wake();
    const said = {
      made: `Made, with version ${version.number}.`,
      version: `Version ${version.number} is in force.`,
      settings: "Its settings changed; the version is the same.",
      unchanged: "Nothing changed.",
    } as const;
    return { name, change, version: version.number, message: said[change] };
  }

  async #applyOne(name: string, by: string): Promise<Applied["results"][number]> {
    const refused = (message: string) => ({ name, change: "refused", version: null, message }) as const;
    const known = this.store.find(name);
    const file = await this.files.read(name);
    if (file === null) return refused(`There is no jobs/${name}.yaml.`);
    if (!file.ok) return refused(`jobs/${name}.yaml: ${file.problem}`);
    const { spec } = file;
    try {
      const named = spec.version === undefined ? null : this.versions.byHash(name, spec.version);
      const asKnown = known !== null && sameQuestion(spec, known.spec);
      let version: Version;
      if (named !== null && (known === null || asKnown || targets(spec, named))) version = named;
      else {
        version = await this.#freeze(name, spec, known, null, by);
        if (spec.version !== undefined && named === null && !version.hash.startsWith(spec.version))
          return refused(
            `jobs/${name}.yaml names the version ${spec.version}, which is not in this workspace, and its notebook now gives ${version.hash}. Remove the line "version:" to promote the notebook as it stands.`,
          );
      }
      if (spec.version !== version.hash) await this.files.write(name, { ...spec, version: version.hash });
      return this.#inForce(name, { ...spec, version: version.hash }, version, known);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const { hint } = error.extra;
      return refused(`jobs/${name}.yaml: ${error.message}${hint === undefined ? "" : ` ${hint}`}`);
    }
  }

  async #presentHash(
    name: string,
    spec: JobSpec,
  ): Promise<{ readonly hash: string | null; readonly problem: string | null }> {
    const { notebook } = targetOf(spec);
    const text = await this.#parts.textOf(notebook).catch(() => null);
    if (text === null)
      return {
        hash: null,
        problem: `The notebook ${notebook} is gone; runs go on with the version in force. "Open as notebook" brings its text back.`,
      };
    const key = JSON.stringify([
      text,
      spec,
      this.#parts.contracts().map(({ hash }) => hash),
      await this.#parts.packages(),
    ]);
    const held = this.#present.get(name);
    if (held?.key === key) return held;
    const hash = await this.#promote(spec).then(
      ({ frozen }) => hashOf(frozen),
      () => "changed", // It cannot be promoted as it stands, which is a change as well.
    );
    const made = { key, hash, problem: null };
    this.#present.set(name, made);
    return made;
  }

  #stored(name: string): StoredJob {
    const stored = this.store.find(name);
    if (stored === null) throw unknown(name);
    return stored;
  }

  #promoted(name: string): { readonly stored: StoredJob; readonly version: Version } {
    const stored = this.#stored(name);
    if (stored.version === null)
      throw new HttpError(409, `The job ${name} has no version yet; promote its notebook first.`);
    return { stored, version: this.version(name, stored.version) };
  }

  #run(name: string, id: string): Run {
    const run = this.store.run(id);
    if (run === null || run.job !== name) throw new HttpError(404, `The job ${name} has no run "${id}".`);
    return run;
  }
}

const unknown = (name: string): HttpError =>
  new HttpError(404, `There is no job "${name}".`, { hint: "driftbook job list shows those there are." });

/** In the order of time, so that files and rows are. */
const newId = (): string => `${Date.now().toString(36).padStart(9, "0")}-${randomBytes(6).toString("hex")}`;

/** What makes a version; the rest is settings. */
const question = ({ run, set = {}, window }: JobSpec): string =>
  JSON.stringify([run, Object.entries(set).sort(), window ?? null]);
const sameQuestion = (a: JobSpec, b: JobSpec): boolean => question(a) === question(b);
const sameSpec = (a: JobSpec, b: JobSpec): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** Whether the file asks for what the version is. */
function targets(spec: JobSpec, { frozen }: Version): boolean {
  const { notebook, cell } = targetOf(spec);
  const sets = Object.entries(spec.set ?? {}).every(([name, value]) => String(frozen.set[name]) === String(value));
  return (
    notebook === frozen.notebook && cell === frozen.cell && sets && (spec.window ?? frozen.window) === frozen.window
  );
}
