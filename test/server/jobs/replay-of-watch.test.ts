import { afterAll, beforeAll, expect, test } from "vitest";
import type { AlertList } from "../../../cells/wire/http-alerts.ts";
import type { RunDetail } from "../../../cells/wire/http-jobs.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { act, backfill, ended, promote, runNow, WATCHED } from "../../support/monitored-job.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** A job over the jobs: every fact of theirs that changes later is in a reading. */
const WATCH_OF_JOBS = `---
driftbook: 1
---
\`\`\`sql name=served
FROM monitor.ticks WHERE job = 'drifts' AND state <> 'skipped'
\`\`\`

\`\`\`sql name=unseen
FROM monitor.alerts WHERE acknowledged_by IS NULL AND closed_as IS NULL
\`\`\`

\`\`\`sql name=going_on
FROM monitor.runs WHERE ended_at IS NULL
\`\`\`

\`\`\`yaml check name=not_many
from: served
fail: {rows: {max: 100}}
\`\`\`

\`\`\`yaml check name=all_seen
from: unseen
fail: {rows: {max: 0}}
\`\`\`

\`\`\`yaml check name=quiet
from: going_on
fail: {rows: {max: 1}}
\`\`\`
`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": WATCHED, "jobs.nb.md": WATCH_OF_JOBS } });
  await fillTwentyDays(server);
});
afterAll(() => server?.stop());

const rows = ({ readings }: RunDetail) => readings.map(({ cell, value, verdict }) => [cell, value, verdict]);

test("a job over the jobs gives the same when it is repeated after they went on", async () => {
  const spec = { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday", set: { bound: 0.01 } };
  await promote(server, "drifts", spec);
  await promote(server, "jobs", { run: "jobs.nb.md", schedule: "0 7 * * *" });
  const served = await backfill(server, "drifts", "2026-03-11/2026-03-14", { alerts: true });
  const { alerts } = await server.ask<AlertList>("/api/alerts?job=drifts");
  expect(alerts.length).toBeGreaterThan(0);

  const first = await runNow(server, "jobs");
  expect(rows(first)).toEqual([
    ["not_many", served.length, "ok"],
    ["all_seen", alerts.length, "fail"],
    ["quiet", 1, "ok"],
  ]);

  const json = { comment: "seen" };
  for (const { id } of alerts) await server.ask(`/api/alerts/${id}/acknowledge`, { method: "POST", json });
  await backfill(server, "drifts", "2026-03-14/2026-03-17", { alerts: true });
  const { runs } = await act(server, "jobs", "replay", { run: first.run.id });
  const replay = await ended(server, "jobs", runs[0]!);
  expect(rows(replay)).toEqual(rows(first));
  expect(replay.run).toMatchObject({ state: "done", same: true });
  const [again] = rows(await runNow(server, "jobs"));
  expect(again).toEqual(["not_many", served.length + 3, "ok"]);
});
