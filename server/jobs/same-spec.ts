import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import type { Version } from "../../cells/jobs/version.ts";

/** What makes a version; the rest is settings. */
const question = ({ run, set = {}, window }: JobSpec): string =>
  JSON.stringify([run, Object.entries(set).sort(), window ?? null]);
export const sameQuestion = (a: JobSpec, b: JobSpec): boolean => question(a) === question(b);
export const sameSpec = (a: JobSpec, b: JobSpec): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** Whether the file asks for what the version is. */
export function targets(spec: JobSpec, { frozen }: Version): boolean {
  const { notebook, cell } = targetOf(spec);
  const sets = Object.entries(spec.set ?? {}).every(([name, value]) => String(frozen.set[name]) === String(value));
  return (
    notebook === frozen.notebook && cell === frozen.cell && sets && (spec.window ?? frozen.window) === frozen.window
  );
}
