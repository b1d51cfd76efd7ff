import { parseDocument } from "../../cells/document/parse-document.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { nextSpec } from "../../cells/jobs/next-spec.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import { type Api, ApiError } from "./api.ts";
import { assignments, type Invocation, textOption, textOptions, UsageError } from "./command.ts";

/**
 * What is to be promoted: what the job's file says, changed in what the options say. An empty option, and an input set to
 * null, take away what the file says. @throws UsageError
 */
export async function promotionWish(api: Api, invocation: Invocation, name: string): Promise<JobSpec> {
  const base = await baseOf(api, invocation, name);
  const changed = { ...base, set: { ...base.set, ...assignments(textOptions(invocation, "set"), "set") } };
  for (const key of ["schedule", "zone", "window"] as const) {
    const text = textOption(invocation, key);
    if (text !== undefined) Object.assign(changed, { [key]: text });
  }
  const set = Object.fromEntries(Object.entries(changed.set).filter(([, value]) => value !== null));
  const spec = { ...changed, set: Object.keys(set).length === 0 ? undefined : set };
  return Object.fromEntries(
    Object.entries(spec).filter(([key, value]) => value !== undefined && (value !== "" || key === "schedule")),
  ) as JobSpec;
}

async function baseOf(api: Api, invocation: Invocation, name: string): Promise<JobSpec> {
  const job = await jobOrNull(api, name);
  const [run, schedule] = [textOption(invocation, "run"), textOption(invocation, "schedule")];
  if (job === null) {
    if (run !== undefined && schedule !== undefined) return { run, schedule };
    const missing = [...(run === undefined ? ["--run"] : []), ...(schedule === undefined ? ["--schedule"] : [])].join(
      " and ",
    );
    throw new UsageError(
      `There is no job ${name} yet, and a new one needs ${missing}, such as: --run drift.nb.md#score_drift --schedule "every day at 06:00".`,
    );
  }
  const inFile = job.written ?? job.spec;
  const target = run ?? inFile.run;
  return nextSpec(inFile, target, target !== inFile.run && (await isOpenedFrom(api, name, target)));
}

async function jobOrNull(api: Api, name: string): Promise<Job | null> {
  try {
    return await api.ask<Job>({ method: "GET", path: `/api/jobs/${encodeURIComponent(name)}` });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Whether the notebook of `run` was written from a version of the job; one that is not there is refused later. */
async function isOpenedFrom(api: Api, job: string, run: string): Promise<boolean> {
  const [notebook] = run.split("#") as [string];
  try {
    const path = `/api/notebooks/${encodeURIComponent(notebook)}`;
    const { text } = await api.ask<{ text: string }>({ method: "GET", path });
    return parseDocument(text).document.frontMatter.job === job;
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return false;
    throw error;
  }
}
