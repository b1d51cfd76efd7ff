import { rmSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { CellRun } from "../../cells/session/state.ts";
import type { RunDetail } from "../../cells/wire/http-jobs.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Of one job; older outputs go, their readings stay. */
export const MOST_OUTPUTS = 200;

const ENDING = ".json.gz";

/** No job has this name. */
const BESIDE = ".writing";

/** What a run showed: cells with capped tables, and what its page is drawn from. */
export interface RunOutput {
  readonly cells: RunDetail["cells"];
  /** Displays, texts and errors by cell. */
  readonly runs: Readonly<Record<string, CellRun>>;
}

/**
 * Outputs of runs, as files below `.driftbook/runs/jobs/`. They are written before the run is published: in one folder
 * beside those of the jobs, which is empty but while outputs are written and goes with what a crash left there when
 * the workspace is opened.
 */
export class RunOutputs {
  readonly #folder: string;
  /** Runs whose outputs are still to be read, with by how many. */
  readonly #held = new Map<string, number>();
  readonly #onUnreadable: (run: string, error: unknown) => void;

  /** `onUnreadable`: an output is there, and damaged or not to be read. */
  constructor(folder: string, onUnreadable: (run: string, error: unknown) => void) {
    this.#onUnreadable = onUnreadable;
    this.#folder = path.join(folder, ".driftbook", "runs", "jobs");
    rmSync(path.join(this.#folder, BESIDE), { recursive: true, force: true });
  }

  async keep(job: string, run: string, output: RunOutput): Promise<void> {
    const file = this.#file(job, run);
    const bytes = await zip(Buffer.from(JSON.stringify(output)), { level: 3 });
    await mkdir(path.dirname(file), { recursive: true });
    const beside = path.join(this.#folder, BESIDE, `${run}.tmp`);
    await mkdir(path.dirname(beside), { recursive: true });
    try {
      const handle = await open(beside, "w");
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, file);
    } finally {
      await rm(beside, { force: true });
    }
    await this.#forgetOld(path.dirname(file));
  }

  /** What the run kept, or will keep, stays however old it grows, until everybody who holds it has let it go. */
  hold(run: string): () => void {
    this.#held.set(run, (this.#held.get(run) ?? 0) + 1);
    return () => {
      const left = this.#held.get(run)! - 1;
      if (left === 0) this.#held.delete(run);
      else this.#held.set(run, left);
    };
  }

  /** Null where it was never kept, is too old, or cannot be read: what the run measured stands elsewhere. */
  async find(job: string, run: string): Promise<RunOutput | null> {
    const file = this.#file(job, run);
    try {
      const text = await unzip(await readFile(file));
      return JSON.parse(text.toString("utf8")) as RunOutput;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#onUnreadable(run, error);
      return null;
    }
  }

  /** By when they were written: a run that took long ends after many that were asked for after it. */
  async #forgetOld(folder: string): Promise<void> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING));
    if (names.length <= MOST_OUTPUTS) return;
    const files = await Promise.all(
      names.map(async (name) => {
        // Another run that ends now may have removed it since.
        const found = await stat(path.join(folder, name)).catch(() => null);
        return { name, written: found?.mtimeMs ?? 0 };
      }),
    );
    files.sort((a, b) => b.written - a.written || (a.name < b.name ? 1 : -1));
    for (const { name } of files.slice(MOST_OUTPUTS))
      if (!this.#held.has(name.slice(0, -ENDING.length)))
        await rm(path.join(folder, name), { recursive: true, force: true });
  }

  #file(job: string, run: string): string {
    if (!/^[\w-]{1,100}$/.test(job) || !/^[\w-]{1,100}$/.test(run))
      throw new Error(`"${job}/${run}" cannot name a run's output.`);
    return path.join(this.#folder, job, `${run}${ENDING}`);
  }
}
