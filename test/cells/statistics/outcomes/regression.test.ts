import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RegressionSums, regressionMetrics } from "../../../../cells/statistics/outcomes/regression.ts";
import { mean, numbersIn } from "./random-rows.ts";

interface Row {
  readonly truth: number;
  readonly predicted: number;
}

const QUANTILE = 0.8;

/** What an engine would sum. */
function sumsOf(rows: readonly Row[], centre = 0): RegressionSums {
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const error = ({ truth, predicted }: Row): number => predicted - truth;
  return {
    n: rows.length,
    sumError: sum(error),
    sumAbs: sum((row) => Math.abs(error(row))),
    sumSquared: sum((row) => error(row) ** 2),
    sumRelative: sum((row) => (row.truth === 0 ? 0 : Math.abs(error(row) / row.truth))),
    truthZero: rows.filter((row) => row.truth === 0).length,
    sumSymmetric: sum((row) => {
      const scale = Math.abs(row.truth) + Math.abs(row.predicted);
      return scale === 0 ? 0 : (2 * Math.abs(error(row))) / scale;
    }),
    sumTruthCentred: sum((row) => row.truth - centre),
    sumTruthCentredSquared: sum((row) => (row.truth - centre) ** 2),
    pinball: {
      quantile: QUANTILE,
      sum: sum((row) => Math.max(QUANTILE * -error(row), (QUANTILE - 1) * -error(row))),
    },
  };
}

const value = fc.oneof(fc.constantFrom(0, 1, -1, 100), fc.double({ min: -1e4, max: 1e4, noNaN: true }));
const rows = fc.array(fc.record({ truth: value, predicted: value }), { maxLength: 30, size: "max" });

describe("regression metrics", () => {
  test("three rows worked by hand", () => {
    const metrics = regressionMetrics(
      sumsOf([
        { truth: 10, predicted: 12 },
        { truth: 0, predicted: 0 },
        { truth: 20, predicted: 15 },
      ]),
    );
    expect(metrics.mae.value).toBeCloseTo(7 / 3, 14);
    expect(metrics.rmse.value).toBeCloseTo(Math.sqrt(29 / 3), 14);
    expect(metrics.bias.value).toBe(-1);
    expect(metrics.mape).toMatchObject({ value: (0.2 + 0.25) / 2, n: 2 });
    expect(metrics.truthZero).toBe(1);
    expect(metrics.smape.value).toBeCloseTo((4 / 22 + 0 + 10 / 35) / 3, 14);
    expect(metrics.r2.value).toBeCloseTo(1 - 29 / 200, 14);
    expect(metrics.pinball.value).toBeCloseTo((0.2 * 2 + 0.8 * 5) / 3, 14);
    expect(metrics.quantile).toBe(0.8);
    expect(metrics.mae.upper).toBeCloseTo(7 / 3 + 1.959963984540054 * Math.sqrt((29 - 49 / 3) / 2 / 3), 12);
  });

  test("have no value without rows, and r2 none for a constant truth, even far from 0", () => {
    const nothing = regressionMetrics(sumsOf([]));
    const names = ["mae", "rmse", "mape", "smape", "r2", "bias", "pinball"] as const;
    expect(names.map((name) => nothing[name].value)).toEqual(Array(7).fill(null));
    for (const truth of [0, 5, 0.1, 1e9 + 0.1]) {
      const constant = [1, 2, 3, 4, 5, 6, 7].map((predicted) => ({ truth, predicted }));
      expect(regressionMetrics(sumsOf(constant)).r2.value).toBeNull();
    }
    expect(regressionMetrics({ ...sumsOf([]), pinball: null }).quantile).toBeNull();
  });

  test("r2 is 1 for perfect predictions and 0 for the mean, wherever the sums were centred", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2 }), value, (truths, centre) => {
        const perfect = truths.map((truth) => ({ truth, predicted: truth }));
        expect(regressionMetrics(sumsOf(perfect, centre)).r2.value).toBe(1);
        const average = truths.map((truth) => ({ truth, predicted: mean(truths) }));
        expect(regressionMetrics(sumsOf(average, mean(truths))).r2.value).toBeCloseTo(0, 9);
      }),
    );
  });

  test("keep digits near 2^53 when the sums are centred", () => {
    const large = [0, 2, 4, 6].map((step) => ({ truth: 2 ** 53 + step, predicted: 2 ** 53 + step + 2 }));
    expect(regressionMetrics(sumsOf(large, 2 ** 53)).r2.value).toBeCloseTo(1 - 16 / 20, 14);
  });

  test("are finite, and rmse ≥ mae ≥ |bias|", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const metrics = regressionMetrics(sumsOf(some));
        expect(numbersIn(metrics).every((number) => !Number.isNaN(number))).toBe(true);
        if (some.length === 0) return;
        expect(metrics.rmse.value! * (1 + 1e-9) + 1e-9).toBeGreaterThanOrEqual(metrics.mae.value!);
        expect(metrics.mae.value! * (1 + 1e-9) + 1e-9).toBeGreaterThanOrEqual(Math.abs(metrics.bias.value!));
        expect(metrics.smape.value).toBeLessThanOrEqual(2);
      }),
    );
  });
});
