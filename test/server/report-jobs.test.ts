import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunList } from "../../cells/wire/http-jobs.ts";
import type { NewLink, Published, ReportDetail, ReportPreview } from "../../cells/wire/http-reports.ts";
import { openMonitorDatabase } from "../../workspaces/monitor/monitor-database.ts";
import { ReportStore } from "../../workspaces/reports/report-store.ts";
import { cameDue } from "../support/came-due.ts";
import { fillTwentyDays } from "../support/monitored-days.ts";
import { act, backfill, ended, promote, runNow, WATCHED } from "../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../support/server.ts";

const NOTEBOOK = WATCHED.replace("driftbook: 1", "driftbook: 1\ntitle: Cards, daily\nheadline: [scores.score.psi]");

const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;
/** A day that has data, whenever the job comes due. */
const SPEC = { run: "watch.nb.md", window: "2026-03-12/2026-03-13", catch_up: "all, at most 30" };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": NOTEBOOK } });
  await fillTwentyDays(server);
  await promote(server, "daily", { ...SPEC, schedule: "0 0 * * *" });
  await promote(server, "silent", { ...SPEC, window: "2026-01-05/2026-01-06", schedule: "* * * * *" });
  await promote(server, "hourly", { ...SPEC, schedule: "0 * * * *" });
});
afterAll(() => server?.stop());

const publish = (json: Record<string, unknown>) => server.request("/api/reports", { method: "POST", json });
const published = async (json: Record<string, unknown>) => ((await (await publish(json)).json()) as Published).revision;
const detail = (slug = "daily") => server.ask<ReportDetail>(`/api/reports/${slug}`);
/** Revisions of runs are made once the run is done. */
async function revised(isThere: (revisions: ReportDetail["revisions"]) => boolean, slug = "daily") {
  for (;;) {
    const { revisions } = await detail(slug);
    if (isThere(revisions)) return revisions;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a job without a run of its schedule cannot be published, and the refusal says what to do", async () => {
  const refused = async () => {
    const answer = await publish({ slug: "daily", job: "daily" });
    return [answer.status, await answer.json()];
  };
  const detail = "The job daily has no scheduled run that is done.";
  expect(await refused()).toMatchObject([409, { detail, hint: expect.stringContaining("driftbook job run daily") }]);
  const { run } = await runNow(server, "daily");
  expect(await refused()).toMatchObject([409, { detail, hint: expect.stringContaining(run.id) }]);
});

test("a run asked for by hand is published by its name, and says what it is", async () => {
  const first = await runNow(server, "daily");
  const revision = await published({ slug: "daily", job: "daily", run: first.run.id, note: "begun" });
  expect(revision).toMatchObject({
    number: 1,
    window: first.run.window,
    asOf: first.run.asOf,
    askedFor: { window: false, asOf: false },
    scheduledFor: null,
    version: { number: 1, hash: expect.stringMatching(/^[0-9a-f]+$/) },
    source: { notebook: "watch.nb.md", job: "daily", run: first.run.id },
    rows: [{ stream: "card_fraud", decisions: 1200 }],
    headline: [{ name: "scores.score.psi", before: null }],
  });
  const page = await (await server.request("/r/daily/1")).text();
  for (const words of ["Cards, daily", "v1", "12 Mar 2026", "PSI", "by hand, beside the schedule"])
    expect(page).toContain(words);
  expect((await publish({ slug: "daily", job: "daily", run: first.run.id })).status).toBe(409);
});

test("scheduled runs are revisions in the order of their due times, also those due before somebody pressed Run now", async () => {
  const today = Math.floor(Date.now() / DAY_MILLIS) * DAY_MILLIS;
  server = await cameDue(server, "daily", today - 2 * DAY_MILLIS);
  const [newest, before] = await revised(({ length }) => length >= 3);
  const due = [today, today - DAY_MILLIS].map((millis) => new Date(millis).toISOString());
  expect([newest!.scheduledFor, before!.scheduledFor]).toEqual(due);
  expect(newest).toMatchObject({ number: 3, madeBy: "job daily", note: null, askedFor: null });
  expect(newest!.headline[0]).toMatchObject({ before: { value: before!.headline[0]!.value }, change: 0 });
});

