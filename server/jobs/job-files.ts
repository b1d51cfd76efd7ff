import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { isMap, parseDocument } from "yaml";
import { type JobSpec, jobSpec } from "../../cells/jobs/job-spec.ts";
import { jobName } from "../../cells/wire/http-jobs.ts";
import { parseYaml } from "../../cells/yaml/read-yaml.ts";
import { HttpError } from "../http-error.ts";
import { removeUnfinished, writeAtomically } from "../write-atomically.ts";

export type JobFileRead =
  | { readonly ok: true; readonly spec: JobSpec }
  /** `line 3: schedule: …` */
  | { readonly ok: false; readonly problem: string };

/** The files `jobs/NAME.yaml`, which people edit as well: what is not changed here stays as it was written. */
export class JobFiles {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = path.join(folder, "jobs");
    removeUnfinished(this.#folder);
  }

  /** Names of all files, also of those that cannot be read as jobs. */
  async names(): Promise<string[]> {
    try {
      const files = await readdir(this.#folder);
      return files.flatMap((file) => /^([^.].*)\.yaml$/.exec(file)?.[1] ?? []).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  /** Null where there is no file. */
  async read(name: string): Promise<JobFileRead | null> {
    if (!jobName.safeParse(name).success)
      return {
        ok: false,
        problem: `"${name}" is no name of a job: small letters, digits, - and _, such as daily-drift.`,
      };
    const text = await this.#text(name);
    if (text === null) return null;
    const read = parseYaml(text, jobSpec);
    if (read.ok) return { ok: true, spec: read.value };
    return { ok: false, problem: read.problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n") };
  }

  /** Sets the keys of `spec`, removes those that it does not have; comments and the order of keys stay. */
  async write(name: string, spec: JobSpec): Promise<void> {
    const file = this.#file(name);
    const document = parseDocument((await this.#text(name)) ?? "", { version: "1.2", schema: "core" });
    if (document.contents === null || !isMap(document.contents) || document.errors.length > 0)
      document.contents = document.createNode({}) as never;
    const keys = new Set([...Object.keys(jobSpec.shape), ...Object.keys(spec)]);
    for (const key of keys) {
      const value = spec[key as keyof JobSpec];
      if (value === undefined) document.delete(key);
      else if (JSON.stringify(document.toJS()?.[key]) !== JSON.stringify(value))
        document.set(key, document.createNode(value));
    }
    await writeAtomically(file, document.toString({ lineWidth: 0 }));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#file(name), { force: true });
  }

  async #text(name: string): Promise<string | null> {
    try {
      return await readFile(this.#file(name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  #file(name: string): string {
    const checked = jobName.safeParse(name);
    if (!checked.success)
      throw new HttpError(400, `"${name}" is no name of a job: ${checked.error.issues[0]!.message}.`);
    return path.join(this.#folder, `${checked.data}.yaml`);
  }
}
