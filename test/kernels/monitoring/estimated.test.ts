import { beforeAll, expect, test } from "vitest";
import type { StreamRoles } from "../../../cells/monitoring/stream-roles.ts";
import type { KpiDisplay } from "../../../cells/results/monitor-display.ts";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { startEngine } from "../engine/start-engine.ts";
import { AS_OF, CURRENT, found, measure } from "./measuring.ts";

const STREAM: StreamRoles = {
  stream: "card",
  hash: "h",
  positive: ["block"],
  entity: null,
  amount: null,
  labelType: "boolean",
  positiveLabels: [],
  sources: [],
  maturityMillis: 30 * 86_400_000,
  silence: { means: "false", afterMillis: 30 * 86_400_000, decisions: [] },
  features: [],
};
const FIGURES = ["precision", "recall", "alert_rate", "roc_auc"] as const;
const SPEC = { from: "card", metrics: [...FIGURES, "average_precision"], every: "1 week", estimate: true, min_rows: 1 };

const started = startEngine();
let engine: ChildSqlEngine;
beforeAll(async () => {
  engine = (await started).engine;
  return async () => (await started)[Symbol.asyncDispose]();
});

interface Simulated {
  /** SQL of the probability that a decision is positive, of its `score`. */
  readonly truth?: string;
  /** SQL condition: whose label is known. */
  readonly known?: string;
  readonly days?: number;
}

/** Decisions up to the as-of whose labels are drawn with the probability that `truth` makes of the score. */
async function simulate({ truth = "score", known = "true", days = 150 }: Simulated): Promise<void> {
  const draw = (seed: string): string => `((hash(hash(i, '${seed}')) >> 11)::DOUBLE / 9007199254740992)`;
  await engine.materialise({
    name: "simulated",
    runId: "simulated",
    sql: `SELECT *, CASE WHEN ${known} THEN drawn < ${truth} END AS label FROM (
      SELECT i::VARCHAR AS decision_id, TIMESTAMPTZ '${AS_OF}' - INTERVAL 1 MINUTE * i * ${(days * 1440) / 60_000} AS decided_at,
        ${draw("score")} ** 3 AS score, CASE WHEN ${draw("score")} ** 3 > 0.4 THEN 'block' ELSE 'pass' END AS decision,
        ${draw("label")} AS drawn, ['a', 'b', 'c'][1 + (hash(i, 'region') % 3)::INTEGER] AS region, 'stated' AS label_source, false AS reconstructed FROM range(60000) AS r(i))`,
  });
  await engine.setRelations({
    statements: [
      "CREATE SCHEMA IF NOT EXISTS card",
      `CREATE OR REPLACE VIEW card.outcomes AS SELECT *, decided_at + INTERVAL 5 DAY AS label_known_at FROM "simulated"`,
      "CREATE OR REPLACE VIEW card.decisions AS SELECT * EXCLUDE (label, label_source, label_known_at) FROM card.outcomes",
      "CREATE OR REPLACE VIEW card.feedback AS SELECT '' AS feedback_id, decision_id, decided_at AS observed_at, NULL::VARCHAR AS supersedes FROM card.decisions WHERE false",
      "CREATE OR REPLACE VIEW card.quarantine AS SELECT '' AS kind WHERE false",
    ],
  });
}

const measured = async (
  spec: object = SPEC,
): Promise<{ display: KpiDisplay } & Awaited<ReturnType<typeof measure>>> => {
  const { readings, display } = await measure(engine, "kpi", spec, { streams: [STREAM], window: CURRENT });
  return { readings, display: display as KpiDisplay };
};

test("what calibrated scores let expect is near what is realised, whole and by week", async () => {
  await simulate({});
  const { readings, display } = await measured();
  for (const metric of FIGURES) {
    const { value, details } = found(readings, { metric });
    const estimated = details.estimated as { value: number; low: number; high: number };
    expect(Math.abs(estimated.value - value!), metric).toBeLessThan(0.02);
    expect(estimated.low, metric).toBeLessThan(value!);
    expect(estimated.high, metric).toBeGreaterThan(value!);
    expect(display.values.find((one) => one.metric === metric)!.estimated).toEqual(estimated);
  }
  expect(found(readings, { metric: "average_precision" }).details.estimated).toBeUndefined();
  expect(display.series.length).toBeGreaterThan(3);
  for (const { values } of display.series) {
    const { value, estimated } = values.find(({ metric }) => metric === "recall")!;
    expect(estimated!.low).toBeLessThan(value!);
    expect(estimated!.high).toBeGreaterThan(value!);
  }
});

