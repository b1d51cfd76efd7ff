import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job, VersionDiff, VersionView } from "../../cells/wire/http-jobs.ts";
import type { NotebookMoved } from "../../cells/wire/http-notebooks.ts";
import type { KeptReading, ReadingList } from "../../cells/wire/http-readings.ts";
import type { Published, ReportDetail } from "../../cells/wire/http-reports.ts";
import type { WorkspaceView } from "../../cells/wire/http-workspace.ts";
import { fillTwentyDays } from "../support/monitored-days.ts";
import { act, promote, runNow, WATCHED } from "../support/monitored-job.ts";
import { startServer, type TestServer } from "../support/server.ts";

const NOTEBOOK = WATCHED.replace(
  "driftbook: 1",
  "driftbook: 1\nwindow: 2026-03-12/2026-03-13\nheadline: [scores.score.psi]",
);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": NOTEBOOK, "other.nb.md": NOTEBOOK } });
  await fillTwentyDays(server);
});
afterAll(() => server?.stop());

const SPEC = { run: "watch.nb.md#scores", window: "2026-03-12/2026-03-13", schedule: "every day at 06:00" };
const move = (from: string, to: string) =>
  server.ask<NotebookMoved>(`/api/notebooks/${encodeURIComponent(from)}/move`, { method: "POST", json: { to } });
const job = (name: string) => server.ask<Job>(`/api/jobs/${name}`);
const version = (number: number) => server.ask<VersionView>(`/api/jobs/drift/versions/${number}`);
const file = (name: string) => path.join(server.folder, "jobs", `${name}.yaml`);

