import { beforeAll, expect, test } from "vitest";
import type { StreamRoles } from "../../../cells/monitoring/stream-roles.ts";
import type { KpiDisplay } from "../../../cells/results/monitor-display.ts";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { startEngine } from "../engine/start-engine.ts";
import { AS_OF, type Measuring, measure } from "./measuring.ts";

const STREAM: StreamRoles = {
  ...{ stream: "card", hash: "h", positive: ["block"], entity: null, amount: null, labelType: "boolean" },
  ...{ positiveLabels: [], sources: [], maturityMillis: 30 * 86_400_000, silence: null, features: [] },
};

const started = startEngine();
let engine: ChildSqlEngine;
/** Ten decisions a day for 150 days up to the as-of; each has its label after five days. */
beforeAll(async () => {
  engine = (await started).engine;
  await engine.materialise({
    name: "simulated",
    runId: "simulated",
    sql: `SELECT i::VARCHAR AS decision_id, TIMESTAMPTZ '${AS_OF}' - INTERVAL 1 MINUTE * (i * 144) AS decided_at, 0.5 AS score,
        'block' AS decision, i % 2 = 0 AS label, 'stated' AS label_source, false AS reconstructed FROM range(1500) AS r(i)`,
  });
  await engine.setRelations({
    statements: [
      "CREATE SCHEMA IF NOT EXISTS card",
      `CREATE OR REPLACE VIEW card.outcomes AS SELECT * EXCLUDE (label, label_source),
         CASE WHEN decided_at + INTERVAL 5 DAY <= TIMESTAMPTZ '${AS_OF}' THEN label END AS label,
         CASE WHEN decided_at + INTERVAL 5 DAY <= TIMESTAMPTZ '${AS_OF}' THEN label_source END AS label_source,
         CASE WHEN decided_at + INTERVAL 5 DAY <= TIMESTAMPTZ '${AS_OF}' THEN decided_at + INTERVAL 5 DAY END AS label_known_at FROM "simulated"`,
      "CREATE OR REPLACE VIEW card.decisions AS SELECT * EXCLUDE (label, label_source, label_known_at) FROM card.outcomes",
      "CREATE OR REPLACE VIEW card.feedback AS SELECT '' AS feedback_id, decision_id, decided_at AS observed_at, NULL::VARCHAR AS supersedes FROM card.decisions WHERE false",
      "CREATE OR REPLACE VIEW card.quarantine AS SELECT '' AS kind WHERE false",
    ],
  });
  return async () => (await started)[Symbol.asyncDispose]();
});

const precision = async (given: Measuring) => {
  const spec = { from: "card", metrics: ["precision"], window: "mature 2 weeks", min_rows: 1 };
  const { readings, display } = await measure(engine, "kpi", spec, { streams: [STREAM], window: null, ...given });
  return { reading: readings.find(({ metric }) => metric === "precision")!, notes: (display as KpiDisplay).notes };
};
const weeks = (from: string, to: string) => [`${from}T00:00:00.000Z`, `${to}T00:00:00.000Z`];

test("a kpi over mature weeks takes those up to the due time, as the as-of knows their labels", async () => {
  const now = await precision({});
  expect(now.reading).toMatchObject({ window: weeks("2026-02-09", "2026-02-23"), value: 0.5, n: 140, asOf: AS_OF });
  const late = await precision({ dueAt: "2026-02-11T07:00:00.000Z" });
  expect(late.reading).toMatchObject({ window: weeks("2026-01-26", "2026-02-09"), value: 0.5, n: 140, asOf: AS_OF });
  expect(late.reading.maturity).toBe(1);
});

test("where no week up to the due time is mature, that is said, and nothing is measured", async () => {
  const { reading, notes } = await precision({ dueAt: "2025-06-02T07:00:00.000Z" });
  expect(reading).toMatchObject({ verdict: "no-data", value: null });
  expect(notes[0]).toBe(
    `No week up to 2025-06-02T07:00:00.000Z is mature yet at ${AS_OF}: the labels of too few decisions have come.`,
  );
});
