import type { DueTimes } from "../../cells/jobs/due-times.ts";
import { planOf } from "../../cells/jobs/job-plan.ts";
import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import type { Version } from "../../cells/jobs/version.ts";
import { type Standing, standingOf } from "../../cells/results/reading.ts";
import type { Job, JobList, RunDetail } from "../../cells/wire/http-jobs.ts";
import type { JobHistory } from "../../workspaces/jobs/job-history.ts";
import type { JobQueue } from "../../workspaces/jobs/job-queue.ts";
import { isoOf, type RemovedJob } from "../../workspaces/jobs/job-rows.ts";
import { HttpError } from "../http-error.ts";
import { goneStream } from "./gone-stream.ts";
import type { JobFiles } from "./job-files.ts";
import type { KnownJobs } from "./known-jobs.ts";
import type { Present, PresentVersions } from "./present-versions.ts";
import type { RunOutputs } from "./run-outputs.ts";
import { sameSpec } from "./same-spec.ts";

export interface JobViewsParts {
  readonly known: KnownJobs;
  readonly history: JobHistory;
  readonly queue: Pick<JobQueue, "countActive">;
  readonly files: JobFiles;
  readonly outputs: RunOutputs;
  readonly present: PresentVersions;
  readonly due: DueTimes;
  /** Those that have a contract. */
  readonly streams: () => ReadonlySet<string>;
  /** Why the job's file cannot be taken up; a sentence, or null. */
  readonly objection: (name: string, spec: JobSpec) => Promise<string | null>;
  /** The workspace's, IANA. */
  readonly zone: string;
}

const TICKS_SHOWN = 30;
const PATIENCE_MILLIS = 1000;

/** Jobs and runs as people see them. */
export class JobViews {
  readonly #known: KnownJobs;
  readonly #parts: JobViewsParts;

  constructor(parts: JobViewsParts) {
    this.#known = parts.known;
    this.#parts = parts;
  }

