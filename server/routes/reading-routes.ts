import { z } from "zod";
import { type Reading, standingOf } from "../../cells/results/reading.ts";
import { jobOfNotebook } from "../../cells/results/reading-address.ts";
import { explanation, keptReading, type ReadingLine, readingList } from "../../cells/wire/http-readings.ts";
import { MOST_MEASUREMENTS } from "../../workspaces/readings/reading-store.ts";
import { evidenceOf } from "../evidence/evidence-of.ts";
import { HttpError } from "../http-error.ts";
import type { Services } from "../services.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Route } from "./route.ts";

const byId = z.object({ id: z.string() });
/** Two jobs that ask the same have the same reading: then it is said of whose it is spoken. */
const byJob = z.object({ job: z.string().optional() });
/** `""` asks for those of the whole relation, or of all rows. */
const orNone = z
  .string()
  .transform((text) => (text === "" ? null : text))
  .optional();

/** What the same text asked another time is held against the same bounds, or stands beside; of other texts it is not known. */
function withStanding(lines: readonly ReadingLine[], peers: readonly Reading[], version: string): ReadingLine[] {
  return lines.map((line) => {
    const peer = peers.find(({ provisional }) => provisional === line.provisional);
    return line.verdict !== "ok" || line.version !== version || peer === undefined
      ? line
      : { ...line, standing: standingOf({ ...peer, verdict: "ok" }) };
  });
}

/** What monitoring cells measured, each number with all that it came from. */
export const readingRoutes: readonly Route[] = [
  defineRoute("GET", "/api/readings", {
    need: "read",
    summary: "Kept readings, newest measurements first, at most 500; of a notebook, or of the runs of a job",
    query: z.object({
      job: z.string().optional(),
      notebook: z.string().optional(),
      cell: z.string().optional(),
      metric: z.string().optional(),
      subject: orNone,
      slice: orNone,
    }),
    answer: readingList,
    handle: ({ query: { job, ...query }, services }) => {
      if (job === undefined) return { readings: services.readings.list(query) };
      if (query.notebook !== undefined)
        throw new HttpError(
          400,
          "job and notebook exclude each other: what a job measures is kept under its own name.",
        );
      return { readings: services.readings.list({ ...query, notebook: `jobs/${job}` }) };
    },
  }),
  defineRoute("GET", "/api/readings/:id", {
    need: "read",
    summary: "One reading with the measurement that it came from, other answers to the same question, and its history",
    params: byId,
    query: byJob,
    answer: keptReading,
    handle: async ({ params, query, services }) => {
      const found = await foundFor(services, params.id, query.job);
      const { reading, measurement } = found;
      const { metric, subject, slice } = reading;
      const { notebook, cell } = measurement;
      const job = jobOfNotebook(notebook);
      const history = services.readings
        .list({ notebook, cell, metric, subject, slice })
        .toSorted((a, b) => orderOf(a).localeCompare(orderOf(b)));
      return {
        reading,
        measurement,
        history: withStanding(history, found.peers, measurement.version.hash),
        otherAnswers: services.readings.otherAnswers(params.id),
        zone: job === null ? services.settings.zone : services.jobs.views.zoneOf(job),
      };
    },
  }),
  defineRoute("GET", "/api/readings/:id/evidence", {
    need: "read",
    summary: "All that one number rests on, as a ZIP: text, SQL, contracts, packages, counts, audit entries",
    params: byId,
    query: byJob,
    answersAlso: ["application/zip"],
    handle: async ({ params, query, services, audit }) => {
      const found = await foundFor(services, params.id, query.job);
      const { reading, measurement } = found;
      const { jobs } = services;
      const run = jobs.history.runOfReading(params.id, query.job ?? null);
      const version = run === null ? null : jobs.versions.find(run.job, run.version);
      const about = [
        measurement.notebook,
        version?.frozen.notebook,
        run?.job,
        ...measurement.contracts.map(({ stream }) => stream),
      ];
      const entries = services.audit.about(about.filter((name) => name !== undefined));
      const zip = await evidenceOf({
        reading,
        measurement,
        run,
        version,
        audit: entries,
        zone: services.settings.zone,
      });
      audit("take evidence", params.id);
      return new Answer(
        200,
        {
          "content-type": "application/zip",
          "content-disposition": `attachment; filename="evidence-${params.id.replaceAll(/[^\w-]/g, "")}.zip"`,
        },
        zip,
      );
    },
  }),
  defineRoute("POST", "/api/readings/:id/compare", {
    need: "edit",
    summary: "Why one reading has another value than the other: each cause alone, from the earlier as-of to the later",
    params: byId,
    body: z.object({ with: z.string() }),
    answer: explanation,
    handle: async ({ params, body, services, signal, audit }) => {
      const [one, other] = await Promise.all([services.readings.find(params.id), services.readings.find(body.with)]);
      if (one === null) throw noReading(params.id);
      if (other === null) throw noReading(body.with);
      if (one.reading.metric !== other.reading.metric)
        throw new HttpError(
          422,
          `${one.reading.metric} and ${other.reading.metric} are different metrics; compare two readings of the same.`,
        );
      audit("compare readings", params.id, { with: body.with });
      return services.notebookSessions.explain(one, other, signal);
    },
  }),
];

const orderOf = ({ window, asOf }: { readonly window: readonly string[] | null; readonly asOf: string }): string =>
  `${window?.[0] ?? ""} ${window?.[1] ?? ""} ${asOf}`;

export async function foundFor(services: Services, id: string, job: string | undefined) {
  const found = await services.readings.find(id);
  if (found === null) throw noReading(id);
  if (job === undefined) return found;
  if (services.jobs.history.runOfReading(id, job) === null)
    throw new HttpError(404, `The job ${job} has no reading "${id}".`);
  return { ...found, measurement: { ...found.measurement, notebook: `jobs/${job}` } };
}

const noReading = (id: string): HttpError =>
  new HttpError(404, `No reading ${JSON.stringify(id.slice(0, 60))} is kept.`, {
    hint: `The newest ${MOST_MEASUREMENTS} measurements of a cell are kept. Run the cell again and open the reading from there.`,
  });
