import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { jobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { parseYaml } from "../../cells/yaml/read-yaml.ts";
import { thereText } from "../those-there-are.ts";
import { type Invocation, UsageError } from "./command.ts";

/** The workspace above a notebook's file, and the notebook's path in it. @throws UsageError */
export function notebookOf(
  invocation: Invocation,
  argument: string,
): { readonly folder: string; readonly notebook: string } {
  const file = path.resolve(argument);
  const isThere = existsSync(file);
  if (!isThere && !existsSync(path.dirname(file))) throw new UsageError(`There is no notebook "${argument}".`);
  const folder = invocation.workspace(path.dirname(file));
  const notebook = path.relative(folder, file).split(path.sep).join("/");
  if (!isThere) throw new UsageError(`There is no notebook "${argument}".${nextStep(folder, file, notebook)}`);
  if (notebook.startsWith("../")) throw new UsageError(`"${argument}" is not in the workspace ${folder}.`);
  return { folder, notebook };
}

/** Of what lies beside it the nearest, and the jobs that keep its text. */
function nextStep(folder: string, file: string, notebook: string): string {
  const beside = path.dirname(file);
  const names = filesOf(beside, ".nb.md");
  const near = nearestNotebook(path.basename(file), names);
  const shown = (name: string): string => path.relative(process.cwd(), path.join(beside, name));
  const meant = near === null ? ` ${thereText(names.map(shown))}` : ` Did you mean ${shown(near)}?`;
  const [job] = filesOf(path.join(folder, "jobs"), ".yaml").filter((name) => {
    const read = parseYaml(readFileSync(path.join(folder, "jobs", name), "utf8"), jobSpec);
    return read.ok && targetOf(read.value).notebook === notebook;
  });
  if (job === undefined) return meant;
  const name = job.slice(0, -".yaml".length);
  return `${meant} The job ${name} keeps its text: driftbook job open ${name} brings it back.`;
}

/** By its letters before the ending, which all have. */
export function nearestNotebook(name: string, notebooks: readonly string[]): string | null {
  const bare = (one: string): string => one.replace(/\.nb\.md$/, "");
  const near = nearest(bare(name), notebooks.map(bare));
  return near === null ? null : notebooks.find((one) => bare(one) === near)!;
}

function filesOf(folder: string, ending: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending))
        .sort()
    : [];
}
