import { z } from "zod";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { jobSpec, runOf } from "../../cells/jobs/job-spec.ts";
import { openedNotebook } from "../../cells/jobs/opened-notebook.ts";
import { notebookPage, type PageTable } from "../../cells/page/notebook-page.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { parseInstant } from "../../cells/time/instant.ts";
import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import {
  applied,
  backfillWish,
  job,
  jobList,
  jobName,
  jobSeries,
  jobWish,
  openedVersion,
  promoted,
  promotionPreview,
  queued,
  rehearsal,
  replayed,
  runDetail,
  runList,
  runWish,
  tickList,
  versionDiff,
  versionList,
  versionView,
} from "../../cells/wire/http-jobs.ts";
import { chartDrawer } from "../draw-chart.ts";
import { actorOf } from "../gate/principal.ts";
import { HttpError } from "../http-error.ts";
import { seriesView } from "../jobs/series-view.ts";
import { versionDiff as diffOf } from "../jobs/version-diff.ts";
import { versionView as viewOf } from "../jobs/version-view.ts";
import type { Services } from "../services.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Route } from "./route.ts";

const byName = z.object({ job: z.string() });
const byRun = byName.extend({ run: z.string() });
const page = z.object({
  limit: z.coerce.number().int().min(1).max(5000).default(100),
  /** Where the page before ended. */
  before: z.string().optional(),
});
const wish = z.object({ name: jobName, spec: jobSpec });

