import type { Kind } from "../../cells/document/document.ts";
import { type JobSpec, runOf } from "../../cells/jobs/job-spec.ts";
import { nextSpec } from "../../cells/jobs/next-spec.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";

export interface PromotionTarget {
  readonly notebook: string;
  /** Name or id of the cell; null for the whole notebook. */
  readonly cell: string | null;
  /** Of a cell without a name, whose id says nothing; null for all else. */
  readonly kind: Kind | null;
  /** The job of whose version the notebook was opened; null for a notebook of its own. */
  readonly job: string | null;
}

const USUAL_SCHEDULE = "every day at 06:00";

/** What a promotion begins from: a job keeps what it has in force until something else is said. */
export class PromotionDraft {
  /** The job that runs just this; it is promoted again under its name. */
  readonly same: Job | null;
  name: string;
  /** Another job that has this name: what it has in force fills the form. */
  taken: Job | null = null;
  /** What the form does not ask for stays as it is here. */
  base: JobSpec;
  /** Counts how often the form is to be filled anew. */
  filled = 0;
  readonly #target: PromotionTarget;
  readonly #jobs: readonly Job[];
  /** What was said before another job's settings were shown. */
  #own: JobSpec;

  constructor(target: PromotionTarget, jobs: readonly Job[]) {
    this.#target = target;
    this.#jobs = jobs;
    const { notebook, cell, kind } = target;
    const run = runOf({ notebook, cell });
    this.same = jobs.find((job) => job.notebook === notebook && job.cell === cell) ?? null;
    this.#own = { run, schedule: USUAL_SCHEDULE };
    this.base = this.same === null ? this.#own : nextSpec(inFile(this.same), run, false);
    const opened = jobs.find((job) => job.name === target.job && job.cell === cell);
    this.name =
      (this.same ?? opened)?.name ?? freeName(kind === null && cell !== null ? cell : nameOf(notebook, kind), jobs);
    if (this.same === null) this.rename(this.name, this.#own);
  }

  get isOpenedFromTaken(): boolean {
    return this.taken !== null && this.taken.name === this.#target.job;
  }

  /** The job whose file was edited and is not in force yet: the draft begins from the file. */
  get edited(): Job | null {
    const job = this.same ?? this.taken;
    return job === null || job.written === null ? null : job;
  }

  /** A name that a job has brings what is in force there; any other gives back what was `said` before. */
  rename(name: string, said: JobSpec): void {
    this.name = name;
    const found = this.#jobs.find((job) => job.name === name) ?? null;
    if (found === this.taken) return;
    if (this.taken === null) this.#own = said;
    this.taken = found;
    this.base = found === null ? this.#own : nextSpec(inFile(found), this.#own.run, this.isOpenedFromTaken);
    this.filled += 1;
  }

  /** Undefined takes the input's default. */
  setInput(name: string, value: string | number | boolean | undefined): void {
    const { [name]: _before, ...others } = this.base.set ?? {};
    this.setInputs(value === undefined ? others : { ...others, [name]: value });
  }

  setInputs(set: NonNullable<JobSpec["set"]>): void {
    const { set: _before, ...rest } = this.base;
    this.base = Object.keys(set).length === 0 ? rest : { ...rest, set };
  }
}

/** What somebody wrote into the file counts, also before it is in force. */
const inFile = ({ written, spec }: Job): JobSpec => written ?? spec;

/** "fraud", or "fraud-drift" for a cell of it. */
const nameOf = (notebook: string, kind: Kind | null): string =>
  [notebook.replace(/\.nb\.md$/, ""), ...(kind === null ? [] : [kind])].join("-");

/** "score_drift" of a cell becomes a job's name that no other job has. */
function freeName(from: string, jobs: readonly Job[]): string {
  const base =
    from
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]+/g, "-")
      .replace(/^[^a-z]+/, "")
      .replace(/-+$/, "")
      .slice(0, 56) || "job";
  const taken = new Set(jobs.map(({ name }) => name));
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  return name;
}
