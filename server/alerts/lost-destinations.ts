import type { DestinationList } from "../../cells/wire/http-alerts.ts";
import type { Services } from "../services.ts";

/** Destinations that driftbook.yaml does not have, and that jobs name or messages wait for; by name. */
export function lostDestinations({
  alerts,
  jobs,
  settings,
}: Pick<Services, "alerts" | "jobs" | "settings">): DestinationList["lost"] {
  const namedBy = new Map<string, string[]>();
  for (const name of alerts.store.outbox.awaited()) namedBy.set(name, []);
  for (const { name: job, spec } of jobs.store.list())
    for (const name of spec.alert?.to ?? []) namedBy.set(name, [...(namedBy.get(name) ?? []), job]);
  for (const { name } of settings.destinations) namedBy.delete(name);
  return [...namedBy]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, of]) => {
      const { waiting, failed, lastProblem } = alerts.store.outbox.counts(name);
      return { name, jobs: of, waiting, failed, lastProblem };
    });
}
