import { afterAll, beforeAll, expect, test } from "vitest";
import type { AlertList } from "../../../cells/wire/http-alerts.ts";
import type { PromotionPreview, RunDetail } from "../../../cells/wire/http-jobs.ts";
import type { Explanation, KeptReading, ReadingLine } from "../../../cells/wire/http-readings.ts";
import type { Published } from "../../../cells/wire/http-reports.ts";
import { loadHistory } from "../../support/load-history.ts";
import { act, backfill, ended, promote, runNow } from "../../support/monitored-job.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { CARD_CONTRACT } from "../../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
title: Caught
headline: [caught.recall]
---
\`\`\`yaml kpi name=caught
from: card_fraud
metrics: [precision, recall]
min_rows: 1
fail: {recall: above 0%}
\`\`\`

\`\`\`sql name=told
SELECT \${caught.recall} AS recall
\`\`\`
`;
const DAY = 86_400_000;
const WEEKS = 16;
const SILENCE = "maturity: 45 days\n  silence: {means: false, after: 10 days, for: [approve]}";

/** Ten decisions a day up to now; every second has its label within twelve days, frauds among those that alert. */
async function fill(server: TestServer): Promise<void> {
  const now = Date.now();
  const iso = (millis: number): string => new Date(millis).toISOString();
  const decisions = Array.from({ length: WEEKS * 70 }, (_, at) => {
    const score = ((at * 37) % 100) / 100;
    const decided = iso(now - (at + 1) * (DAY / 10));
    return {
      decision_id: `d-${at}`,
      ...{ decided_at: decided, known_at: decided, score, decision: score > 0.6 ? "block" : "approve" },
      ...{ account_id: `a-${at % 50}`, amount: "10.00", country: "DE" },
    };
  });
  const feedback = decisions.flatMap(({ decision_id, decided_at, score }, at) => {
    const known = Date.parse(decided_at) + ((at * 13) % 12) * DAY;
    const label = (at * 53) % 100 < score * 60;
    return at % 2 === 0 || known > now
      ? []
      : [
          {
            feedback_id: `f-${at}`,
            decision_id,
            observed_at: iso(known),
            known_at: iso(known),
            label,
            source: "analyst",
          },
        ];
  });
  await loadHistory(server, "decisions", decisions);
  await loadHistory(server, "feedback", feedback);
}

let server: TestServer;
let detail: RunDetail;
beforeAll(async () => {
  const contract = CARD_CONTRACT.replace("maturity: 45 days", SILENCE);
  server = await startServer({ files: { "caught.nb.md": NOTEBOOK, "streams/card_fraud.yaml": contract } });
  await fill(server);
  await promote(server, "weekly", { run: "caught.nb.md", schedule: "every monday at 06:00" });
  detail = await runNow(server, "weekly");
});
afterAll(() => server?.stop());

const of = (metric: string, provisional: boolean): ReadingLine =>
  detail.readings.find((one) => one.metric === metric && one.provisional === provisional)!;

test("a promoted kpi without a window shows the newest four weeks beside the mature ones, and is judged by these", async () => {
  expect(detail.readings.map((one) => [one.metric, one.provisional, one.verdict, one.standing])).toEqual([
    ["precision", false, "ok", "no-bound"],
    ["recall", false, "fail", "fail"],
    ["precision", true, "ok", "not-judged"],
    ["recall", true, "ok", "not-judged"],
  ]);
  const [mature, newest] = [of("recall", false), of("recall", true)];
  for (const { window } of [mature, newest]) expect(Date.parse(window![1]) - Date.parse(window![0])).toBe(28 * DAY);
  expect(Date.parse(newest.window![1])).toBeGreaterThan(Date.parse(mature.window![1]));
  expect(Date.now() - Date.parse(newest.window![1])).toBeLessThan(8 * DAY);
  // One of them may be the same by chance.
  const valuesOf = (provisional: boolean) => ["precision", "recall"].map((metric) => of(metric, provisional).value);
  expect(valuesOf(true)).not.toEqual(valuesOf(false));
  expect(detail.run).toMatchObject({ verdict: "fail", reason: expect.not.stringContaining("more)") });
  // The value under the cell's name is the mature one.
  expect(detail.cells.find(({ name }) => name === "told")!.table!.rows).toEqual([{ recall: mature.value }]);
  const page = await (await server.request(`/api/jobs/weekly/runs/${detail.run.id}/page`)).text();
  expect(page).toContain("beside each figure");
});

