import type { DestinationList } from "../../cells/wire/http-alerts.ts";
import type { Job, JobList } from "../../cells/wire/http-jobs.ts";
import type { Api } from "./api.ts";
import type { Check } from "./doctor.ts";

/** What of jobs asks for somebody, and whether their messages arrive. */
export async function jobChecks(api: Api): Promise<Check[]> {
  const { jobs, unreadable } = await api.ask<JobList>({ method: "GET", path: "/api/jobs" });
  const destinations = await api.ask<DestinationList>({ method: "GET", path: "/api/destinations" });
  const all = jobs.length + unreadable.length;
  const paused = jobs.filter((job) => job.paused).length;
  const count = { what: "Jobs", ok: true, found: `${all}${paused === 0 ? "" : `, ${paused} paused`}`, hint: null };
  return [
    ...(all === 0 ? [] : [count]),
    ...jobs.flatMap(jobCheck),
    ...unreadable.map(({ name, problem }) => ({ what: `Job ${name}`, ok: false, found: problem, hint: null })),
    ...destinationChecks(destinations),
  ];
}

function jobCheck({ name, version, problem }: Job): Check[] {
  if (problem === null && version !== null) return [];
  const said = problem ?? `driftbook job apply ${name} promotes its notebook as it stands.`;
  return [
    version === null
      ? { what: `Job ${name}`, ok: false, found: "it has no version, so nothing runs", hint: said }
      : { what: `Job ${name}`, ok: false, found: said, hint: null },
  ];
}

function destinationChecks({ destinations, lost }: DestinationList): Check[] {
  const undelivered = (waiting: number, failed: number): string => `${waiting} messages wait, ${failed} were given up`;
  return [
    ...destinations.map(({ name, problem, lastProblem, waiting, failed }) => ({
      what: `Destination ${name}`,
      ok: problem === null && lastProblem === null,
      found: undelivered(waiting, failed),
      hint: problem ?? (lastProblem === null ? null : `The last attempt: ${lastProblem}`),
    })),
    ...lost.map(({ name, jobs, waiting, failed }) => ({
      what: `Destination ${name}`,
      ok: false,
      found: `not in driftbook.yaml; ${undelivered(waiting, failed)}`,
      hint: `${jobs.length === 0 ? "No job names it any more" : `Named by ${jobs.join(", ")}`}: write it under destinations: in driftbook.yaml and start the server again, or take it out of alert.to.`,
    })),
  ];
}
