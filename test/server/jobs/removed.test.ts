import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job, JobList, RunDetail, RunList, TickList, VersionList } from "../../../cells/wire/http-jobs.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { backfill, promote, WATCHED } from "../../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
const SPEC = { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday", set: { bound: 0.3 } };

beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": WATCHED } });
  await fillTwentyDays(server);
});
afterAll(() => server.stop());

const job = (...words: readonly string[]) => driftbook(["job", ...words, "--workspace", server.folder]);

test("a removed job can be read as before, is acted on no more, and comes back as it was", async () => {
  const made = await promote(server, "gone", SPEC);
  const runs = await backfill(server, "gone", "2026-03-10/2026-03-12");
  const file = await readFile(path.join(server.folder, "jobs/gone.yaml"), "utf8");
  await server.ask("/api/jobs/gone", { method: "DELETE" });

  const gone = await server.ask<Job>("/api/jobs/gone");
  expect(gone).toMatchObject({ version: 1, hash: made.hash, nextTimes: [], problem: null, active: 0 });
  expect(gone.removed!.removedBy).not.toBeNull();
  expect(Date.now() - Date.parse(gone.removed!.removedAt)).toBeLessThan(60_000);
  expect(gone.ticks.map(({ run }) => run)).toEqual(runs.map(({ id }) => id));
  const list = await server.ask<JobList>("/api/jobs");
  expect(list.jobs).toEqual([]);
  expect(list.removed).toEqual([
    { name: "gone", notebook: "watch.nb.md", cell: "scores", version: 1, ...gone.removed },
  ]);
  expect((await server.ask<RunList>("/api/jobs/gone/runs")).runs.map(({ id }) => id).sort()).toEqual(
    runs.map(({ id }) => id).sort(),
  );
  expect((await server.ask<TickList>("/api/jobs/gone/ticks")).ticks).toHaveLength(2);
  expect((await server.ask<VersionList>("/api/jobs/gone/versions")).versions).toHaveLength(1);
  const detail = await server.ask<RunDetail>(`/api/jobs/gone/runs/${runs[0]!.id}`);
  expect(detail.readings.length).toBeGreaterThan(0);

  const shown = await job("show", "gone");
  expect(shown.stdout).toContain(`removed ${gone.removed!.removedAt} by ${gone.removed!.removedBy}`);
  expect((await job("list", "--removed")).stdout).toMatch(/gone +watch\.nb\.md#scores +1 /);
  for (const [verb, json] of [
    ["run", {}],
    ["pause", {}],
    ["replay", { run: runs[0]!.id }],
  ] as const) {
    const answer = await server.request(`/api/jobs/gone/${verb}`, { method: "POST", json });
    expect([verb, answer.status]).toEqual([verb, 409]);
    expect(await answer.text()).toContain("The job gone was removed by");
  }

  expect((await job("restore", "gone")).stdout).toContain("gone is back with version 1; next at ");
  const back = await server.ask<Job>("/api/jobs/gone");
  expect(back).toMatchObject({ removed: null, version: 1, hash: made.hash, problem: null, spec: gone.spec });
  expect(back.nextTimes).toHaveLength(5);
  expect(await readFile(path.join(server.folder, "jobs/gone.yaml"), "utf8")).toBe(file);
  expect((await server.ask<JobList>("/api/jobs")).removed).toEqual([]);
  expect((await job("restore", "gone")).stderr).toContain("The job gone is not removed.");
  expect((await job("restore", "never")).stderr).toContain('There is no job "never".');
});

test("who restores does not write over a file that somebody put there meanwhile", async () => {
  await promote(server, "filed", SPEC);
  const file = path.join(server.folder, "jobs/filed.yaml");
  const text = await readFile(file, "utf8");
  await server.ask("/api/jobs/filed", { method: "DELETE" });
  await writeFile(file, `# mine\n${text}`);
  const list = await server.ask<JobList>("/api/jobs");
  expect(list.jobs.map(({ name }) => name)).toContain("filed");
  expect(list.removed.map(({ name }) => name)).not.toContain("filed");
  expect((await server.request("/api/jobs/filed/restore", { method: "POST", json: {} })).status).toBe(409);
  expect(await readFile(file, "utf8")).toContain("# mine");
});
