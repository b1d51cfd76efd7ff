import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConfusionMetrics, confusionMetrics } from "../../../../cells/statistics/outcomes/confusion.ts";
import { meanEstimate, student95, studentMean, wilson } from "../../../../cells/statistics/outcomes/interval.ts";
import { numbersIn } from "./random-rows.ts";

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1e9 }));
const confusion = fc.record({ tp: count, fp: count, tn: count, fn: count });

function values(metrics: ConfusionMetrics): Record<string, number | null> {
  return Object.fromEntries(Object.entries(metrics).map(([name, estimate]) => [name, estimate.value]));
}

describe("confusion metrics", () => {
  test("a table worked by hand", () => {
    const metrics = confusionMetrics({ tp: 6, fp: 2, tn: 10, fn: 4 });
    expect(values(metrics)).toEqual({
      precision: 6 / 8,
      recall: 6 / 10,
      f1: 12 / 18,
      f_beta: 30 / 48,
      specificity: 10 / 12,
      fpr: 2 / 12,
      fnr: 4 / 10,
      accuracy: 16 / 22,
      balanced_accuracy: (6 / 10 + 10 / 12) / 2,
      mcc: expect.closeTo((6 * 10 - 2 * 4) / Math.sqrt(8 * 10 * 12 * 14), 14),
      prevalence: 10 / 22,
      alert_rate: 8 / 22,
    });
    expect(metrics.precision.n).toBe(8);
    expect(metrics.recall.n).toBe(10);
    expect(metrics.fpr.n).toBe(12);
    expect(metrics.accuracy.n).toBe(22);
  });

  test("zero denominators have no value", () => {
    expect(Object.values(values(confusionMetrics({ tp: 0, fp: 0, tn: 0, fn: 0 })))).toEqual(Array(12).fill(null));
    const noAlerts = confusionMetrics({ tp: 0, fp: 0, tn: 5, fn: 3 });
    expect(noAlerts.precision).toEqual({ value: null, lower: null, upper: null, n: 0 });
    expect(noAlerts.recall.value).toBe(0);
    expect(noAlerts.f1.value).toBe(0);
    expect(noAlerts.mcc.value).toBeNull();
  });

  test("Wilson's interval, as published for 15 of 148 (Newcombe 1998: 0.0624 to 0.1605)", () => {
    const { lower, upper } = wilson(15, 148);
    expect(lower).toBeCloseTo(0.0624, 4);
    expect(upper).toBeCloseTo(0.1605, 4);
    expect(wilson(0, 20).lower).toBe(0);
    expect(wilson(0, 20).upper).toBeCloseTo(0.1611, 4);
    expect(wilson(20, 20).upper).toBe(1);
  });

  test("Wilson's ends are where the score test of the share has z = 1.96", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const successes = Math.round(n * share);
        const { value, lower, upper } = wilson(successes, n);
        for (const end of [lower!, upper!]) {
          if (end === 0 || end === 1) continue;
          expect(Math.abs(value! - end) / Math.sqrt((end * (1 - end)) / n)).toBeCloseTo(1.959963984540054, 5);
        }
      }),
    );
  });

  test("amounts carry no interval", () => {
    const { precision, recall } = confusionMetrics({ tp: 120.5, fp: 80, tn: 1e4, fn: 30 }, { intervals: false });
    expect(precision).toEqual({ value: 120.5 / 200.5, lower: null, upper: null, n: 200.5 });
    expect(recall.lower).toBeNull();
  });

  test("shares lie in their intervals, all is finite, and swapping the classes swaps the metrics", () => {
    fc.assert(
      fc.property(confusion, (table) => {
        const metrics = confusionMetrics(table);
        for (const { value, lower, upper } of Object.values(metrics)) {
          if (lower === null) continue;
          expect(lower).toBeLessThanOrEqual(value);
          expect(upper).toBeGreaterThanOrEqual(value);
        }
        expect(numbersIn(metrics).every(Number.isFinite)).toBe(true);
        const swapped = confusionMetrics({ tp: table.tn, fp: table.fn, tn: table.tp, fn: table.fp });
        expect(swapped.recall).toEqual(metrics.specificity);
        expect(swapped.mcc).toEqual(metrics.mcc);
        expect(swapped.balanced_accuracy).toEqual(metrics.balanced_accuracy);
      }),
    );
  });

  test("perfect decisions have mcc 1, inverted ones −1, and f_beta of beta 1 is f1", () => {
    fc.assert(
      fc.property(confusion, (table) => {
        const [positives, negatives] = [table.tp + 1, table.tn + 1];
        expect(confusionMetrics({ tp: positives, fp: 0, tn: negatives, fn: 0 }).mcc.value).toBeCloseTo(1, 14);
        expect(confusionMetrics({ tp: 0, fp: negatives, tn: 0, fn: positives }).mcc.value).toBeCloseTo(-1, 14);
        const { f1, f_beta } = confusionMetrics(table, { beta: 1 });
        expect(f_beta).toEqual(f1);
      }),
    );
  });
});

describe("means", () => {
  test("a mean of rows has its normal interval", () => {
    // 1, 2, 3, 4: variance 5/3, standard error √(5/12)
    const { value, lower, upper } = meanEstimate({ n: 4, sum: 10, sumSquared: 30 });
    expect(value).toBe(2.5);
    expect(upper! - 2.5).toBeCloseTo(1.959963984540054 * Math.sqrt(5 / 12), 14);
    expect(2.5 - lower!).toBeCloseTo(1.959963984540054 * Math.sqrt(5 / 12), 14);
    expect(meanEstimate({ n: 1, sum: 3, sumSquared: 9 })).toEqual({ value: 3, lower: null, upper: null, n: 1 });
    expect(meanEstimate({ n: 0, sum: 0, sumSquared: 0 }).value).toBeNull();
  });

  test.each([
    [5, 2.570582],
    [7, 2.364624],
    [10, 2.228139],
    [29, 2.04523],
    [100, 1.983972],
  ])("Student's quantile with %i degrees of freedom is %f", (degrees, expected) => {
    expect(Math.abs(student95(degrees) - expected)).toBeLessThan(0.001);
  });

  test("a mean of fewer than six days has no interval", () => {
    expect(studentMean([1, 2, 3, 4, 5])).toEqual({ value: 3, lower: null, upper: null, n: 5 });
    expect(studentMean([2, 2, 2, 2, 2, 2])).toEqual({ value: 2, lower: 2, upper: 2, n: 6 });
    expect(studentMean([]).value).toBeNull();
  });
});
