import { afterAll, beforeAll, expect, test } from "vitest";
import type { AlertDetail, AlertList } from "../../../cells/wire/http-alerts.ts";
import type { JobSeries } from "../../../cells/wire/http-jobs.ts";
import type { KeptReading } from "../../../cells/wire/http-readings.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { backfill, promote, runNow, WATCHED } from "../../support/monitored-job.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const FAR = WATCHED.replaceAll("psi", "wasserstein").replace('"${bound}"', "above 0.5");

const SLICED = WATCHED.replace("columns: [score]", "columns: [score]\nby: decision");

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": WATCHED, "far.nb.md": FAR, "sliced.nb.md": SLICED } });
  await fillTwentyDays(server);
});
afterAll(() => server.stop());

test("the course of what fired leads to its runs and alerts; the list of alerts says which are over", async () => {
  await promote(server, "course", { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday" });
  const runs = await backfill(server, "course", "2026-03-07/2026-03-20", { as: "known-now", alerts: true });
  const other = await runNow(server, "course", { window: "2026-03-03/2026-03-05" });
  const { of, points, fired, values } = await server.ask<JobSeries>("/api/jobs/course/series");
  expect(of).toMatchObject({ name: "scores.score.psi", metric: "psi", subject: "score", kind: "drift" });
  expect(of!.bounds.fail).toEqual({ type: "above", value: 0.2 });
  expect(values).toContain("scores.score.psi");
  expect(points.map(({ run }) => run)).toEqual(runs.map(({ id }) => id));
  expect(points.map(({ run }) => run)).not.toContain(other.run.id);
  expect(other.readings.length).toBeGreaterThan(0);
  const mark = { window: "2026-03-11", note: "scores go up" };
  await server.ask("/api/streams/card_fraud/marks", { method: "POST", json: mark });
  const { marks } = await server.ask<JobSeries>("/api/jobs/course/series");
  const day = ["2026-03-11T00:00:00.000Z", "2026-03-12T00:00:00.000Z"];
  expect(marks).toEqual([{ window: day, note: "scores go up", excludes: false }]);
  // It fires after two failing runs and is over after two good ones.
  expect(fired).toHaveLength(1);
  const failing = points.filter(({ verdict }) => verdict === "fail").map(({ scheduledFor }) => scheduledFor);
  expect(fired[0]!.from).toBe(failing[1]);
  expect(fired[0]!.to! > failing.at(-1)!).toBe(true);
  const { past } = await server.ask<AlertList>("/api/alerts?job=course");
  expect(past).toEqual([
    {
      ...{ job: "course", alert: fired[0]!.alert, title: "PSI of score in scores" },
      ...{ firedAt: fired[0]!.from, endedAt: fired[0]!.to },
    },
  ]);
});

test("an alert that is over says what held, and in which zone its job is", async () => {
  const [over] = (await server.ask<AlertList>("/api/alerts?job=course")).past;
  const { zone, jobZone, history } = await server.ask<AlertDetail>(`/api/alerts/${over!.alert}`);
  expect([zone, jobZone]).toEqual(["UTC", "UTC"]);
  expect(history.map(({ to }) => to)).toEqual(["pending", "firing", "recovering", "resolved"]);
  // A run that is within its bound by the guard against chance says so itself.
  expect(history.at(-1)!.text).toMatch(/^Within its bound for 2 runs: |can be chance/);
});

test("the course of a slice is of its rows, and only its alerts stand behind it", async () => {
  const inBerlin = { schedule: "0 6 * * *", window: "yesterday", zone: "Europe/Berlin" };
  await promote(server, "sliced", { run: "sliced.nb.md#scores", ...inBerlin });
  const [run] = await backfill(server, "sliced", "2026-03-17/2026-03-20", { as: "known-now" });
  const { of, points, values } = await server.ask<JobSeries>(
    "/api/jobs/sliced/series?value=scores.score.psi&slice=decision%20%3D%20approve",
  );
  expect(of).toMatchObject({ name: "scores.score.psi", slice: "decision = approve" });
  expect(values).toContain("scores.score.psi");
  const whole = await server.ask<JobSeries>("/api/jobs/sliced/series?value=scores.score.psi");
  expect(points).toHaveLength(whole.points.length);
  for (const [at, { n }] of points.entries()) expect(n).toBeLessThan(whole.points[at]!.n);

  // Its pages say its times in its zone, where a day is a day.
  const reading = await server.ask<KeptReading>(`/api/readings/${points[0]!.reading}?job=sliced`);
  expect(reading.zone).toBe("Europe/Berlin");
  const page = await (await server.request(`/api/jobs/sliced/runs/${run!.id}/page`)).text();
  expect(page).toContain("times in Europe/Berlin");
});

test("the course of what is judged in another unit is of that, with its bounds", async () => {
  await promote(server, "far", { run: "far.nb.md#scores", schedule: "0 6 * * *", window: "yesterday" });
  await backfill(server, "far", "2026-03-07/2026-03-20", { as: "known-now" });
  const { of, points } = await server.ask<JobSeries>("/api/jobs/far/series");
  expect(of).toMatchObject({ metric: "wasserstein", isOfJudged: true });
  expect(of!.bounds.fail).toEqual({ type: "above", value: 0.5 });
  const measured = points.filter(({ value }) => value !== null);
  expect(new Set(measured.map(({ verdict }) => verdict))).toEqual(new Set(["ok", "fail"]));
  for (const { value, judged, verdict } of measured) {
    expect(judged).not.toBe(value);
    expect(verdict === "fail").toBe(judged! > 0.5);
  }
  const psi = await server.ask<JobSeries>("/api/jobs/course/series?value=scores.score.psi");
  expect(psi.of!.isOfJudged).toBe(false);
  expect(psi.points.map(({ judged }) => judged)).toEqual(psi.points.map(({ value }) => value));
});

test("another value is named; one that is not there is refused with those that are", async () => {
  const answer = await server.request("/api/jobs/course/series?value=scores.psi");
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("scores.score.psi");
  expect(await server.ask<JobSeries>("/api/jobs/nobody/series")).toMatchObject({ of: null, points: [] });
});