test("a report of a job of one cell has the job's name, of a whole notebook the notebook's title", async () => {
  await promote(server, "one", { ...SPEC, run: "watch.nb.md#scores", schedule: "0 0 * * *" });
  const { run } = await runNow(server, "one");
  await published({ slug: "one", job: "one", run: run.id });
  expect([(await detail("one")).report.title, (await detail()).report.title]).toEqual(["one", "Cards, daily"]);
});

test("a run over another window is no revision until it is published by name, and then its head says so", async () => {
  const { run } = await runNow(server, "daily", { window: "2026-03-08/2026-03-09", asOf: "2026-09-01T00:00:00Z" });
  const preview = await server.ask<ReportPreview>("/api/reports/preview", {
    method: "POST",
    json: { job: "daily", run: run.id },
  });
  const sentence = "Somebody asked for this run by hand, over another window and as of another time";
  expect(preview.cautions).toEqual([expect.stringContaining(sentence)]);
  // Had the run made one by itself, this would be refused.
  const done = await driftbook(["report", "publish", "daily", "--run", run.id, "--tables", "all"], {
    cwd: server.folder,
  });
  expect([done.code, done.stderr]).toEqual([0, expect.stringContaining(sentence)]);
  const [revision] = (await detail()).revisions;
  expect(revision).toMatchObject({ number: 4, askedFor: { window: true, asOf: true }, scheduledFor: null });
  expect(await (await server.request("/r/daily")).text()).toContain(sentence);
  expect(await (await server.request("/r/daily/revisions")).text()).toContain(sentence);
  // What it says is no measure of change for what comes after it.
  const usual = (await detail()).revisions.find(({ number }) => number === 3)!;
  const next = await runNow(server, "daily");
  const { headline } = await published({ slug: "daily", job: "daily", run: next.run.id });
  expect(headline[0]).toMatchObject({ before: { value: usual.headline[0]!.value }, change: 0 });
});

test("what fills the past, or repeats it, is no revision; a run of it can be published by name", async () => {
  const { length } = (await detail()).revisions;
  const [filled] = await backfill(server, "daily", "2026-03-15/2026-03-16");
  const { runs } = await act(server, "daily", "replay", { run: filled!.id });
  for (const id of runs) await ended(server, "daily", id);
  expect((await detail()).revisions).toHaveLength(length);
  const answer = await publish({ slug: "past", job: "daily", run: filled!.id });
  expect(((await answer.json()) as Published).revision).toMatchObject({ number: 1, window: filled!.window });
  expect((await publish({ slug: "past", job: "daily", run: "nothing" })).status).toBe(404);
});

test("where it is chosen, runs that fill the past are revisions in the order of their due times", async () => {
  // What was sent today was known to no morning in March.
  const as = { as: "known-now" };
  const [first] = await backfill(server, "daily", "2026-03-12/2026-03-13", as);
  const answer = await publish({ slug: "history", job: "daily", run: first!.id, backfills: true });
  expect(answer.status).toBe(200);
  await backfill(server, "daily", "2026-03-14/2026-03-15");
  await backfill(server, "daily", "2026-03-16/2026-03-19", as);
  const history = async () => (await server.ask<ReportDetail>("/api/reports/history")).revisions;
  while ((await history()).length < 4) await new Promise((resolve) => setTimeout(resolve, 50));
  const times = (await history()).map(({ scheduledFor }) => scheduledFor!);
  // The run of the fourteenth had no data.
  expect(times.map((time) => time.slice(8, 10))).toEqual(["18", "17", "16", "12"]);
});

