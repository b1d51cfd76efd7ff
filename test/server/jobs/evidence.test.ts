import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job, RunList } from "../../../cells/wire/http-jobs.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { backfill, promote, runNow, WATCHED } from "../../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
const SPEC = { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday" };

beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": WATCHED } });
  await fillTwentyDays(server);
  await promote(server, "daily", SPEC);
});
afterAll(() => server.stop());

test("the evidence of a number holds its text, SQL, contract, counts and audit entries, with checksums that fit", async () => {
  const run = await runNow(server, "daily", { window: "2026-03-12" });
  const reading = run.readings.find(({ metric }) => metric === "psi")!;
  const out = path.join(server.folder, "evidence.zip");
  const written = await driftbook(["evidence", reading.id, "--out", out], { cwd: server.folder });
  expect(written).toMatchObject({ code: 0 });
  const files = unzipSync(await readFile(out));
  const text = (name: string): string => strFromU8(files[name]!);
  expect(JSON.parse(text("reading.json"))).toMatchObject({ id: reading.id, value: reading.value });
  expect(text("cell.nb.md")).toContain("reference: 5 days before");
  expect(text("statements.sql")).toContain("SELECT");
  expect(JSON.parse(text("contracts/card_fraud.json"))).toMatchObject({ stream: "card_fraud" });
  expect(JSON.parse(text("run.json"))).toMatchObject({
    id: run.run.id,
    inputs: [{ stream: "card_fraud", decisions: 1200 }],
  });
  expect(JSON.parse(text("version.json"))).toMatchObject({ number: 1 });
  expect(JSON.parse(text("audit.json")).map(({ action }: { action: string }) => action)).toContain("promote");
  for (const line of text("SHA256SUMS").trim().split("\n")) {
    const [sum, name] = line.split("  ") as [string, string];
    expect([name, createHash("sha256").update(files[name]!).digest("hex")]).toEqual([name, sum]);
  }
  expect((await driftbook(["evidence", reading.id, "--out", out], { cwd: server.folder })).stderr).toContain(
    "exists already",
  );
  expect((await driftbook(["evidence", "nothing", "--out", `${out}2`], { cwd: server.folder })).code).not.toBe(0);
});

test("a run records the windows that its cells measured, and rows as of its time; two jobs that ask the same are told apart", async () => {
  // The cell is measured over what was asked for; as of a time before the last days came, there were fewer rows.
  const { run } = await runNow(server, "daily", { window: "2026-03-12" });
  expect(run.measured.flat().map((instant) => Date.parse(instant))).toEqual(
    ["2026-03-12T00:00:00Z", "2026-03-13T00:00:00Z"].map(Date.parse),
  );
  const early = await runNow(server, "daily", { window: "2026-03-12", asOf: "2020-01-01T00:00:00Z" });
  expect(early.run.inputs).toMatchObject([{ decisions: 0, feedback: 0 }]);
  await promote(server, "twin", SPEC);
  const asOf = run.asOf!;
  const [mine, other] = [await runNow(server, "daily", { asOf }), await runNow(server, "twin", { asOf })];
  const { id } = mine.readings[0]!;
  expect(other.readings[0]!.id).toBe(id);
  for (const job of ["daily", "twin"]) {
    const out = path.join(server.folder, `${job}.zip`);
    await driftbook(["evidence", id, "--job", job, "--out", out], { cwd: server.folder });
    const files = unzipSync(await readFile(out));
    expect(JSON.parse(strFromU8(files["run.json"]!))).toMatchObject({ job });
    expect(strFromU8(files["README.txt"]!)).toContain(`jobs/${job}`);
  }
  expect((await server.request(`/api/readings/${id}?job=nobody`)).status).toBe(404);
});

test("after an upgrade each job's last run is repeated before due times are served, and a difference is told", async () => {
  await backfill(server, "daily", "2026-03-12/2026-03-14", { as: "known-now" });
  const healthy = await driftbook(["doctor", "--replay"], { cwd: server.folder });
  expect(healthy).toMatchObject({ code: 0, stdout: expect.stringContaining("the same readings, byte for byte") });
  await server.stop();
  // Another program measured last, and gave another value.
  const database = new DatabaseSync(path.join(server.folder, ".driftbook", "monitor.db"));
  database.exec('UPDATE jobs_program SET program = \'{"driftbook":"0.0.1","engine":"DuckDB 0"}\'');
  database.exec(
    "UPDATE runs SET body = (SELECT body FROM runs WHERE purpose = 'backfill' LIMIT 1) WHERE purpose = 'manual'",
  );
  database.close();
  server = await startServer({ folder: server.folder });
  for (;;) {
    const { problem } = await server.ask<Job>("/api/jobs/daily");
    if (problem !== null) {
      expect(problem).toMatch(/Its last run, repeated, gives other readings now/);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { runs } = await server.ask<RunList>("/api/jobs/daily/runs?limit=1");
  expect(runs[0]).toMatchObject({ purpose: "replay", same: false });
  const ill = await driftbook(["doctor", "--replay"], { cwd: server.folder });
  expect(ill).toMatchObject({ code: 1, stdout: expect.stringContaining("Its readings are other ones now") });
});
