import { afterAll, beforeAll, expect, test } from "vitest";
import { MONITOR_TABLES } from "../../../cells/monitoring/monitor-tables.ts";
import type { AlertList } from "../../../cells/wire/http-alerts.ts";
import type { Run, RunDetail } from "../../../cells/wire/http-jobs.ts";
import type { ReadingList } from "../../../cells/wire/http-readings.ts";
import type { RelationsView } from "../../../cells/wire/http-workspace.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { act, backfill, ended, promote, WATCHED } from "../../support/monitored-job.ts";
import { startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let runs: Run[];
const ask = (sql: string) => server.ask<Record<string, unknown>[]>("/api/query", { method: "POST", json: { sql } });

beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": WATCHED } });
  await fillTwentyDays(server);
  const spec = { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday" };
  await promote(server, "drifts", { ...spec, set: { bound: 0.01 } });
  await promote(server, "quiet", { ...spec, set: { bound: 0.9 } });
  runs = await backfill(server, "drifts", "2026-03-11/2026-03-14", { as: "known-now", alerts: true });
  await backfill(server, "quiet", "2026-03-12");
});
afterAll(() => server.stop());

test("every column that is named is there, in its type", async () => {
  for (const [name, { columns }] of Object.entries(MONITOR_TABLES)) {
    const found = await ask(`SELECT column_name, column_type FROM (DESCRIBE monitor.${name})`);
    const named = Object.entries(columns).map(([column, [type]]) => [
      column,
      type === "TIMESTAMPTZ" ? "TIMESTAMP WITH TIME ZONE" : type,
    ]);
    expect([name, found.map((one) => [one.column_name, one.column_type])]).toEqual([name, named]);
  }
});

test("runs say what they repeat, by which programs they ran, and what they read", async () => {
  const [first] = runs;
  const { runs: replays } = await act(server, "drifts", "replay", { run: first!.id });
  await ended(server, "drifts", replays[0]!);
  const [replay] = await ask(
    `SELECT replay_of, same, driftbook, engine, inputs->0->>'stream' AS stream, snapshot->>'card_fraud' AS snapshot
     FROM monitor.runs WHERE id = '${replays[0]}'`,
  );
  expect(replay).toEqual({
    ...{ replay_of: first!.id, same: true, stream: "card_fraud", snapshot: first!.inputs[0]!.snapshot },
    ...{ driftbook: first!.program!.driftbook, engine: first!.program!.engine },
  });
  expect(await ask(`SELECT replay_of, same FROM monitor.runs WHERE id = '${first!.id}'`)).toEqual([
    { replay_of: null, same: null },
  ]);
});

test("versions say what they froze, readings their bounds", async () => {
  const [version] = await ask(
    `SELECT notebook, cell, "set"->>'bound' AS bound, window_text, contains(text, 'drift name=scores') AS drift
     FROM monitor.versions WHERE job = 'drifts'`,
  );
  expect(version).toEqual({
    ...{ notebook: "watch.nb.md", cell: "scores", bound: "0.01", window_text: "yesterday", drift: true },
  });
  const detail = await server.ask<RunDetail>(`/api/jobs/drifts/runs/${runs[1]!.id}`);
  const kept = await ask(
    `SELECT id, definition, n_reference > 0 AS compared, fail->>'type' AS kind, (fail->>'value')::DOUBLE AS bound
     FROM monitor.readings WHERE run = '${runs[1]!.id}' AND metric = 'psi' AND subject = 'score' AND slice IS NULL`,
  );
  const psi = detail.readings.find(
    ({ metric, subject, slice }) => metric === "psi" && subject === "score" && slice === null,
  )!;
  expect(kept).toEqual([
    { id: psi.id, definition: expect.stringMatching(/^psi@\d/), compared: true, kind: "above", bound: 0.01 },
  ]);
});

test("alerts keep the value that fired, its bound, and who did what", async () => {
  const { alerts } = await server.ask<AlertList>("/api/alerts?job=drifts");
  const alert = alerts.find(({ metric, firedAt }) => metric === "psi" && firedAt !== null)!;
  const json = { comment: "looked into" };
  await server.ask(`/api/alerts/${alert.id}/acknowledge`, { method: "POST", json });
  const [row] = await ask(
    `SELECT a.fired_value = r.value AS agrees, r.scheduled_for = a.fired_at AS at_its_time, (a.fail->>'value')::DOUBLE AS bound,
       acknowledged_by IS NOT NULL AND acknowledged_at IS NOT NULL AS acknowledged, closed_by, comment
     FROM monitor.alerts a JOIN monitor.readings r ON r.id = a.fired_reading AND r.purpose = 'backfill' WHERE a.id = '${alert.id}'`,
  );
  expect(row).toEqual({
    ...{ agrees: true, at_its_time: true, bound: 0.01, acknowledged: true, closed_by: null, comment: "looked into" },
  });
});

test("readings are listed by job: its own and no others", async () => {
  const { readings } = await server.ask<ReadingList>("/api/readings?job=drifts&metric=psi");
  expect(new Set(readings.map(({ notebook }) => notebook))).toEqual(new Set(["jobs/drifts"]));
  expect((await server.ask<ReadingList>("/api/readings?job=nobody")).readings).toEqual([]);
  expect((await server.request("/api/readings?job=drifts&notebook=watch.nb.md")).status).toBe(400);
});

test("the data panel lists them with columns, types and what each holds", async () => {
  const { relations } = await server.ask<RelationsView>("/api/relations");
  const shown = relations.find(({ name }) => name === "monitor.runs")!;
  expect(shown).toMatchObject({ kind: "monitor", about: MONITOR_TABLES.runs.about, problem: null });
  expect(shown.rowCount).toBeGreaterThanOrEqual(4);
  const said = MONITOR_TABLES.runs.columns.replay_of;
  expect(shown.columns.find(({ name }) => name === "replay_of")).toMatchObject({ type: said[0], about: said[1] });
});
