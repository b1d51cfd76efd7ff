import { type Cell, lastingId } from "../../cells/document/document.ts";
import type { Job, JobList } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";

const EVERY_MILLIS = 30_000;
const AFTER_CHANGE_MILLIS = 1000;
const NONE: readonly Job[] = [];

/** The jobs of one notebook, asked for anew now and then, and once what was typed rests. `close` ends it. */
export class NotebookJobs {
  readonly #changed: () => void;
  #notebook: string | null = null;
  #jobs: readonly Job[] = [];
  #byCell: ReadonlyMap<string | null, readonly Job[]> = new Map();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  follow(notebook: string): void {
    this.#notebook = notebook;
    void this.refresh();
  }

  close(): void {
    this.#notebook = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Those of one cell alone; of the whole notebook for null. The same list until something changes. */
  of(cell: Cell | null): readonly Job[] {
    return this.#byCell.get(cell === null ? null : lastingId(cell)) ?? NONE;
  }

  /** Whether it is still what was promoted is told by the server. */
  textChanged(): void {
    if (this.#jobs.length > 0) this.#later(AFTER_CHANGE_MILLIS);
  }

  async refresh(): Promise<void> {
    try {
      const { jobs } = await ask<JobList>("/api/jobs");
      const own = jobs.filter(({ notebook }) => notebook === this.#notebook);
      if (JSON.stringify(own) !== JSON.stringify(this.#jobs)) {
        this.#jobs = own;
        this.#byCell = Map.groupBy(own, (job) => job.cell);
        this.#changed();
      }
    } catch {
      // A badge that is late; the page itself says when the server is gone.
    }
    this.#later(EVERY_MILLIS);
  }

  #later(delayMillis: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#notebook !== null) this.#timer = setTimeout(() => void this.refresh(), delayMillis);
  }
}