test("each slice and every figure of the four counts is estimated, its band holding what is realised", async () => {
  await simulate({});
  const metrics = [
    "tp",
    "fp",
    "tn",
    "fn",
    "f1",
    "f_beta",
    "specificity",
    "balanced_accuracy",
    "mcc",
    "tdr",
    "tfpr",
    "gini",
  ];
  const { readings } = await measured({ ...SPEC, metrics, by: "region", beta: 3 });
  const slices = [null, "region = a", "region = b", "region = c"];
  for (const slice of slices)
    for (const metric of metrics) {
      const { value, details } = found(readings, { metric, slice });
      const { value: expected, low, high } = details.estimated as { value: number; low: number; high: number };
      // Three standard errors hold nearly always; the draws are seeded, so that they hold always or never.
      expect(low, `${metric} of ${slice}`).toBeLessThan(value!);
      expect(high, `${metric} of ${slice}`).toBeGreaterThan(value!);
      expect(expected).toBeGreaterThan(low);
    }
  const payoff = { tp: 100, fp: -5, fn: -100 };
  const paid = await measured({ ...SPEC, metrics: ["payoff_total", "payoff_per_decision", "tp", "fp", "fn"], payoff });
  const estimate = (metric: string) =>
    found(paid.readings, { metric }).details.estimated as { value: number; low: number; high: number };
  const total = found(paid.readings, { metric: "payoff_total" }).value!;
  expect(estimate("payoff_total").low).toBeLessThan(total);
  expect(estimate("payoff_total").high).toBeGreaterThan(total);
  expect(estimate("payoff_total").value).toBeCloseTo(
    100 * estimate("tp").value - 5 * estimate("fp").value - 100 * estimate("fn").value,
    3,
  );
  expect(estimate("payoff_per_decision").value).toBeLessThan(estimate("payoff_total").value);
  const byRow = await measured({ ...SPEC, metrics: ["payoff_total"], payoff: { tp: "100 * score" } });
  expect(found(byRow.readings, { metric: "payoff_total" }).details.estimated).toBeUndefined();
  const of = (metric: string, slice: string | null) =>
    (found(readings, { metric, slice }).details.estimated as { value: number }).value;
  for (const metric of ["tp", "fp", "tn", "fn"])
    expect(slices.slice(1).reduce((sum, slice) => sum + of(metric, slice), 0)).toBeCloseTo(of(metric, null), 4);
});

test("scores that are no probabilities are calibrated on the decisions before", async () => {
  await simulate({ truth: "score * 0.3" });
  const { readings } = await measured();
  const { value, details } = found(readings, { metric: "precision" });
  expect(value).toBeLessThan(0.3);
  expect(Math.abs((details.estimated as { value: number }).value - value!)).toBeLessThan(0.03);
});

test("without labels in the window the estimate stands alone", async () => {
  await simulate({ known: `decided_at < TIMESTAMPTZ '2026-01-30T00:00:00Z'` });
  const { readings, display } = await measured();
  const recall = found(readings, { metric: "recall" });
  expect(recall).toMatchObject({ value: null, verdict: "no-data" });
  expect((recall.details.estimated as { value: number }).value).toBeGreaterThan(0.5);
  expect(display.notes.join()).not.toContain("estimated");
});

test("labels of the measured window teach nothing", async () => {
  const inWindow = "decided_at >= TIMESTAMPTZ '2026-01-30T00:00:00Z'";
  await simulate({});
  const before = found((await measured()).readings, { metric: "recall" }).details.estimated;
  await simulate({ truth: `CASE WHEN ${inWindow} THEN 1 - score ELSE score END` });
  const { value, details } = found((await measured()).readings, { metric: "recall" });
  expect(details.estimated).toEqual(before);
  expect(value).toBeLessThan(0.4);
});

test("without settled decisions of both classes a note says so", async () => {
  for (const some of [{ days: 25 }, { truth: "0" }, { known: "decided_at > TIMESTAMPTZ '2026-01-30T00:00:00Z'" }]) {
    await simulate(some);
    const { display } = await measured();
    expect(display.notes.join()).toContain("Nothing is estimated: in the 100 days before 2026-01-30");
    for (const { estimated } of display.values) expect(estimated).toBeUndefined();
  }
});

test("nothing is estimated unless asked for, nor of what is no stream", async () => {
  await simulate({});
  const { display } = await measured({ ...SPEC, estimate: false });
  for (const { estimated } of display.values) expect(estimated).toBeUndefined();
  await expect(
    measured({ ...SPEC, from: "simulated", columns: { truth: "label", decision: "label" } }),
  ).rejects.toThrow("is no stream");
  await expect(measured({ ...SPEC, metrics: ["average_precision"] })).rejects.toThrow("among the metrics");
});
