import { expect, test } from "vitest";
import { accountMetrics } from "../../../../cells/statistics/outcomes/accounts.ts";
import { capacityMetrics } from "../../../../cells/statistics/outcomes/capacity.ts";
import { confusionMetrics } from "../../../../cells/statistics/outcomes/confusion.ts";
import { KPI_METRIC_NAMES, KPI_METRICS } from "../../../../cells/statistics/outcomes/metrics.ts";
import { payoffMetrics } from "../../../../cells/statistics/outcomes/payoff.ts";

const CONFUSION = { tp: 60, fp: 20, tn: 100, fn: 40 };
const DAYS = Array.from({ length: 10 }, (_, index) => ({
  day: `2026-03-${index + 10}`,
  groups: [{ score: 1, n: 10, positives: index, unlabelled: 0, amountPositive: index }],
}));

test("every metric is listed once, with a definition number", () => {
  expect(new Set(KPI_METRIC_NAMES).size).toBe(KPI_METRIC_NAMES.length);
  expect(Object.keys(KPI_METRICS)).toEqual([...KPI_METRIC_NAMES]);
  for (const name of KPI_METRIC_NAMES) expect(KPI_METRICS[name].definition).toBe(`${name}@1`);
});

test("what the functions compute is listed, and closed intervals are those that they give", () => {
  const computed = {
    ...confusionMetrics(CONFUSION),
    ...payoffMetrics({ n: 10, tp: 1, fp: 2, tn: 3, fn: 4, alwaysYes: -1, alwaysNo: -2 }),
    ...accountMetrics({
      fraudAccounts: 10,
      detectedAccounts: 5,
      alertedNonFraudAccounts: 3,
      fraudAmount: 100,
      amountFromFirstAlert: 50,
      amountAfterFirstAlert: 40,
      amountAlerted: 45,
      rows: CONFUSION,
    }),
  };
  const { precision_at_k, recall_at_k, amount_at_k } = capacityMetrics(DAYS, 5);
  for (const [name, estimate] of Object.entries({ ...computed, precision_at_k, recall_at_k, amount_at_k })) {
    const listed = KPI_METRICS[name as keyof typeof KPI_METRICS];
    expect([name, listed.interval === "closed"]).toEqual([name, estimate.lower !== null]);
  }
});

test("shares of positives stand without negatives, all that counts negatives needs them", () => {
  const without = KPI_METRIC_NAMES.filter(
    (name) => !KPI_METRICS[name].needs.some((need) => need === "negatives" || need === "label_value"),
  );
  expect(without).toEqual(
    "tp fn recall fnr precision_at_k recall_at_k amount_at_k adr vdr_realtime vdr_online tdr value_recall".split(" "),
  );
});
