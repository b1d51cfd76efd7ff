import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { nearest } from "../../cells/yaml/nearest.ts";

/** A sentence for each destination that a job tells and driftbook.yaml, which has `known`, does not have. */
export function absentDestinations({ alert }: Pick<JobSpec, "alert">, known: readonly string[]): string[] {
  const unknown = (alert?.to ?? []).filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const near = nearest(name, known);
    const meant = near === null ? "" : `; did you mean ${near}?`;
    return `alert.to: driftbook.yaml has no destination "${name}"${meant}`;
  });
}

/** What there is instead, and where one is added. */
export function destinationHint(known: readonly string[]): string {
  const there = known.length === 0 ? "It has none yet" : `It has ${known.join(", ")}`;
  return `${there}; add one under destinations: in driftbook.yaml and start the server again.`;
}
