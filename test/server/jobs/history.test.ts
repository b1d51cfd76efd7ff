import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunList, TickList, VersionView } from "../../../cells/wire/http-jobs.ts";
import { act, promote } from "../../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";

const NOTEBOOK = `---
driftbook: 1
---
\`\`\`yaml input name=least
type: number
default: 1
\`\`\`

\`\`\`ts name=load
await check({ from: "card_fraud", fail: { rows: { min: least } } })
\`\`\`
`;
const LOCK = { version: "5", specifiers: { "npm:simple-statistics@^7.8.0": "7.8.7" } };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    files: {
      "load.nb.md": NOTEBOOK,
      "deno.json": JSON.stringify({ imports: { "simple-statistics": "npm:simple-statistics@^7.8.0" } }),
      "deno.lock": JSON.stringify(LOCK),
    },
  });
  const spec = { run: "load.nb.md", schedule: "0 6 * * *", window: "yesterday", set: { least: 3 } };
  await promote(server, "load", spec);
});
afterAll(() => server.stop());

const job = (...words: readonly string[]) => driftbook(["job", ...words, "--workspace", server.folder]);

test("a version is read whole: cells, values, window, contracts, packages and what it was promoted under", async () => {
  const version = await server.ask<VersionView>("/api/jobs/load/versions/1");
  expect(version.cells.map(({ name, kind }) => [name, kind])).toEqual([
    ["least", "input"],
    ["load", "ts"],
  ]);
  expect(version.cells[1]!.source).toContain("rows: { min: least }");
  expect(version.frozen).toMatchObject({ set: { least: 3 }, window: "yesterday" });
  expect(version.packages).toEqual([{ name: "npm:simple-statistics@^7.8.0", locked: "7.8.7" }]);
  const [contract] = version.frozen.contracts;
  const { stdout } = await job("version", "load", "1");
  for (const part of [
    `load, version 1 (${version.hash})`,
    `promoted ${version.madeAt} by ${version.madeBy}`,
    "window yesterday",
    "input least = 3",
    `contract card_fraud ${contract!.hash}`,
    "package npm:simple-statistics@^7.8.0 7.8.7",
    `Driftbook ${version.program.driftbook}, ${version.program.engine}, Node ${version.runtime.node}, Deno ${version.runtime.deno}`,
    "await check({",
  ])
    expect(stdout).toContain(part);
  expect(JSON.parse((await job("version", "load", "1", "--json")).stdout)).toEqual(version);
  expect((await job("version", "load", "9")).stderr).toContain("The job load has no version 9.");
});

test("runs and due times are listed part by part, each once", async () => {
  await act(server, "load", "backfill", { range: "2026-03-01/2026-03-08" });
  const all = await server.ask<RunList>("/api/jobs/load/runs");
  expect(all.runs).toHaveLength(7);
  const parts = [];
  for (let before = ""; ; before = `&before=${parts.at(-1)!.id}`) {
    const { runs } = await server.ask<RunList>(`/api/jobs/load/runs?limit=3${before}`);
    if (runs.length === 0) break;
    parts.push(...runs);
  }
  expect(parts.map(({ id }) => id)).toEqual(all.runs.map(({ id }) => id));
  const last = await server.ask<TickList>("/api/jobs/load/ticks?limit=2&before=2026-03-04T06:00:00Z");
  expect(last.ticks.map(({ scheduledFor }) => scheduledFor.slice(0, 10))).toEqual(["2026-03-03", "2026-03-02"]);
  const said = await job("ticks", "load", "--before", "2026-03-03", "--limit", "1", "--json");
  expect(JSON.parse(said.stdout)).toMatchObject([{ scheduledFor: "2026-03-02T06:00:00.000Z" }]);
  const older = await job("runs", "load", "--before", all.runs[5]!.id, "--json");
  expect(JSON.parse(older.stdout)).toMatchObject([{ id: all.runs[6]!.id }]);
});

test("a place in a list that there is not is refused with what would be right", async () => {
  expect((await job("runs", "load", "--before", "nothing")).stderr).toContain('The job load has no run "nothing".');
  expect((await job("ticks", "load", "--before", "soon")).stderr).toContain("before: ");
});
