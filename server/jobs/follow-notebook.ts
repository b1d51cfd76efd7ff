import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import type { StoredJob } from "../../workspaces/jobs/job-rows.ts";
import { HttpError } from "../http-error.ts";
import type { PromotionsParts } from "./promotions.ts";
import { sameSpec } from "./same-spec.ts";

type FollowParts = Pick<
  PromotionsParts,
  "known" | "files" | "zone" | "program" | "runtime" | "commit" | "beforeChange" | "onChange"
>;

export interface Followed {
  readonly job: string;
  /** That is in force now; null where the file alone was changed, for it was not in force. */
  readonly version: number | null;
}

/**
 * The notebook of this job has another path now: its file names that, and what is in force stays as it was frozen, also
 * where the text has changed since, as a version of the new path. Null where the job's file is of another notebook, or
 * cannot be read. Within the job's turn.
 */
export async function followNotebook(
  name: string,
  { from, to }: { readonly from: string; readonly to: string },
  by: string,
  parts: FollowParts,
): Promise<Followed | null> {
  const file = await parts.files.read(name);
  if (file === null || !file.ok) return null;
  const { notebook, cell } = targetOf(file.spec);
  if (notebook !== from) return null;
  const run = cell === null ? to : `${to}#${cell}`;
  const known = parts.known.store.find(name);
  if (known?.version == null || !sameSpec(file.spec, known.spec)) {
    // A version that the file names is of the old path.
    const { version: _named, ...spec } = file.spec;
    await parts.files.write(name, { ...spec, run });
    return { job: name, version: null };
  }
  return { job: name, version: await inForceUnder(run, to, known, by, parts) };
}

async function inForceUnder(
  run: string,
  notebook: string,
  { name, spec: before, version: number }: StoredJob,
  by: string,
  { known, files, zone, program, runtime, commit, beforeChange, onChange }: FollowParts,
): Promise<number> {
  const { version } = known.versions.freeze(
    {
      job: name,
      madeBy: by,
      note: `The notebook is ${notebook} now`,
      frozen: { ...known.version(name, number!).frozen, notebook },
      program,
      runtime,
      commit: await commit(),
    },
    number,
    Date.now(),
  );
  const spec: JobSpec = { ...before, run, version: version.hash };
  await files.write(name, spec);
  await beforeChange(name);
  known.store.put(name, { spec, zone, version: version.number }, Date.now());
  onChange();
  return version.number;
}

/** @throws HttpError 422 where a job's file runs this notebook and could not name the other path */
export async function refuseUnnameable(from: string, to: string, files: FollowParts["files"]): Promise<void> {
  if (!to.includes("#")) return;
  for (const name of await files.names()) {
    const file = await files.read(name);
    if (file?.ok === true && targetOf(file.spec).notebook === from)
      throw new HttpError(
        422,
        `The job ${name} runs "${from}", and the path of a notebook that a job runs cannot have a "#".`,
        { hint: "Take a path without it, or remove the job first." },
      );
  }
}
