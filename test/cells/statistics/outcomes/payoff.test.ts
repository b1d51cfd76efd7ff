import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bayesThreshold,
  bestThreshold,
  constantPayoff,
  type PayoffCurve,
  payoffMetrics,
} from "../../../../cells/statistics/outcomes/payoff.ts";
import { numbersIn } from "./random-rows.ts";

interface Row {
  readonly score: number;
  readonly alerted: number;
  readonly passed: number;
}

function curveOf(rows: readonly Row[]): PayoffCurve {
  const scores = [...new Set(rows.map((row) => row.score))].sort((left, right) => right - left);
  const sum = (score: number, side: "alerted" | "passed"): number =>
    rows.filter((row) => row.score === score).reduce((total, row) => total + row[side], 0);
  return {
    scores: Float64Array.from(scores),
    alerted: Float64Array.from(scores, (score) => sum(score, "alerted")),
    passed: Float64Array.from(scores, (score) => sum(score, "passed")),
  };
}

describe("payoff", () => {
  test("four rows with costs of their own: cost 3, savings ½", () => {
    // truth 0 1 1 0, decided 0 1 0 0; costs of a false alert 4 1 2 2, of a miss 1 3 3 1
    const sums = { n: 4, tp: 0, fp: 0, tn: 0, fn: -3, alwaysYes: -(4 + 2), alwaysNo: -(3 + 3) };
    const metrics = payoffMetrics(sums);
    expect(metrics.payoff_total.value).toBe(-3);
    expect(metrics.payoff_per_decision.value).toBe(-0.75);
    expect(metrics.savings.value).toBe(0.5);
  });

  test.each([
    [2277, 77, 2337, 309, 775],
    [2164, 76, 2466, 294, 710],
    [2158, 70, 2501, 271, 655],
  ])("constant payoffs of %i tp, %i fp, %i tn, %i fn total %i", (tp, fp, tn, fn, expected) => {
    const sums = constantPayoff({ tp, fp, tn, fn }, { tp: 0, fp: -10, tn: 0, fn: 5 });
    expect(payoffMetrics(sums).payoff_total.value).toBe(expected);
    expect(payoffMetrics(sums).payoff_per_decision).toMatchObject({
      value: expected / (tp + fp + tn + fn),
      n: tp + fp + tn + fn,
    });
  });

  test("savings need a base cost: none where doing nothing pays", () => {
    const none = { n: 2, tp: 5, fp: 0, tn: 0, fn: 0, alwaysYes: 3, alwaysNo: -8 };
    expect(payoffMetrics(none).savings.value).toBeNull();
    const free = { ...none, alwaysYes: 0 };
    expect(payoffMetrics(free).savings.value).toBeNull();
    const empty = { n: 0, tp: 0, fp: 0, tn: 0, fn: 0, alwaysYes: 0, alwaysNo: 0 };
    expect(Object.values(payoffMetrics(empty)).map(({ value }) => value)).toEqual([null, null, null]);
  });

  test("always-no and always-yes save nothing when they are the better base, perfect decisions all", () => {
    const each = { tp: 0, fp: -1, tn: 0, fn: -20 };
    const always = (yes: boolean) =>
      constantPayoff(yes ? { tp: 5, fp: 60, tn: 0, fn: 0 } : { tp: 0, fp: 0, tn: 60, fn: 5 }, each);
    expect(payoffMetrics(always(true)).savings.value).toBe(0);
    expect(payoffMetrics(always(false)).savings.value).toBeCloseTo(1 - 100 / 60, 14);
    expect(payoffMetrics(constantPayoff({ tp: 5, fp: 0, tn: 60, fn: 0 }, each)).savings.value).toBe(1);
  });
});

describe("the best threshold", () => {
  const amount = fc.integer({ min: -500, max: 500 }).map((cents) => cents / 100);
  const rows = fc.array(
    fc.record({ score: fc.integer({ min: 0, max: 8 }).map((step) => step / 8), alerted: amount, passed: amount }),
    { minLength: 1, maxLength: 40, size: "max" },
  );

  test("is the best of all scores and of alerting nothing, the highest of equals", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const cents = (threshold: number): number =>
          some.reduce((sum, row) => sum + Math.round(100 * (row.score >= threshold ? row.alerted : row.passed)), 0);
        const candidates = [Infinity, ...curveOf(some).scores];
        const totals = candidates.map(cents);
        const best = bestThreshold(curveOf(some))!;
        expect([...best.thresholds]).toEqual(candidates);
        expect(best.threshold).toBe(candidates[totals.indexOf(Math.max(...totals))]);
        expect(best.payoff).toBe(best.payoffs[best.index]);
        totals.forEach((total, index) => {
          expect(best.payoffs[index]).toBeCloseTo(total / 100, 10);
        });
        expect(numbersIn(best).every((number) => !Number.isNaN(number))).toBe(true);
      }),
    );
  });

  test("of equal payoffs is the highest, also where only rounding tells them apart", () => {
    const some = [
      { score: 0.9, alerted: 0.3, passed: 0 },
      { score: 0.8, alerted: 0.1, passed: 0.1 },
      { score: 0.7, alerted: 0.1 + 0.2, passed: 0.3 },
    ];
    expect(bestThreshold(curveOf(some))).toMatchObject({ threshold: 0.9, index: 1 });
    expect(bestThreshold(curveOf(some.slice(1)))).toMatchObject({ threshold: Infinity, index: 0 });
  });

  test("is none without scores, and nothing is alerted where alerts only cost", () => {
    expect(bestThreshold(curveOf([]))).toBeNull();
    expect(bestThreshold(curveOf([{ score: 0.9, alerted: -5, passed: 0 }]))).toMatchObject({
      threshold: Infinity,
      payoff: 0,
    });
  });
});

describe("the Bayes threshold", () => {
  test("follows the cost of a false alert and of a miss", () => {
    expect(bayesThreshold({ tp: 0, fp: 1, tn: 0, fn: 9 })).toBe(0.1);
    expect(bayesThreshold({ tp: 2, fp: 2, tn: 0, fn: 100 })).toBe(0.02);
    expect(bayesThreshold({ tp: 0, fp: 0, tn: 0, fn: 0 })).toBeNull();
    expect(bayesThreshold({ tp: 5, fp: 1, tn: 0, fn: 1 })).toBeNull();
    expect(bayesThreshold({ tp: 1, fp: 3, tn: 0, fn: 0 })).toBeNull();
  });

  test("is where the expected costs of alerting and passing are equal", () => {
    const cost = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(cost, cost, cost, cost, (tp, tn, extraFp, extraFn) => {
        const costs = { tp, tn, fp: tn + extraFp, fn: tp + extraFn };
        const p = bayesThreshold(costs);
        if (extraFp + extraFn === 0) expect(p).toBeNull();
        else expect(p! * costs.tp + (1 - p!) * costs.fp).toBeCloseTo(p! * costs.fn + (1 - p!) * costs.tn, 10);
      }),
    );
  });
});