  /** All of them, and the files that could not be read as jobs. Whether a text has changed may be told a list later. */
  async list(): Promise<Omit<JobList, "zone">> {
    const names = new Set([...this.#known.store.list().map(({ name }) => name), ...(await this.#parts.files.names())]);
    const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MILLIS).unref());
    const jobs: Job[] = [];
    const unreadable: JobList["unreadable"] = [];
    const seen = await Promise.all(
      [...names].sort().map((name) =>
        this.#view(name, patience).catch((error: unknown) => {
          if (error instanceof HttpError) unreadable.push({ name, problem: error.message });
          else throw error;
          return null;
        }),
      ),
    );
    for (const job of seen) if (job !== null) jobs.push(job);
    const removed = this.#known.store
      .listRemoved()
      .filter(({ name }) => !names.has(name))
      .map(({ name, spec, version, ...job }) => ({ name, ...targetOf(spec), version, ...removalOf(job) }));
    return { jobs, unreadable, removed };
  }

  /** In which its times are said, also when it is gone; the workspace's where it never was. */
  zoneOf(name: string): string {
    const { store } = this.#known;
    return (store.find(name) ?? store.removed(name))?.plan.zone ?? this.#parts.zone;
  }

  /** @throws HttpError 404, 422 where its file cannot be read and nothing is in force */
  view(name: string): Promise<Job> {
    return this.#view(name, null);
  }

  async #view(name: string, patience: Promise<void> | null): Promise<Job> {
    const stored = this.#known.store.find(name);
    const file = await this.#parts.files.read(name);
    if (stored === null && file === null) return this.#removed(name);
    const spec = stored?.spec ?? (file?.ok === true ? file.spec : null);
    if (spec === null)
      throw new HttpError(422, `jobs/${name}.yaml cannot be read: ${(file as { problem: string }).problem}`);
    const version = stored?.version == null ? null : this.#known.versions.find(name, stored.version);
    const plan = stored?.plan ?? planOf(spec, this.#parts.zone);
    const present = version === null ? null : await this.#present(name, spec, version, patience);
    const differs = file?.ok === true && stored !== null && !sameSpec(file.spec, stored.spec);
    const isUntaken = file?.ok === true && (stored === null || differs);
    const objection = isUntaken ? await this.#parts.objection(name, file.spec) : null;
    const next = objection ?? `driftbook job apply ${name} takes it up.`;
    const problem =
      file === null
        ? `jobs/${name}.yaml is gone; driftbook job apply ends the job, or bring the file back.`
        : !file.ok
          ? `jobs/${name}.yaml cannot be read, what was in force stays: ${file.problem}`
          : stored === null
            ? `It is not in force yet: ${next}`
            : differs
              ? `jobs/${name}.yaml differs from what is in force: ${next}`
              : (present?.problem ?? this.#streamProblem(version) ?? this.#replayProblem(name));
    return {
      name,
      spec,
      written: differs ? file.spec : null,
      ...targetOf(spec),
      zone: plan.zone,
      paused: stored?.pausedBy != null,
      version: version?.number ?? null,
      hash: version?.hash ?? null,
      nextTimes:
        stored === null || stored.pausedBy !== null
          ? []
          : this.#parts.due.next(plan, Math.max(Date.now(), stored.throughMillis)),
      ticks: this.#parts.history.ticks(name, TICKS_SHOWN).reverse(),
      lastRun: this.#parts.history.lastRun(name),
      active: this.#parts.queue.countActive(name),
      problem,
      textChanged: present?.changed ?? false,
      contractsChanged: version === null ? [] : this.#parts.present.otherContracts(version.frozen),
      removed: null,
    };
  }

  /** What a job was that is not there any more. */
  #removed(name: string): Job {
    const job = this.#known.store.removed(name);
    if (job === null) throw this.#known.missing(name);
    const { spec, plan, version } = job;
    return {
      ...{ name, spec, ...targetOf(spec), zone: plan.zone, paused: false, version, nextTimes: [], active: 0 },
      hash: version === null ? null : this.#known.version(name, version).hash,
      ticks: this.#parts.history.ticks(name, TICKS_SHOWN).reverse(),
      lastRun: this.#parts.history.lastRun(name),
      ...{ written: null, problem: null, textChanged: false, contractsChanged: [], removed: removalOf(job) },
    };
  }

  async runDetail(name: string, id: string): Promise<RunDetail> {
    const run = this.#known.run(name, id);
    const output = await this.#parts.outputs.find(name, id);
    // What bounds a reading was held against stands in the body of its run alone.
    const standings = new Map<string, Standing>(
      this.#parts.history.measured(id).map(({ reading }) => [reading.id, standingOf(reading)]),
    );
    return {
      run,
      readings: this.#parts.history.readings(id).map((line) => ({
        ...line,
        ...(standings.has(line.id) ? { standing: standings.get(line.id)! } : {}),
        notebook: `jobs/${name}`,
        madeAt: run.endedAt ?? run.createdAt,
        version: this.#known.versions.find(name, run.version)?.hash ?? "",
      })),
      cells: output?.cells ?? [],
      hasPage: output !== null,
    };
  }

  /** With patience only so long as that; then what was known before. */
  #present(name: string, spec: JobSpec, version: Version, patience: Promise<void> | null): Promise<Present> {
    const { present } = this.#parts;
    const now = present.of(name, spec, version);
    return patience === null ? now : Promise.race([now, patience.then(() => present.last(name))]);
  }

  #streamProblem(version: Version | null): string | null {
    return version === null ? null : goneStream(version.frozen, this.#parts.streams());
  }

  /** Said until a newer run stands in its place. */
  #replayProblem(name: string): string | null {
    const last = this.#parts.history.lastMeasured(name);
    const replay = last === null ? null : this.#parts.history.replayOf(last.id);
    if (replay === null || replay.same === true) return null;
    const why = replay.state === "done" ? "gives other readings now" : `failed: ${replay.reason}`;
    return `Its last run, repeated, ${why}. Compare the readings of ${last!.id} and ${replay.id} before you trust a trend across them.`;
  }
}

const removalOf = ({
  removedAtMillis,
  removedBy,
}: Pick<RemovedJob, "removedAtMillis" | "removedBy">): NonNullable<Job["removed"]> => ({
  removedAt: isoOf(removedAtMillis),
  removedBy,
});
