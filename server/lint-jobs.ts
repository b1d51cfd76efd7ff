import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Document, lastingId } from "../cells/document/document.ts";
import { type JobSpec, jobSpec, targetOf } from "../cells/jobs/job-spec.ts";
import { acceptGivenValue } from "../cells/kinds/input/accept-input-value.ts";
import { inputSpecOf } from "../cells/session/input-value.ts";
import { nearest } from "../cells/yaml/nearest.ts";
import { parseYaml } from "../cells/yaml/read-yaml.ts";
import { absentDestinations } from "./alerts/absent-destinations.ts";

export interface JobFinding {
  readonly file: string;
  readonly message: string;
  readonly line: number | null;
}

/** What a job file may name. */
interface Named {
  /** By path. */
  readonly notebooks: ReadonlyMap<string, Document>;
  /** Names of driftbook.yaml; null where it cannot be read. */
  readonly destinations: readonly string[] | null;
  /** Why the version that a job's file names can neither be found nor made; a sentence, or null. */
  readonly unknownVersion: (job: string, spec: JobSpec) => Promise<string | null>;
}

/** What is wrong with the files `jobs/*.yaml`, held against the notebooks that they run and whom they tell. */
export async function lintJobs(
  folder: string,
  named: Named,
): Promise<{ readonly files: number; readonly findings: readonly JobFinding[] }> {
  const names = await jobFiles(folder);
  const findings: JobFinding[] = [];
  for (const name of names) {
    const file = `jobs/${name}`;
    const read = parseYaml(await readFile(path.join(folder, "jobs", name), "utf8"), jobSpec);
    if (!read.ok) {
      for (const { message, line } of read.problems) findings.push({ file, message, line });
      continue;
    }
    const found = misfits(read.value, named);
    // What its notebook gives is told of one that it can run.
    const unknown = found.length > 0 ? null : await named.unknownVersion(name.replace(/\.ya?ml$/, ""), read.value);
    if (unknown !== null) found.push(unknown);
    for (const message of found) findings.push({ file, message, line: null });
  }
  return { files: names.length, findings };
}

async function jobFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(path.join(folder, "jobs"));
    return names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** What the file asks for that is not there. */
function misfits(job: JobSpec, { notebooks, destinations }: Named): string[] {
  return [...misfitsOfRun(job, notebooks), ...(destinations === null ? [] : absentDestinations(job, destinations))];
}

function misfitsOfRun(job: JobSpec, notebooks: ReadonlyMap<string, Document>): string[] {
  const { notebook, cell } = targetOf(job);
  const document = notebooks.get(notebook);
  if (document === undefined) return [`run: there is no notebook "${notebook}"${meant(notebook, notebooks.keys())}`];
  const cells = document.cells.filter(({ kind }) => kind !== "prose" && kind !== "input").map(lastingId);
  const found: string[] = [];
  if (cell !== null && !cells.includes(cell)) found.push(`run: ${notebook} has no cell "${cell}"${meant(cell, cells)}`);
  const inputs = document.cells.filter(({ kind, name }) => kind === "input" && name !== null);
  for (const [name, value] of Object.entries(job.set ?? {})) {
    const input = inputs.find((one) => one.name === name);
    const spec = input === undefined ? null : inputSpecOf(input);
    if (input === undefined)
      found.push(
        `set: ${notebook} has no input "${name}"${meant(
          name,
          inputs.map((one) => one.name!),
        )}`,
      );
    else if (spec !== null) {
      const accepted = acceptGivenValue(spec, value);
      if (!accepted.ok) found.push(`set: ${name}: ${accepted.problem}`);
    }
  }
  return found;
}

function meant(word: string, candidates: Iterable<string>): string {
  const known = nearest(word, candidates);
  return known === null ? "" : `; did you mean ${known}?`;
}
