import { chmod, mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunDetail } from "../../cells/wire/http-jobs.ts";
import { openMonitorDatabase } from "../../workspaces/monitor/monitor-database.ts";
import { failingJobFiles, promoteChecks } from "../support/failing-job.ts";
import { runNow } from "../support/monitored-job.ts";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let run: string;
beforeAll(async () => {
  server = await startServer({ files: failingJobFiles("http://127.0.0.1:9") });
  await promoteChecks(server);
  run = (await runNow(server, "checks")).run.id;
  await publish();
});
afterAll(() => server?.stop());

const publish = () =>
  server.ask("/api/reports", { method: "POST", json: { slug: "checks", title: "Checks", job: "checks", run } });
const below = (...parts: string[]) => path.join(server.folder, ".driftbook", ...parts);

test("of a run whose output is torn the readings are shown as ever, and its page is not kept", async () => {
  const file = below("runs", "jobs", "checks", `${run}.json.gz`);
  const whole = await readFile(file);
  const damages = [
    () => truncate(file, Math.floor(whole.length / 2)),
    () => writeFile(file, "not what it was"),
    async () => {
      await rm(file);
      await mkdir(file);
    },
  ];
  for (const damage of damages) {
    await damage();
    const detail = await server.ask<RunDetail>(`/api/jobs/checks/runs/${run}`);
    expect([detail.hasPage, detail.cells, detail.readings.length]).toEqual([false, [], 1]);
    const page = await server.request(`/api/jobs/checks/runs/${run}/page`);
    expect([page.status, await page.json()]).toMatchObject([404, { hint: expect.stringContaining("Replay the run") }]);
    const preview = await server.request("/api/reports/preview", { method: "POST", json: { job: "checks", run } });
    expect(preview.status).toBe(409);
    expect(server.stderr()).toContain("the output of a run cannot be read");
    expect(server.stderr()).not.toContain("request failed");
    await rm(file, { recursive: true });
    await writeFile(file, whole);
  }
  expect((await server.ask<RunDetail>(`/api/jobs/checks/runs/${run}`)).hasPage).toBe(true);
});

test("a report's file that is torn, changed or cannot be read is not served, and its reader learns why", async () => {
  const file = below("reports", "checks", "1", "0", "page.html");
  const whole = await readFile(file);
  const damages = [
    () => truncate(file, whole.length - 100),
    () => writeFile(file, whole.toString().replace("fail", "okay")),
    async () => {
      await rm(file);
      await mkdir(file);
    },
    // Who may read everything cannot be kept from reading.
    ...(process.getuid?.() === 0 ? [] : [() => chmod(file, 0)]),
  ];
  for (const damage of damages) {
    await damage();
    for (const address of ["/r/checks", "/r/checks/1", "/r/checks/1/file"]) {
      const answer = await server.request(address);
      expect([address, answer.status, await answer.text()]).toEqual([
        address,
        503,
        expect.stringContaining("Revision 1 of Checks cannot be shown"),
      ]);
    }
    expect(server.stderr()).toContain("a file of a report cannot be shown");
    await rm(file, { recursive: true });
    await writeFile(file, whole);
  }
  expect((await server.request("/r/checks")).status).toBe(200);
});

test("of a report from before digests were kept a torn page is found out all the same", async () => {
  await server.stop();
  const database = openMonitorDatabase(server.folder);
  database.exec("DELETE FROM report_digests");
  database.close();
  server = await startServer({ folder: server.folder });
  expect((await server.request("/r/checks")).status).toBe(200);
  const file = below("reports", "checks", "1", "0", "page.html");
  await truncate(file, (await readFile(file)).length - 100);
  expect((await server.request("/r/checks")).status).toBe(503);
});
