import { rmSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { CellRun } from "../../cells/session/state.ts";
import type { RunDetail } from "../../cells/wire/http-jobs.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Of one job; older outputs go, their readings stay. */
export const MOST_OUTPUTS = 200;

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
  constructor(folder: string) {
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

  /** Null where it was never kept, or is too old. */
  async find(job: string, run: string): Promise<RunOutput | null> {
    try {
      const text = await unzip(await readFile(this.#file(job, run)));
      return JSON.parse(text.toString("utf8")) as RunOutput;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** Ids of runs begin with their time, so that names are in its order. */
  async #forgetOld(folder: string): Promise<void> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json.gz")).sort();
    for (const name of names.slice(0, Math.max(0, names.length - MOST_OUTPUTS)))
      await rm(path.join(folder, name), { force: true });
  }

  #file(job: string, run: string): string {
    if (!/^[\w-]{1,100}$/.test(job) || !/^[\w-]{1,100}$/.test(run))
      throw new Error(`"${job}/${run}" cannot name a run's output.`);
    return path.join(this.#folder, job, `${run}.json.gz`);
  }
}
