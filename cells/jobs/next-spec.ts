import type { JobSpec } from "./job-spec.ts";

/**
 * What is asked for when `run` is promoted as the next version of a job: all that the job has in force, until something
 * else is said. A notebook that was opened from one of its versions states window and inputs itself, so of the job only
 * the settings stay.
 */
export function nextSpec(inForce: JobSpec, run: string, isOpened: boolean): JobSpec {
  const { version: _version, ...spec } = inForce;
  if (!isOpened || run === inForce.run) return { ...spec, run };
  const { window: _window, set: _set, ...settings } = spec;
  return { ...settings, run };
}
