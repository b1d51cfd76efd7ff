import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import type { Reading } from "../../cells/results/reading.ts";
import type { AlertList } from "../../cells/wire/http-alerts.ts";
import type { JobList, RunList } from "../../cells/wire/http-jobs.ts";
import type { Explanation, KeptReading } from "../../cells/wire/http-readings.ts";
import type { ReportDetail } from "../../cells/wire/http-reports.ts";
import type { auditList } from "../../cells/wire/http-settings.ts";
import { driftbook, startServer } from "../support/server.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

interface Outcome {
  readonly verdict: string;
  readonly cells: readonly {
    readonly name: string;
    readonly status: string;
    readonly readings: readonly Reading[];
    readonly error?: { readonly message: string };
  }[];
}

async function run(folder: string, notebook: string): Promise<Outcome> {
  const { stdout, stderr } = await driftbook(["run", notebook, "--json", "-"], { cwd: folder });
  expect(stdout, stderr).toMatch(/^\{/);
  const outcome = JSON.parse(stdout) as Outcome;
  expect(
    outcome.cells.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error.message}`])),
  ).toEqual([]);
  return outcome;
}

const readingsOf = ({ cells }: Outcome, cell: string): readonly Reading[] =>
  cells.find(({ name }) => name === cell)!.readings;
const alarms = (readings: readonly Reading[]): string[] => [
  ...new Set(
    readings.filter(({ verdict }) => verdict === "warn" || verdict === "fail").map(({ subject }) => String(subject)),
  ),
];

describe("the card-fraud example", () => {
  let folder: string;
  beforeAll(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), "driftbook-example-")), "workspace");
    const made = await driftbook(["init", folder, "--example", "card-fraud"]);
    expect(made.code, made.stderr).toBe(0);
    return () => rm(path.dirname(folder), { recursive: true, force: true });
  }, 180_000);

  test("its notebooks find the planted shift and only it", async () => {
    const drift = await run(folder, "drift.nb.md");
    expect(drift.verdict).toBe("fail");
    expect(alarms(readingsOf(drift, "last_weeks")).toSorted()).toEqual(["device", "score"]);
    expect(alarms(readingsOf(drift, "quiet_weeks"))).toEqual([]);
    expect(alarms(readingsOf(drift, "few_payments"))).toEqual([]);
    const kpis = await run(folder, "fraud-kpis.nb.md");
    const mature = readingsOf(kpis, "mature_weeks").find(({ metric, slice }) => metric === "recall" && slice === null)!;
    expect(mature).toMatchObject({ provisional: false, verdict: "ok" });
    expect((await run(folder, "data-checks.nb.md")).verdict).toBe("warn");
  });

  test("its jobs run their whole past at the first start: the shift has fired and is explained, the report has its weeks", async () => {
    const server = await startServer({ folder });
    try {
      const { jobs } = await server.ask<JobList>("/api/jobs");
      expect(jobs.map(({ name }) => name).toSorted()).toEqual(["daily-checks", "daily-drift", "weekly-value"]);
      const runsOf = async (job: string) =>
        (await server.ask<RunList>(`/api/jobs/${job}/runs?limit=1000`)).runs.map(({ state }) => state);
      const all = async () => (await Promise.all(jobs.map(({ name }) => runsOf(name)))).flat();
      await vi.waitUntil(async () => (await all()).every((state) => state !== "queued" && state !== "running"), {
        timeout: 570_000,
        interval: 1000,
      });
      expect(new Set(await all())).toEqual(new Set(["done"]));
      const days = (await runsOf("daily-drift")).length;
      expect(days).toBeGreaterThanOrEqual(179);
      expect((await all()).length).toBeGreaterThanOrEqual(2 * days + 14);

      const { alerts } = await server.ask<AlertList>("/api/alerts?state=all");
      const fired = alerts.filter(({ firedAt }) => firedAt !== null);
      expect(fired.map(({ job, subject }) => [job, subject]).toSorted()).toEqual([
        ["daily-drift", "device"],
        ["daily-drift", "score"],
      ]);
      // Since six weeks ago payments come from a device that there was not before; the reading's bins and its explanation say so.
      const { worst, since } = fired.find(({ subject }) => subject === "device")!;
      const { reading, history } = await server.ask<KeptReading>(`/api/readings/${worst!.reading}?job=daily-drift`);
      expect(reading).toMatchObject({ metric: "psi", subject: "device", verdict: "fail" });
      const { categories, current } = reading.details as { categories: string[]; current: number[] };
      const seen = async ([start, end]: readonly string[]) => {
        const [row] = await server.ask<{ wearables: number; share: number }[]>("/api/query", {
          method: "POST",
          json: {
            sql: `SELECT count(*) FILTER (device = 'wearable') AS wearables, wearables / count(*) AS share
              FROM card_fraud.decisions WHERE decided_at >= $start AND decided_at < $end`,
            params: { start, end },
          },
        });
        return row!;
      };
      // All that is new that day are wearables: 12 % of what comes since then.
      expect(current[categories.indexOf("(new)")]).toBe((await seen(reading.window!)).wearables);
      expect((await seen([reading.window![0], new Date().toISOString()])).share).toBeGreaterThan(0.1);
      const before = history.findLast(({ asOf }) => asOf < since)!;
      const { from, to, steps } = await server.ask<Explanation>(`/api/readings/${reading.id}/compare`, {
        method: "POST",
        json: { with: before.id },
      });
      expect([from.id, to.id]).toEqual([before.id, reading.id]);
      expect(steps.reduce((sum, { change }) => sum + change!, from.value!)).toBeCloseTo(to.value!, 9);
      expect(steps.find(({ change }) => change! > 0.2)).toBeDefined();

      const { revisions } = await server.ask<ReportDetail>("/api/reports/card-fraud-value");
      expect(revisions.length).toBeGreaterThanOrEqual(14);
      expect((await server.request(`/r/card-fraud-value/${revisions.length}`)).status).toBe(200);
      const { entries } = await server.ask<z.infer<typeof auditList>>("/api/audit?limit=100");
      const promoted = entries.filter(({ action, actor }) => action === "apply job" && actor === "init");
      expect(promoted.map(({ target }) => target).toSorted()).toEqual(jobs.map(({ name }) => name).toSorted());
    } finally {
      await server.stop();
    }
  }, 600_000);
});

test("real flights come in through a contract and are monitored", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-flights-"));
  try {
    await cp(path.join(EXAMPLES, "nyc-flights"), folder, { recursive: true });
    const commands = (await readFile(path.join(folder, "README.md"), "utf8")).match(/^.*driftbook ingest .*$/gm) ?? [];
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const words = command.trim().split(/\s+/);
      const { code, stderr } = await driftbook(words.slice(words.indexOf("ingest")), { cwd: folder });
      expect(code, stderr).toBe(0);
    }
    const outcome = await run(folder, "flights.nb.md");
    expect(outcome.cells.filter(({ readings }) => readings.length > 0).length).toBeGreaterThanOrEqual(3);
    expect(outcome.verdict).toBe("warn");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
