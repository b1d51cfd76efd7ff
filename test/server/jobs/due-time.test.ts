import { readFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { strFromU8, unzipSync } from "fflate";
import { expect, test } from "vitest";
import type { RunDetail, TickList } from "../../../cells/wire/http-jobs.ts";
import type { Explanation, KeptReading } from "../../../cells/wire/http-readings.ts";
import { fillTwentyDays, queryable } from "../../support/monitored-days.ts";
import { act, backfill, ended, promote, runNow } from "../../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";
import { decision } from "../../support/workspace-folder.ts";

const DAY_MILLIS = 86_400_000;

/** Cells with relative windows of their own, in every way that there is. */
const RELATIVE = `---
driftbook: 1
window: last 2 days
---
\`\`\`yaml input name=lately
type: window
default: yesterday
\`\`\`

\`\`\`sql name=times
SELECT \${lately.start}::TIMESTAMPTZ AS since, \${window.end}::TIMESTAMPTZ AS until
\`\`\`

\`\`\`yaml drift name=moved
from: card_fraud
window: yesterday
reference: previous 6 days
columns: [score]
metrics: [psi]
min_rows: 10
\`\`\`

\`\`\`ts name=load
await check({ from: "card_fraud", window: "yesterday", fail: { rows: { min: 1 } } })
\`\`\`
`;

const dayOf = (millis: number): string => new Date(millis).toISOString().slice(0, 10);
/** What each of the metrics was measured over, as the first day of it. */
const daysOf = ({ readings }: RunDetail, ...metrics: readonly string[]) =>
  metrics.map((metric) => readings.find((one) => one.metric === metric)!.window!.map((at) => at.slice(0, 10)));
const detailOf = (server: TestServer, job: string, run: string): Promise<RunDetail> =>
  server.ask<RunDetail>(`/api/jobs/${job}/runs/${run}`);
const psiOf = ({ readings }: RunDetail) => readings.find(({ metric }) => metric === "psi")!;

test("a past that is filled as known now measures each due time's own days, and explains and repeats them so", async () => {
  const server = await startServer({ files: { "relative.nb.md": RELATIVE } });
  try {
    await fillTwentyDays(server);
    await promote(server, "relative", { run: "relative.nb.md", schedule: "0 6 * * *" });
    const runs = await backfill(server, "relative", "2026-03-12/2026-03-15", { as: "known-now" });
    const details = [];
    for (const { id } of runs) details.push(await detailOf(server, "relative", id));
    expect(new Set(runs.map(({ asOf }) => asOf)).size).toBe(1);
    for (const [at, detail] of details.entries()) {
      const due = Date.UTC(2026, 2, 12 + at);
      const [before, day] = [dayOf(due - DAY_MILLIS), dayOf(due)];
      expect(detail.run).toMatchObject({ dueAt: `${day}T06:00:00.000Z`, scheduledFor: `${day}T06:00:00.000Z` });
      expect(daysOf(detail, "psi", "rows")).toEqual(Array(2).fill([before, day]));
      expect(psiOf(detail).n).toBe(60);
      expect(detail.run.window).toEqual([`${dayOf(due - 2 * DAY_MILLIS)}T06:00:00.000Z`, `${day}T06:00:00.000Z`]);
      expect(detail.cells.find(({ name }) => name === "times")!.table!.rows).toEqual([
        { since: `${before}T00:00:00.000Z`, until: `${day}T06:00:00.000Z` },
      ]);
    }

    const { runs: replays } = await act(server, "relative", "replay", { run: runs[0]!.id });
    expect((await ended(server, "relative", replays[0]!)).run).toMatchObject({ state: "done", same: true });

    // Each is measured again as it was, its reference too: nothing is left to the program.
    const [one, other] = [psiOf(details[0]!), psiOf(details[2]!)];
    const kept = await server.ask<KeptReading>(`/api/readings/${one.id}`);
    expect(kept.measurement).toMatchObject({ dueAt: "2026-03-12T06:00:00.000Z", asOf: one.asOf });
    const explained = await server.ask<Explanation>(`/api/readings/${other.id}/compare`, {
      method: "POST",
      json: { with: one.id },
    });
    expect([explained.from.id, explained.to.id]).toEqual([one.id, other.id]);
    expect(explained.steps.map(({ cause, before, after }) => [cause, before, after])).toEqual([
      ["question", one.value, other.value],
    ]);
    const said = await driftbook(["explain", one.id], { cwd: server.folder });
    expect(said.stdout).toMatch(/^due at +2026-03-12T06:00:00\.000Z$/m);
    const out = path.join(server.folder, "evidence.zip");
    expect(await driftbook(["evidence", one.id, "--out", out], { cwd: server.folder })).toMatchObject({ code: 0 });
    const files = unzipSync(await readFile(out));
    expect(strFromU8(files["README.txt"]!)).toContain("Due at: 2026-03-12T06:00:00.000Z");
    expect(JSON.parse(strFromU8(files["measurement.json"]!))).toMatchObject({ dueAt: "2026-03-12T06:00:00.000Z" });
  } finally {
    await server.stop();
  }
}, 120_000);

test("a run that comes late measures the day that it was due to, and one that is asked for is due when it is asked", async () => {
  let server = await startServer({ files: { "relative.nb.md": RELATIVE } });
  try {
    // Ten decisions yesterday, eleven the day before, and so on: a count tells the day.
    const now = Date.now();
    const today = Math.floor(now / DAY_MILLIS) * DAY_MILLIS;
    const events = [0, 1, 2, 3, 4].flatMap((ago) =>
      Array.from({ length: ago === 0 ? 1 : 9 + ago }, (_, at) =>
        decision(`d-${ago}-${at}`, {
          decided_at: new Date(ago === 0 ? now : today - ago * DAY_MILLIS + at * 60_000).toISOString(),
        }),
      ),
    );
    const headers = { authorization: `Bearer ${await server.key("ingest:card_fraud")}` };
    await server.ask("/api/streams/card_fraud/decisions", { method: "POST", headers, json: events });
    await queryable(server, events.length);
    const spec = {
      run: "relative.nb.md#load",
      schedule: "0 0 * * *",
      window: "last hour",
      catch_up: "all, at most 30",
    };
    await promote(server, "late", spec);
    await server.stop();
    // As if nothing had run for three days. Of the due times, the last midnight may still wait for events.
    const database = new DatabaseSync(path.join(server.folder, ".driftbook", "monitor.db"));
    database
      .prepare("UPDATE jobs SET through_millis = ?, next_millis = ?")
      .run(today - 3 * DAY_MILLIS, today - 2 * DAY_MILLIS);
    database.close();
    server = await startServer({ folder: server.folder });
    const due = [2, 1].map((ago) => today - ago * DAY_MILLIS);
    for (const [at, millis] of due.entries()) {
      const scheduledFor = new Date(millis).toISOString();
      const run = await (async () => {
        for (;;) {
          const { ticks } = await server.ask<TickList>("/api/jobs/late/ticks");
          const tick = ticks.find((one) => one.scheduledFor === scheduledFor);
          if (tick?.state === "done") return tick.run!;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      const detail = await detailOf(server, "late", run);
      expect(detail.run).toMatchObject({ purpose: "scheduled", dueAt: scheduledFor });
      expect(Date.parse(detail.run.asOf!)).toBeGreaterThan(millis + DAY_MILLIS);
      expect(daysOf(detail, "rows")).toEqual([[dayOf(millis - DAY_MILLIS), dayOf(millis)]]);
      expect(detail.readings.find(({ metric }) => metric === "rows")!.value).toBe(12 - at);
      const { runs } = await act(server, "late", "replay", { run });
      expect((await ended(server, "late", runs[0]!)).run).toMatchObject({ state: "done", same: true });
    }
    const asked = await runNow(server, "late");
    expect(asked.run.dueAt).toBe(asked.run.scheduledFor);
    expect(asked.readings.find(({ metric }) => metric === "rows")!.value).toBe(10);
    const asOf = new Date(now).toISOString();
    expect((await runNow(server, "late", { asOf })).run).toMatchObject({ asOf, dueAt: asOf });
  } finally {
    await server.stop();
  }
}, 120_000);