test("who promotes is told of it, and of no kpi over another window", async () => {
  const json = { name: "weekly", spec: { run: "caught.nb.md", schedule: "every monday at 06:00" } };
  const { matureKpis } = await server.ask<PromotionPreview>("/api/jobs/preview", { method: "POST", json });
  expect(matureKpis).toEqual([{ cell: "caught", window: "mature 4 weeks" }]);
  const yesterday = { ...json, spec: { ...json.spec, window: "yesterday" } };
  const other = await server.ask<PromotionPreview>("/api/jobs/preview", { method: "POST", json: yesterday });
  expect(other.matureKpis).toEqual([]);
});

test.each([
  ["last 28 days", "mature 28 days"],
  ["previous month", "mature 1 month"],
  ["last 2 days", "mature 4 weeks"],
  ["this month", "mature 4 weeks"],
  ["mature 2 weeks", "mature 2 weeks"],
  ["2026-03", null],
])("where the notebook's window is %s the kpi's in a job is %s", async (window, expected) => {
  const { text } = await server.ask<{ text: string }>("/api/notebooks/caught.nb.md");
  const changed = text.replace(/driftbook: 1\n(window: .*\n)?/, `driftbook: 1\nwindow: ${window}\n`);
  await server.ask("/api/notebooks/caught.nb.md", {
    ...{ method: "PUT", headers: { "if-match": "*" } },
    json: { text: changed },
  });
  const json = { name: "weekly", spec: { run: "caught.nb.md#caught", schedule: "every monday at 06:00" } };
  const { matureKpis } = await server.ask<PromotionPreview>("/api/jobs/preview", { method: "POST", json });
  expect(matureKpis.map((one) => one.window)).toEqual(expected === null ? [] : [expected]);
});

test("a report's headline is the mature value, and its page has the newest beside it", async () => {
  const json = { slug: "caught", job: "weekly", run: detail.run.id };
  const { revision } = await server.ask<Published>("/api/reports", { method: "POST", json });
  expect(revision.headline).toMatchObject([
    { name: "caught.recall", value: of("recall", false).value, verdict: "fail" },
  ]);
  const page = await (await server.request("/r/caught/1")).text();
  expect(page).toContain("Newest 4 weeks");
  expect(page).toContain("m-newest-value");
});

test("the same run again gives the same bytes, and monitor.readings tells both apart", async () => {
  const { runs } = await act(server, "weekly", "replay", { run: detail.run.id });
  expect((await ended(server, "weekly", runs[0]!)).run.same).toBe(true);
  const rows = await server.ask("/api/query", {
    method: "POST",
    json: {
      sql: `SELECT metric, value, provisional FROM monitor.readings WHERE run = '${detail.run.id}' ORDER BY ALL`,
    },
  });
  expect(rows).toEqual(
    detail.readings
      .map(({ metric, value, provisional }) => ({ metric, value, provisional }))
      .toSorted(byMetricAndValue),
  );
});

const byMetricAndValue = (
  a: { readonly metric: string; readonly value: number | null },
  b: { readonly metric: string; readonly value: number | null },
): number => a.metric.localeCompare(b.metric) || (a.value ?? 0) - (b.value ?? 0);

test("a reading of the newest units is kept with its evidence, and explained against the mature one", async () => {
  const [mature, newest] = [of("recall", false), of("recall", true)];
  const kept = await server.ask<KeptReading>(`/api/readings/${newest.id}`);
  expect(kept.reading).toMatchObject({ value: newest.value, provisional: true, beside: true, window: newest.window });
  expect(kept.history.map(({ id, provisional }) => [id, provisional])).toEqual([
    [mature.id, false],
    [newest.id, true],
  ]);
  const { history } = await server.ask<KeptReading>(`/api/readings/${of("precision", false).id}`);
  expect(history.map(({ standing }) => standing)).toEqual(["no-bound", "not-judged"]);
  expect((await server.request(`/api/readings/${newest.id}/evidence`)).status).toBe(200);
  const json = { with: newest.id };
  const { steps } = await server.ask<Explanation>(`/api/readings/${mature.id}/compare`, { method: "POST", json });
  expect(steps.map(({ cause, before, after }) => [cause, before, after])).toEqual([
    ["question", mature.value, newest.value],
  ]);
});

test("an alert is about the mature value, run after run", async () => {
  const mondays = `${new Date(Date.now() - 14 * DAY).toISOString()}/${new Date().toISOString()}`;
  const runs = await backfill(server, "weekly", mondays, { alerts: true });
  expect(runs.map(({ verdict }) => verdict)).toEqual(["fail", "fail"]);
  const { alerts } = await server.ask<AlertList>("/api/alerts?state=all");
  expect(alerts.map(({ metric, state }) => [metric, state])).toEqual([["recall", "firing"]]);
  const { reading } = await server.ask<KeptReading>(`/api/readings/${alerts[0]!.observation!.reading}`);
  expect(reading).toMatchObject({ provisional: false, verdict: "fail" });
  expect(reading).not.toHaveProperty("beside");
});
