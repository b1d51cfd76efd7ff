import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { Version } from "../../cells/jobs/version.ts";
import type { PromotionsParts } from "./promotions.ts";

type FreezeParts = Pick<PromotionsParts, "known" | "program" | "runtime" | "commit">;

/** A version as of this program, this runtime and this commit; `inForce` itself where that is the same. */
export async function freezeVersion(
  wish: Pick<Version, "job" | "madeBy" | "note" | "frozen">,
  inForce: number | null,
  { known, program, runtime, commit }: FreezeParts,
): Promise<Version> {
  return known.versions.freeze({ ...wish, program, runtime, commit: await commit() }, inForce, Date.now()).version;
}

/** The file's settings, with the version that they name. What came due before is still of those before. */
export async function putInForce(
  name: string,
  spec: JobSpec,
  version: number,
  { known, zone, beforeChange }: Pick<PromotionsParts, "known" | "zone" | "beforeChange">,
): Promise<void> {
  await beforeChange(name);
  known.store.put(name, { spec, zone, version }, Date.now());
}
