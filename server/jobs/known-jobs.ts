import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import type { Run } from "../../cells/wire/http-jobs.ts";
import type { JobHistory } from "../../workspaces/jobs/job-history.ts";
import { isoOf, type StoredJob } from "../../workspaces/jobs/job-rows.ts";
import type { JobStore } from "../../workspaces/jobs/job-store.ts";
import type { NotebookMoves } from "../../workspaces/jobs/notebook-moves.ts";
import type { VersionStore } from "../../workspaces/jobs/version-store.ts";
import { HttpError } from "../http-error.ts";
import { thoseThereAre } from "../those-there-are.ts";

/** Jobs, versions and runs by name, or a refusal that says what there is. */
export class KnownJobs {
  readonly store: JobStore;
  readonly versions: VersionStore;
  readonly moves: NotebookMoves;
  readonly #history: JobHistory;

  constructor(store: JobStore, versions: VersionStore, moves: NotebookMoves, history: JobHistory) {
    this.store = store;
    this.versions = versions;
    this.moves = moves;
    this.#history = history;
  }

  stored(name: string): StoredJob {
    const stored = this.store.find(name);
    if (stored === null) throw this.missing(name);
    return stored;
  }

  /** Why there is no such job: it was never there, or it was removed. */
  missing(name: string): HttpError {
    const removed = this.store.removed(name);
    if (removed === null)
      return new HttpError(404, `There is no job "${name}".`, {
        hint: thoseThereAre(
          name,
          this.store.list().map((job) => job.name),
          "jobs",
        ),
      });
    const by = removed.removedBy === null ? "" : ` by ${removed.removedBy}`;
    return new HttpError(409, `The job ${name} was removed${by} at ${isoOf(removed.removedAtMillis)}.`, {
      hint: `driftbook job restore ${name} brings it back, with the version that it had.`,
    });
  }

  promoted(name: string): { readonly stored: StoredJob; readonly version: Version } {
    const stored = this.stored(name);
    if (stored.version === null)
      throw new HttpError(409, `The job ${name} has no version yet; promote its notebook first.`);
    return { stored, version: this.version(name, stored.version) };
  }

  run(name: string, id: string): Run {
    const run = this.#history.run(id);
    if (run?.job === name) return run;
    throw new HttpError(404, `The job ${name} has no run "${id}".`, {
      hint: `driftbook job runs ${name} lists its runs.`,
    });
  }

  /** The version of this number, without one the one in force, else the newest. @throws HttpError 404 */
  versionOrInForce(name: string, number: number | null): Version {
    const asked = number ?? this.store.find(name)?.version ?? this.versions.list(name)[0]?.number ?? null;
    if (asked !== null) return this.version(name, asked);
    this.stored(name);
    throw new HttpError(404, `The job ${name} has no version yet; promote its notebook first.`);
  }

  /** What the version froze, of the path that its notebook has now. */
  frozenNow({ frozen, madeAt }: Version): FrozenVersion {
    return { ...frozen, notebook: this.moves.since(frozen.notebook, Date.parse(madeAt)) };
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
}
