import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Published, ReportDetail } from "../../cells/wire/http-reports.ts";
import { openMonitorDatabase } from "../../workspaces/monitor/monitor-database.ts";
import { ReportStore } from "../../workspaces/reports/report-store.ts";
import { fillTwentyDays, queryable } from "../support/monitored-days.ts";
import { act, backfill, ended, promote, runNow, WATCHED } from "../support/monitored-job.ts";
import { startServer, type TestServer } from "../support/server.ts";

const NOTEBOOK = WATCHED.replace("driftbook: 1", "driftbook: 1\ntitle: Cards, daily\nheadline: [scores.score.psi]");

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": NOTEBOOK } });
  await fillTwentyDays(server);
  await queryable(server, 1200);
  await promote(server, "daily", { run: "watch.nb.md", schedule: "0 6 * * *", window: "yesterday" });
}, 60_000);
afterAll(() => server?.stop());

const publish = (json: Record<string, unknown>) => server.request("/api/reports", { method: "POST", json });
const detail = () => server.ask<ReportDetail>("/api/reports/daily");
const run = (window: string) => runNow(server, "daily", { window });
/** Revisions of runs are made once the run is done. */
async function revised(count: number): Promise<ReportDetail> {
  for (;;) {
    const found = await detail();
    if (found.revisions.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a job without a run cannot be published, and the refusal says what to do", async () => {
  const answer = await publish({ slug: "daily", job: "daily" });
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    { detail: "The job daily has no run that is done.", hint: expect.stringContaining("driftbook job run daily") },
  ]);
});

test("a job's output is published with its version, and every later run adds a revision with what changed", async () => {
  const first = await run("2026-03-12/2026-03-13");
  const { revision } = (await (await publish({ slug: "daily", job: "daily", note: "begun" })).json()) as Published;
  expect(revision).toMatchObject({
    number: 1,
    window: first.run.window,
    asOf: first.run.asOf,
    version: { number: 1, hash: expect.stringMatching(/^[0-9a-f]+$/) },
    source: { notebook: "watch.nb.md", job: "daily", run: first.run.id },
    rows: [{ stream: "card_fraud", decisions: 1200 }],
    headline: [{ name: "scores.score.psi", before: null }],
  });
  const page = await (await server.request("/r/daily/1")).text();
  for (const words of ["Cards, daily", "v1", "12 Mar 2026", "PSI"]) expect(page).toContain(words);
  expect((await publish({ slug: "daily", job: "daily" })).status).toBe(409);

  const second = await run("2026-03-08/2026-03-09");
  const { revisions } = await revised(2);
  const [newest, before] = revisions;
  expect(newest).toMatchObject({ number: 2, madeBy: "job daily", note: null, source: { run: second.run.id } });
  const [now] = newest!.headline;
  expect(now!.before!.value).toBe(before!.headline[0]!.value);
  expect(now!.change).toBeCloseTo(now!.value! - before!.headline[0]!.value!, 9);
});

test("what fills the past, or repeats it, is no revision; a run of it can be published by name", async () => {
  const [filled] = await backfill(server, "daily", "2026-03-15/2026-03-16");
  const { runs } = await act(server, "daily", "replay", { run: filled!.id });
  for (const id of runs) await ended(server, "daily", id);
  expect((await detail()).revisions).toHaveLength(2);
  const answer = await publish({ slug: "past", job: "daily", run: filled!.id });
  expect(((await answer.json()) as Published).revision).toMatchObject({ number: 1, window: filled!.window });
  expect((await publish({ slug: "past", job: "daily", run: "nothing" })).status).toBe(404);
});

test("where it is chosen, runs that fill the past are revisions in the order of their due times", async () => {
  const [first] = await backfill(server, "daily", "2026-03-12/2026-03-13");
  const answer = await publish({ slug: "history", job: "daily", run: first!.id, backfills: true });
  expect(answer.status).toBe(200);
  await backfill(server, "daily", "2026-03-16/2026-03-19");
  const history = async () => (await server.ask<ReportDetail>("/api/reports/history")).revisions;
  while ((await history()).length < 4) await new Promise((resolve) => setTimeout(resolve, 50));
  const times = (await history()).map(({ scheduledFor }) => scheduledFor!);
  expect(times).toEqual(times.toSorted().reverse());
});

test("a report is stale when its job is paused, and not any more when it goes on", async () => {
  await act(server, "daily", "pause");
  expect((await detail()).report.stale).toBe("Its job daily is paused.");
  expect(await (await server.request("/r/daily")).text()).toContain("▲ Stale: Its job daily is paused.");
  await act(server, "daily", "resume");
  expect((await detail()).report.stale).toBeNull();
});

test("revisions that a crash kept from being made are all made in their order, also the first of a report", async () => {
  for (const slug of ["past", "history"]) await server.ask(`/api/reports/${slug}`, { method: "DELETE" });
  await server.stop();
  const database = openMonitorDatabase(server.folder);
  const reports = new ReportStore(server.folder, database);
  const { notebook, choices } = reports.find("daily")!;
  reports.begin("begun", { title: "Begun", notebook, job: "daily", choices });
  database.close();
  server = await startServer({ folder: server.folder });
  const ran = [await run("2026-03-10/2026-03-11"), await run("2026-03-11/2026-03-12")].map(({ run }) => run.id);
  const begun = async () => (await server.ask<ReportDetail>("/api/reports/begun")).revisions;
  while ((await begun()).length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  await revised(4);
  await server.stop();
  // As when it was killed after the second run, before any of their revisions had a row.
  const without = openMonitorDatabase(server.folder);
  const taken = without.prepare("DELETE FROM report_revisions WHERE run IN (?, ?)").run(...(ran as [string, string]));
  expect(taken.changes).toBe(4);
  without.close();
  server = await startServer({ folder: server.folder });
  const { revisions } = await revised(4);
  expect(revisions.slice(0, 2).map(({ number, source }) => [number, source.run])).toEqual([
    [4, ran[1]],
    [3, ran[0]],
  ]);
  while ((await begun()).length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await begun()).map(({ number, source }) => [number, source.run])).toEqual([
    [2, ran[1]],
    [1, ran[0]],
  ]);
}, 120_000);

test("a server that is killed between a run and its revision makes the revision when it starts again", async () => {
  // Mostly the kill falls between the run and its revision; where it comes later, the same must hold.
  const folder = path.join(server.folder, ".driftbook", "reports", "daily");
  const { run: last } = await run("2026-03-13/2026-03-14");
  await server.kill();
  server = await startServer({ folder: server.folder });
  const { revisions } = await revised(5);
  expect(revisions[0]).toMatchObject({ number: 5, source: { run: last.id } });
  expect(revisions.filter(({ source }) => source.run === last.id)).toHaveLength(1);
  expect((await readdir(folder)).filter((name) => /^\d+$/.test(name)).sort()).toEqual(["1", "2", "3", "4", "5"]);
  expect(await readFile(path.join(folder, "5", "0", "page.html"), "utf8")).toContain("13 Mar 2026");
});