test("a run without data is no revision; the newest stays and says since when and why, its reason to signed-in people alone", async () => {
  const { run } = await runNow(server, "silent");
  expect(run.verdict).toBe("no-data");
  await published({ slug: "silent", job: "silent", run: run.id });
  const stale = await (async () => {
    for (;;) {
      const { report } = await detail("silent");
      if (report.stale !== null) return report.stale;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  expect(stale).toMatch(/^since \d+ \w+ 20\d\d, \d\d:\d\d\. The run that was due then had no data: ./);
  await act(server, "silent", "pause");
  expect((await detail("silent")).revisions).toHaveLength(1);
  expect(await (await server.request("/r/silent")).text()).toContain("due then had no data: ");
  const { address } = await server.ask<NewLink>("/api/reports/silent/links", { method: "POST", json: {} });
  const entry = await fetch(new URL(address, server.origin), { redirect: "manual" });
  const cookie = entry.headers.get("set-cookie")!.split(";")[0]!;
  const stranger = await (await fetch(new URL("/r/silent", server.origin), { headers: { cookie } })).text();
  expect(stranger).toMatch(/due then had no data\./);
}, 240_000);

test("a report is stale when its job is paused, and not any more when it goes on", async () => {
  await act(server, "daily", "pause");
  expect((await detail()).report.stale).toBe("its job daily is paused.");
  expect(await (await server.request("/r/daily")).text()).toContain("▲ Stale: its job daily is paused.");
  await act(server, "daily", "resume");
  expect((await detail()).report.stale).toBeNull();
});

test("revisions that a crash kept from being made are all made in their order, also the first of a report", async () => {
  await server.stop();
  const database = openMonitorDatabase(server.folder);
  const reports = new ReportStore(server.folder, database);
  const { notebook, choices } = reports.find("daily")!;
  reports.begin("begun", { title: "Begun", notebook, job: "daily", choices: { ...choices, backfills: true } });
  database.close();
  server = await startServer({ folder: server.folder });
  const waits = /^No revision yet: one is made when daily runs next, at \d/;
  expect((await detail("begun")).report).toMatchObject({ latest: null, waiting: expect.stringMatching(waits) });
  const early = await server.request("/r/begun");
  expect([early.status, await early.text()]).toEqual([
    404,
    expect.stringContaining("one is made when daily runs next"),
  ]);
  const ran = (await backfill(server, "daily", "2026-03-12/2026-03-14", { as: "known-now" })).map(({ id }) => id);
  const numbered = (revisions: ReportDetail["revisions"]) =>
    revisions.map(({ number, source }) => [number, source.run]);
  const expected = [
    [2, ran[1]],
    [1, ran[0]],
  ];
  expect(numbered(await revised(({ length }) => length === 2, "begun"))).toEqual(expected);
  expect((await detail("begun")).report.waiting).toBeNull();
  await server.stop();
  // As when it was killed after the second run, before any of their revisions had a row.
  const without = openMonitorDatabase(server.folder);
  expect(without.prepare("DELETE FROM report_revisions WHERE slug = 'begun'").run().changes).toBe(2);
  without.close();
  server = await startServer({ folder: server.folder });
  expect(numbered(await revised(({ length }) => length === 2, "begun"))).toEqual(expected);
}, 120_000);

test("a server that is killed between a run and its revision makes the revision when it starts again", async () => {
  // Mostly the kill falls between the run and its revision; where it comes later, the same must hold.
  const begun = await runNow(server, "hourly");
  await published({ slug: "hourly", job: "hourly", run: begun.run.id });
  server = await cameDue(server, "hourly", Date.now() - HOUR_MILLIS);
  const last = await (async () => {
    for (;;) {
      const { runs } = await server.ask<RunList>("/api/jobs/hourly/runs");
      const done = runs.find(({ purpose, state }) => purpose === "scheduled" && state === "done");
      if (done !== undefined) return done;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  await server.kill();
  server = await startServer({ folder: server.folder });
  const revisions = await revised((all) => all.some(({ source }) => source.run === last.id), "hourly");
  expect(revisions.filter(({ source }) => source.run === last.id)).toHaveLength(1);
  const { number } = revisions.find(({ source }) => source.run === last.id)!;
  const folder = path.join(server.folder, ".driftbook", "reports", "hourly");
  expect(await readdir(folder)).toEqual(expect.arrayContaining(["1", String(number)]));
  expect(await readFile(path.join(folder, String(number), "0", "page.html"), "utf8")).toContain("12 Mar 2026");
});