test("a renamed notebook takes its jobs along as they were frozen, and its reports, readings and results", async () => {
  await promote(server, "drift", SPEC);
  await promote(server, "whole", { ...SPEC, run: "watch.nb.md" });
  await promote(server, "elsewhere", { ...SPEC, run: "other.nb.md#scores" });
  await promote(server, "broken", SPEC);
  await promote(server, "ended", SPEC);
  const before = await runNow(server, "drift");
  const { revision } = await server.ask<Published>("/api/reports", {
    method: "POST",
    json: { slug: "watched", notebook: "watch.nb.md" },
  });
  await server.ask("/api/notebooks/watch.nb.md/run", { method: "POST", json: {} });
  const kept = await server.ask<ReadingList>("/api/readings?notebook=watch.nb.md");
  expect(kept.readings.length).toBeGreaterThan(0);
  // The text changes after the promotion, and the file has a comment.
  const edited = NOTEBOOK.replace("min_rows: 30", "min_rows: 31");
  await writeFile(path.join(server.folder, "watch.nb.md"), edited);
  await writeFile(file("drift"), `# mine\n${await readFile(file("drift"), "utf8")}`);
  await writeFile(file("broken"), "run: [\n");
  await server.ask("/api/jobs/ended", { method: "DELETE" });
  // This one's file was edited and is not in force.
  await writeFile(file("whole"), (await readFile(file("whole"), "utf8")).replace("06:00", "07:00"));

  const moved = await move("watch.nb.md", "cards/daily.nb.md");
  expect(moved).toMatchObject({
    path: "cards/daily.nb.md",
    text: edited,
    jobs: [
      { job: "broken", version: null, problem: expect.stringContaining("jobs/broken.yaml cannot be read: line 2") },
      { job: "drift", version: 2, problem: null },
      { job: "whole", version: null, problem: null },
    ],
    reports: ["watched"],
  });

  const found = await server.ask<ReadingList>("/api/readings?notebook=cards%2Fdaily.nb.md");
  expect(found.readings.map(({ id }) => id)).toEqual(kept.readings.map(({ id }) => id));

  expect(await readFile(file("drift"), "utf8")).toMatch(/^# mine\nrun: cards\/daily\.nb\.md#scores\n/);
  expect(await job("drift")).toMatchObject({ version: 2, textChanged: true, problem: null });
  const [first, second] = [await version(1), await version(2)];
  expect(second).toMatchObject({ note: "The notebook is cards/daily.nb.md now" });
  expect(second.frozen).toEqual({ ...first.frozen, notebook: "cards/daily.nb.md" });
  const diff = await server.ask<VersionDiff>("/api/jobs/drift/diff?from=1&to=2");
  expect(diff).toMatchObject({ run: ["- watch.nb.md#scores", "+ cards/daily.nb.md#scores"], text: [], set: [] });
  const after = await runNow(server, "drift", { asOf: before.run.asOf });
  const values = ({ readings }: typeof before) => readings.map(({ metric, value }) => [metric, value]);
  expect(values(after)).toEqual(values(before));

  expect(await readFile(file("whole"), "utf8")).toContain("run: cards/daily.nb.md\n");
  const applied = await server.ask<{ results: { change: string }[] }>("/api/jobs/apply", {
    method: "POST",
    json: { name: "whole" },
  });
  // What it runs was never promoted anew: the edit was of the schedule alone.
  expect(applied.results).toMatchObject([{ change: "version", version: 2 }]);
  const taken = async (name: string, number: number) =>
    (await server.ask<VersionView>(`/api/jobs/${name}/versions/${number}`)).frozen;
  expect(await taken("whole", 2)).toEqual({ ...(await taken("whole", 1)), notebook: "cards/daily.nb.md" });
  expect(await job("whole")).toMatchObject({ version: 2, textChanged: true, spec: { schedule: "every day at 07:00" } });

  // What was frozen before leads to the notebook as well.
  expect(await promote(server, "drift", { ...SPEC, run: "cards/daily.nb.md#scores" })).toMatchObject({ version: 3 });
  await act(server, "drift", "rollback", { version: 1 });
  expect(await job("drift")).toMatchObject({ version: 4, notebook: "cards/daily.nb.md", problem: null });
  expect((await version(4)).hash).toBe(second.hash);
  await act(server, "ended", "restore");
  expect(await job("ended")).toMatchObject({ version: 2, notebook: "cards/daily.nb.md", problem: null });
  expect(await taken("ended", 2)).toEqual({ ...(await taken("ended", 1)), notebook: "cards/daily.nb.md" });
  expect(await job("elsewhere")).toMatchObject({ version: 1, textChanged: false });

  // A run of before is a report of the notebook that is, with its headline.
  await server.ask("/api/reports", { method: "POST", json: { slug: "drift", job: "drift", run: before.run.id } });
  const ofRun = await server.ask<ReportDetail>("/api/reports/drift");
  expect(ofRun.report.notebook).toBe("cards/daily.nb.md");
  expect(ofRun.revisions[0]!.headline.map(({ name }) => name)).toEqual(["scores.score.psi"]);

  const again = await server.ask<Published>("/api/reports", {
    method: "POST",
    json: { slug: "watched", notebook: "cards/daily.nb.md" },
  });
  expect(again.revision.number).toBe(revision.number + 1);
  expect((await server.ask<ReportDetail>("/api/reports/watched")).report.notebook).toBe("cards/daily.nb.md");
});

test("another notebook at the old path measures for itself", async () => {
  await writeFile(path.join(server.folder, "first.nb.md"), NOTEBOOK);
  const asOf = new Date().toISOString();
  const measure = async (name: string) => {
    await server.ask(`/api/notebooks/${name}/run`, { method: "POST", json: { asOf } });
    return (await server.ask<ReadingList>(`/api/readings?notebook=${name}`)).readings.map(({ id, value }) => [
      id,
      value,
    ]);
  };
  const before = await measure("first.nb.md");
  await move("first.nb.md", "second.nb.md");
  expect((await server.ask<ReadingList>("/api/readings?notebook=first.nb.md")).readings).toEqual([]);
  await writeFile(path.join(server.folder, "first.nb.md"), NOTEBOOK);
  expect(await measure("first.nb.md")).toEqual(before);
  expect(await measure("second.nb.md")).toEqual(before);
  // The same answer twice is no other answer.
  const [id] = before[0]!;
  expect((await server.ask<KeptReading>(`/api/readings/${id}`)).otherAnswers).toEqual([]);
});

test("a path that a job's file cannot name is refused while a job runs the notebook", async () => {
  const to = "cards#2/daily.nb.md";
  const answer = await server.request("/api/notebooks/cards%2Fdaily.nb.md/move", { method: "POST", json: { to } });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({
    detail: 'The job drift runs "cards/daily.nb.md", and the path of a notebook that a job runs cannot have a "#".',
    hint: "Take a path without it, or remove the job first.",
  });
  expect(await job("drift")).toMatchObject({ version: 4, notebook: "cards/daily.nb.md" });
  await writeFile(path.join(server.folder, "free.nb.md"), NOTEBOOK);
  expect(await move("free.nb.md", "free#2.nb.md")).toMatchObject({ path: "free#2.nb.md", jobs: [], reports: [] });
});

test("a name that is taken moves nothing", async () => {
  const answer = await server.request("/api/notebooks/cards%2Fdaily.nb.md/move", {
    method: "POST",
    json: { to: "other.nb.md" },
  });
  expect(answer.status).toBe(409);
  expect(await job("drift")).toMatchObject({ version: 4 });
  const { notebooks } = await server.ask<WorkspaceView>("/api/workspace");
  expect(notebooks.map(({ path: name }) => name)).toEqual([
    "cards/daily.nb.md",
    "first.nb.md",
    "free#2.nb.md",
    "other.nb.md",
    "second.nb.md",
  ]);
});