/** Promotion, versions, due times and runs. */
export const jobRoutes: readonly Route[] = [
  defineRoute("GET", "/api/jobs", {
    need: "read",
    summary: "All jobs, with their last thirty ticks, and the names of those that were removed",
    answer: jobList,
    handle: async ({ services }) => ({ zone: services.settings.zone, ...(await services.jobs.views.list()) }),
  }),
  defineRoute("POST", "/api/jobs/preview", {
    need: "edit",
    summary: "What promoting would freeze: cells, inputs, contracts, due times; nothing is written",
    body: wish,
    answer: promotionPreview,
    handle: ({ body, services }) => services.jobs.promotions.preview(body.name, body.spec),
  }),
  defineRoute("POST", "/api/jobs/rehearse", {
    need: "edit",
    summary: "How the bounds would have stood at the last 180 due times; runs them, keeps nothing",
    body: wish,
    answer: rehearsal,
    handle: async ({ body: { name, spec }, services, signal, audit }) => {
      const done = await services.jobs.rehearse(spec, signal);
      audit("rehearse job", name, {
        ...inForce(services, name),
        ...{ run: spec.run, schedule: spec.schedule, window: spec.window ?? null, set: spec.set ?? null },
        ...{ runs: done.runs, fired: done.fired },
      });
      return done;
    },
  }),
  defineRoute("POST", "/api/jobs/apply", {
    need: "edit",
    summary: "Take up the files jobs/*.yaml as they are: all, or one",
    body: z.object({ name: z.string().optional() }),
    answer: applied,
    handle: async ({ body, services, principal, audit }) => {
      const results = await services.jobs.promotions.apply(body.name ?? null, actorOf(principal));
      for (const { name, change, version, changes } of results)
        if (change !== "unchanged" && change !== "refused") audit("apply job", name, { change, version, changes });
      return { results };
    },
  }),
  defineRoute("POST", "/api/jobs/replay", {
    need: "edit",
    summary: "Repeat the last run of every job, and say whose readings are other ones",
    body: z.object({}),
    answer: replayed,
    handle: async ({ services, audit }) => {
      const jobs = await services.jobs.replayAll();
      audit("replay all jobs", "workspace", { jobs: jobs.length, different: jobs.filter(({ same }) => !same).length });
      return { jobs };
    },
  }),
  defineRoute("GET", "/api/jobs/:job", {
    need: "read",
    summary: "One job; of a removed one what it was, with when it was removed",
    params: byName,
    answer: job,
    handle: ({ params, services }) => services.jobs.views.view(params.job),
  }),
  defineRoute("PUT", "/api/jobs/:job", {
    need: "edit",
    summary: "Write jobs/NAME.yaml and take it up; with promote the notebook as it stands becomes its version",
    params: byName,
    body: jobWish,
    answer: promoted,
    handle: async ({ params, body, services, principal, audit }) => {
      const name = knownName(params.job);
      const { change, version, changes, warnings } = await services.jobs.promotions.put(name, body, actorOf(principal));
      audit(body.promote ? "promote" : "change job", name, { change, version, changes, note: body.note });
      return { ...(await services.jobs.views.view(name)), changes, warnings };
    },
  }),
  defineRoute("DELETE", "/api/jobs/:job", {
    need: "edit",
    summary: "End a job and remove its file; its history stays",
    params: byName,
    answer: z.object({ removed: z.string() }),
    handle: async ({ params, services, principal, audit }) => {
      const removed = inForce(services, params.job);
      await services.jobs.remove(params.job, actorOf(principal));
      audit("remove job", params.job, removed);
      return { removed: params.job };
    },
  }),
  defineRoute("POST", "/api/jobs/:job/restore", {
    need: "edit",
    summary: "Bring a removed job back: its settings and the version that it had, from its next due time on",
    params: byName,
    body: z.object({}),
    answer: job,
    handle: async ({ params, services, principal, audit }) => {
      await services.jobs.restore(params.job, actorOf(principal));
      audit("restore job", params.job, inForce(services, params.job));
      return services.jobs.views.view(params.job);
    },
  }),
  defineRoute("GET", "/api/jobs/:job/versions", {
    need: "read",
    summary: "Its versions, newest first",
    params: byName,
    answer: versionList,
    handle: async ({ params, services: { jobs } }) => {
      await jobs.refuseUnknown(params.job);
      return { versions: jobs.versions.list(params.job) };
    },
  }),
  defineRoute("GET", "/api/jobs/:job/versions/:number", {
    need: "read",
    summary: "One version: its cells, input values, window, contracts, packages, and what it was promoted under",
    params: byName.extend({ number: z.coerce.number().int() }),
    answer: versionView,
    handle: ({ params, services }) => viewOf(services.jobs.known.version(params.job, params.number)),
  }),
  defineRoute("GET", "/api/jobs/:job/diff", {
    need: "read",
    summary: "What differs between two versions: text, inputs, contracts, packages, window",
    params: byName,
    query: z.object({ from: z.coerce.number().int(), to: z.coerce.number().int() }),
    answer: versionDiff,
    handle: ({ params, query, services: { jobs } }) =>
      diffOf(jobs.known.version(params.job, query.from), jobs.known.version(params.job, query.to)),
  }),
  defineRoute("GET", "/api/jobs/:job/ticks", {
    need: "read",
    summary: "Due times with what became of each, newest first; with before those that were due earlier",
    params: byName,
    query: page,
    answer: tickList,
    handle: async ({ params, query: { limit, before }, services: { jobs, settings } }) => {
      await jobs.refuseUnknown(params.job);
      const beforeMillis = before === undefined ? undefined : Date.parse(instantOf("before", before, settings.zone));
      return { ticks: jobs.history.ticks(params.job, limit, beforeMillis) };
    },
  }),
  defineRoute("GET", "/api/jobs/:job/series", {
    need: "read",
    summary: "The course of one value over its due times, and where it fired; unless named, what fired most",
    params: byName,
    query: z.object({ value: z.string().optional(), slice: z.string().optional() }),
    answer: jobSeries,
    handle: ({ params, query, services }) => seriesView(services, params.job, query),
  }),
  defineRoute("GET", "/api/jobs/:job/runs", {
    need: "read",
    summary: "Runs, newest first; with before, the id of a run, those that were asked for earlier",
    params: byName,
    query: page,
    answer: runList,
    handle: async ({ params, query: { limit, before }, services: { jobs } }) => {
      await jobs.refuseUnknown(params.job);
      const beforeRun = before === undefined ? null : jobs.known.run(params.job, before).id;
      return { runs: jobs.history.runs(params.job, limit, beforeRun) };
    },
  }),
  defineRoute("GET", "/api/jobs/:job/runs/:run", {
    need: "read",
    summary: "One run with its readings, logs and capped tables",
    params: byRun,
    answer: runDetail,
    handle: ({ params, services }) => services.jobs.views.runDetail(params.job, params.run),
  }),
  defineRoute("GET", "/api/jobs/:job/runs/:run/page", {
    need: "read",
    summary: "What the run showed, as one page that loads and runs nothing",
    params: byRun,
    answersAlso: ["text/html"],
    handle: async ({ params, services }) => {
      const html = await pageOf(services, params.job, params.run);
      return new Answer(200, { "content-type": "text/html; charset=utf-8" }, html);
    },
  }),
  defineRoute("POST", "/api/jobs/:job/run", {
    need: "edit",
    summary: "Run it now, beside its schedule",
    params: byName,
    body: runWish,
    answer: queued,
    handle: ({ params, body, services, audit }) => {
      const { zone } = services.jobs.known.stored(params.job).plan;
      const window = body.window === undefined ? null : windowOf(body.window, zone);
      const asOf = body.asOf === undefined ? null : instantOf("asOf", body.asOf, zone);
      const done = services.jobs.asked.runNow(params.job, { window, asOf });
      audit("run job", params.job, { ...inForce(services, params.job), ...body, run: done.runs[0]! });
      return done;
    },
  }),
  defineRoute("POST", "/api/jobs/:job/backfill", {
    need: "edit",
    summary: "Run it for each due time of a range, as known then or as known now; alerts only where asked for",
    params: byName,
    body: backfillWish,
    answer: queued,
    handle: ({ params, body, services, audit }) => {
      const done = services.jobs.asked.backfill(
        params.job,
        windowOf(body.range, services.jobs.known.stored(params.job).plan.zone),
        body,
      );
      audit("backfill job", params.job, { ...inForce(services, params.job), ...body, runs: done.runs.length });
      return done;
    },
  }),
  defineRoute("POST", "/api/jobs/:job/replay", {
    need: "edit",
    summary: "Run a run again: same version, window and as-of; says whether its readings are the same bytes",
    params: byName,
    body: z.object({ run: z.string() }),
    answer: queued,
    handle: ({ params, body, services, audit }) => {
      const done = services.jobs.asked.replay(params.job, body.run);
      audit("replay run", params.job, ofRun(services, params.job, body.run));
      return done;
    },
  }),
  defineRoute("POST", "/api/jobs/:job/cancel", {
    need: "edit",
    summary: "Cancel a run that is queued or running",
    params: byName,
    body: z.object({ run: z.string() }),
    answer: z.object({ cancelled: z.string() }),
    handle: ({ params, body, services, principal, audit }) => {
      services.jobs.asked.cancel(params.job, body.run, actorOf(principal));
      audit("cancel run", params.job, ofRun(services, params.job, body.run));
      return { cancelled: body.run };
    },
  }),
  defineRoute("POST", "/api/jobs/:job/rollback", {
    need: "edit",
    summary: "Put a new version in force that equals an old one",
    params: byName,
    body: z.object({ version: z.int(), note: z.string().max(500).nullable().default(null) }),
    answer: job,
    handle: async ({ params, body, services, principal, audit }) => {
      const { promotions } = services.jobs;
      const made = await promotions.rollback(params.job, body.version, body.note, actorOf(principal));
      audit("roll back job", params.job, { to: body.version, version: made.version.number, changes: made.changes });
      return services.jobs.views.view(params.job);
    },
  }),
  defineRoute("POST", "/api/jobs/:job/pause", {
    need: "edit",
    summary: "Skip its due times until it is resumed",
    params: byName,
    body: z.object({}),
    answer: job,
    handle: async ({ params, services, principal, audit }) => {
      await services.jobs.pause(params.job, actorOf(principal));
      audit("pause job", params.job, inForce(services, params.job));
      return services.jobs.views.view(params.job);
    },
  }),
  defineRoute("POST", "/api/jobs/:job/resume", {
    need: "edit",
    summary: "Serve its due times again, from the next one on",
    params: byName,
    body: z.object({}),
    answer: job,
    handle: async ({ params, services, audit }) => {
      await services.jobs.pause(params.job, null);
      audit("resume job", params.job, inForce(services, params.job));
      return services.jobs.views.view(params.job);
    },
  }),
  defineRoute("POST", "/api/jobs/:job/open", {
    need: "edit",
    summary: "Write a version, or the one in force, as a notebook of its own, to edit and promote again",
    params: byName,
    body: z.object({ version: z.int().optional() }),
    answer: openedVersion,
    handle: async ({ params, body, services, audit }) => {
      const { frozen, number } = services.jobs.known.versionOrInForce(params.job, body.version ?? null);
      const path = await freePath(services, `${params.job}-v${number}`);
      await services.notebookFiles.create(path, openedNotebook(params.job, frozen));
      audit("open version", params.job, { version: number, path });
      return { path, run: runOf({ notebook: path, cell: frozen.cell }), version: number };
    },
  }),
];

