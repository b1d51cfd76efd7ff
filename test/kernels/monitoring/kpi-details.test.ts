import { beforeAll, expect, test } from "vitest";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { startEngine } from "../engine/start-engine.ts";
import { found, keep, measure } from "./measuring.ts";

const started = startEngine();
let engine: ChildSqlEngine;
beforeAll(async () => {
  engine = (await started).engine;
  return async () => (await started)[Symbol.asyncDispose]();
});

const TYPES = {
  id: "INTEGER",
  t: "TIMESTAMP",
  account: "VARCHAR",
  amount: "DOUBLE",
  score: "DOUBLE",
  fraud: "BOOLEAN",
  y: "DOUBLE",
};
const rows = Array.from({ length: 60 }, (_, at) => ({
  id: at,
  t: `2026-02-${String(1 + (at % 28)).padStart(2, "0")} 10:00:00`,
  account: `a-${at % 11}`,
  amount: ((at * 37) % 101) / 4,
  score: ((at * 29) % 100) / 100,
  fraud: at % 4 === 0,
  y: (at % 7) + 1,
}));

test("a reading holds the sums that its value was made of", async () => {
  await keep(engine, "rows", TYPES, rows);
  const columns = { truth: "fraud", entity: "account", amount: "amount", score: "score", time: "t" };
  const { readings } = await measure(
    engine,
    "kpi",
    {
      from: "rows",
      columns,
      threshold: 0.5,
      metrics: ["adr", "value_recall", "payoff_total", "payoff_per_decision"],
      payoff: { tp: "amount", fp: -5, fn: "-amount", tn: 0 },
      min_rows: 1,
    },
    { window: null },
  );
  const of = (metric: string) => {
    const { value, reason, details } = found(readings, { metric });
    expect(value, String(reason)).not.toBeNull();
    return { value: value!, sums: details as Record<string, number> };
  };
  const adr = of("adr");
  expect(adr.value).toBeCloseTo(adr.sums.detected_accounts! / adr.sums.fraud_accounts!, 11);
  expect(adr.sums.fraud_accounts).toBe(new Set(rows.filter(({ fraud }) => fraud).map(({ account }) => account)).size);
  const recall = of("value_recall");
  expect(recall.value).toBeCloseTo(recall.sums.alerted_fraud_amount! / recall.sums.fraud_amount!, 11);
  const payoff = of("payoff_total");
  const { tp_payoff, fp_payoff, tn_payoff, fn_payoff } = payoff.sums;
  expect(payoff.value).toBeCloseTo(tp_payoff! + fp_payoff! + tn_payoff! + fn_payoff!, 9);
  expect(of("payoff_per_decision").value).toBeCloseTo(payoff.value / rows.length, 9);

  const errors = await measure(
    engine,
    "kpi",
    { from: "rows", columns: { truth: "y", score: "score", time: "t" }, metrics: ["mae", "bias"], min_rows: 1 },
    { window: null },
  );
  const mae = found(errors.readings, { metric: "mae" });
  expect(mae.value).toBeCloseTo((mae.details.abs_sum as number) / mae.n, 11);
});
