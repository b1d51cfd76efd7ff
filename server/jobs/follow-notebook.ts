import { runOf, targetOf } from "../../cells/jobs/job-spec.ts";
import type { Version } from "../../cells/jobs/version.ts";
import { HttpError } from "../http-error.ts";
import type { PromotionsParts } from "./promotions.ts";
import { freezeVersion, putInForce } from "./put-in-force.ts";
import { sameSpec } from "./same-spec.ts";

type FollowParts = Pick<
  PromotionsParts,
  "known" | "files" | "zone" | "program" | "runtime" | "commit" | "beforeChange" | "onChange"
>;

export interface Followed {
  readonly job: string;
  /** That is in force now; null where nothing was put in force. */
  readonly version: number | null;
  /** Why the job did not follow, a sentence; null where it did, its file alone where that was not in force. */
  readonly problem: string | null;
}

/**
 * The notebook of this job has another path now: its file names that, and what is in force stays as it was frozen, also
 * where the text has changed since, as a version of the new path. Null for a job of another notebook. Within the job's
 * turn, after the move was recorded.
 */
export async function followNotebook(
  name: string,
  { from, to }: { readonly from: string; readonly to: string },
  by: string,
  parts: FollowParts,
): Promise<Followed | null> {
  const { known, files } = parts;
  const stored = known.store.find(name);
  const isInForce = stored !== null && targetOf(stored.spec).notebook === from;
  const stays = (problem: string): Followed | null => (isInForce ? { job: name, version: null, problem } : null);
  try {
    const file = await files.read(name);
    if (file === null) return stays(`jobs/${name}.yaml is gone.`);
    if (!file.ok) return stays(`jobs/${name}.yaml cannot be read: ${file.problem}`);
    const { notebook, cell } = targetOf(file.spec);
    if (notebook !== from) return stays(`jobs/${name}.yaml runs another notebook and is not in force.`);
    const run = runOf({ notebook: to, cell });
    if (stored?.version != null && sameSpec(file.spec, stored.spec)) {
      const version = await frozenAnew(known.version(name, stored.version), stored.version, by, parts);
      const spec = { ...file.spec, run, version: version.hash };
      await files.write(name, spec);
      await putInForce(name, spec, version.number, parts);
      parts.onChange();
      return { job: name, version: version.number, problem: null };
    }
    // What the file names is not in force, or in force with other settings: taken up, it is to be what it was.
    const { version: hash, ...spec } = file.spec;
    const named = hash === undefined ? null : known.versions.byHash(name, hash);
    const anew = named === null ? null : await frozenAnew(named, stored?.version ?? null, by, parts);
    await files.write(name, { ...spec, run, ...(anew === null ? {} : { version: anew.hash }) });
    return { job: name, version: null, problem: null };
  } catch (error) {
    return { job: name, version: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The same version, of the path that its notebook has now: a new number where that is another path. */
export async function frozenAnew(
  version: Version,
  inForce: number | null,
  by: string,
  parts: Pick<FollowParts, "known" | "program" | "runtime" | "commit">,
): Promise<Version> {
  const frozen = parts.known.frozenNow(version);
  if (frozen.notebook === version.frozen.notebook) return version;
  const note = `The notebook is ${frozen.notebook} now`;
  return freezeVersion({ job: version.job, madeBy: by, note, frozen }, inForce, parts);
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