/** Which version an act was about, for those who read the audit log when another is in force. */
function inForce({ jobs }: Services, job: string) {
  return { job, version: jobs.store.find(job)?.version ?? null };
}

/** A run is of its own version, whichever is in force. */
const ofRun = ({ jobs }: Services, job: string, run: string) => ({
  job,
  version: jobs.known.run(job, run).version,
  run,
});

function knownName(text: string): string {
  const read = jobName.safeParse(text);
  if (!read.success) throw new HttpError(400, `"${text}" is no name of a job: ${read.error.issues[0]!.message}.`);
  return read.data;
}

/** @throws HttpError 400 with what would be right */
function windowOf(text: string, zone: string): ResolvedWindow {
  const read = parseWindow(text);
  const resolved = read.ok ? resolveWindow(read.window, { at: new Date().toISOString(), zone }) : read;
  if (!resolved.ok) throw new HttpError(400, `window: ${resolved.problem}.`);
  return resolved.window;
}

function instantOf(name: string, text: string, zone: string): string {
  const read = parseInstant(text, zone);
  if (!read.ok) throw new HttpError(400, `${name}: ${read.problem}.`);
  return read.instant;
}

async function freePath({ notebookFiles }: Services, name: string): Promise<string> {
  const taken = new Set((await notebookFiles.list()).map(({ path }) => path));
  for (let at = 1; ; at += 1) {
    const path = at === 1 ? `${name}.nb.md` : `${name}-${at}.nb.md`;
    if (!taken.has(path)) return path;
  }
}

async function pageOf(services: Services, name: string, id: string): Promise<string> {
  const { jobs } = services;
  const { run, cells } = await jobs.views.runDetail(name, id);
  const output = await jobs.outputs.find(name, id);
  if (output === null)
    throw new HttpError(404, `The output of run ${id} is not kept any more; its readings are.`, {
      hint: "Replay the run to see its charts and tables again.",
    });
  const { document } = parseDocument(jobs.known.version(name, run.version).frozen.text);
  const titled = { ...document, frontMatter: { ...document.frontMatter, title: name } };
  const [start, end] = run.window ?? [];
  const state = {
    path: `${name}, version ${run.version}`,
    document: titled,
    asOf: run.asOf,
    window: { text: null, resolved: start === undefined ? null : { start, end: end! } },
    runs: output.runs,
  } as unknown as SessionState;
  const tables = new Map(
    cells.flatMap((cell) => (cell.table === null ? [] : [[cell.id, cell.table as PageTable] as const])),
  );
  return notebookPage(state, tables, {
    zone: jobs.views.zoneOf(name),
    draw: await chartDrawer(),
    measured: run.measured,
  });
}
