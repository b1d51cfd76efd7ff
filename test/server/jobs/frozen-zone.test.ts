import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Applied, VersionDiff } from "../../../cells/wire/http-jobs.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { act, ended, promote, runNow, WATCHED } from "../../support/monitored-job.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** Its window and its hours are of a zone. */
const LOCAL = `${WATCHED}
\`\`\`sql name=early
SELECT * FROM card_fraud.decisions WHERE extract(hour FROM decided_at) < 10
\`\`\`

\`\`\`yaml check name=early_ones
from: early
fail: {rows: {max: 0}}
\`\`\`

\`\`\`yaml check name=days
from: card_fraud
window: previous 5 days
fail: {rows: {min: 1}}
\`\`\`
`;

let server: TestServer;
const zone = (name: string) => writeFile(path.join(server.folder, "driftbook.yaml"), `zone: ${name}\n`);

beforeAll(async () => {
  server = await startServer({ files: { "local.nb.md": LOCAL, "driftbook.yaml": "zone: UTC\n" } });
  await fillTwentyDays(server);
});
afterAll(() => server?.stop());

test("a run is repeated in the zone that it ran in, whatever the workspace's is now; another zone is another version", async () => {
  const jobs = { early: "local.nb.md#early_ones", days: "local.nb.md#days" };
  const spec = { schedule: "0 6 * * *", zone: "UTC" };
  await promote(server, "early", { ...spec, run: jobs.early, window: "2026-03-02/2026-03-18" });
  await promote(server, "days", { ...spec, run: jobs.days });
  const asOf = "2026-03-15T12:00:00Z";
  const first = { early: await runNow(server, "early"), days: await runNow(server, "days", { asOf }) };
  await server.stop();
  await zone("Australia/Lord_Howe");
  server = await startServer({ folder: server.folder });

  for (const name of ["early", "days"] as const) {
    const { run, readings } = first[name];
    expect(run).toMatchObject({ state: "done", replayOf: null });
    expect(readings[0]!.verdict).toBe("fail");
    const { runs } = await act(server, name, "replay", { run: run.id });
    expect((await ended(server, name, runs[0]!)).run, name).toMatchObject({ state: "done", same: true });
  }

  const promoted = await promote(server, "days", { ...spec, run: jobs.days });
  expect(promoted.version).toBe(2);
  const { window, text } = await server.ask<VersionDiff>("/api/jobs/days/diff?from=1&to=2");
  expect([text, window.filter((line) => !line.startsWith(" "))]).toEqual([
    [],
    ["- zone: UTC", "+ zone: Australia/Lord_Howe"],
  ]);
  const again = await runNow(server, "days", { asOf });
  expect(again.readings[0]!.window).not.toEqual(first.days.readings[0]!.window);
  const { results } = await server.ask<Applied>("/api/jobs/apply", { method: "POST", json: {} });
  expect(results.map(({ change }) => change)).toEqual(["unchanged", "unchanged"]);
});
