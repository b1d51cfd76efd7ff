import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  calibrationOf,
  decidedAt,
  estimatePerformance,
  probabilityOf,
  samplingBand,
} from "../../../../cells/statistics/outcomes/estimated.ts";
import { isotonic, isotonicAt } from "../../../../cells/statistics/outcomes/isotonic.ts";
import type { ScoreCurve } from "../../../../cells/statistics/outcomes/score-curve.ts";
import { curveOf, mean, mixedRows, numbersIn, type ScoredRow, scoredRows } from "./random-rows.ts";

/**
 * Least squares over non-decreasing functions, by its min-max formula: max over i ≤ k, min over j ≥ k, of the mean of i
 * to j.
 */
function minMax(rows: readonly ScoredRow[]): Map<number, number> {
  const scores = [...new Set(rows.map((row) => row.score))].sort((left, right) => left - right);
  const meanBetween = (low: number, high: number): number =>
    mean(rows.filter((row) => row.score >= low && row.score <= high).map((row) => Number(row.positive)));
  return new Map(
    scores.map((score) => {
      const before = scores.filter((low) => low <= score);
      const after = scores.filter((high) => high >= score);
      return [score, Math.max(...before.map((low) => Math.min(...after.map((high) => meanBetween(low, high)))))];
    }),
  );
}

/** Rows whose share of positives is exactly this of their score, at 0.05, 0.15 … 0.95. */
function fold(share: (score: number) => number): ScoreCurve {
  const scores = Array.from({ length: 10 }, (_, index) => 0.95 - index / 10);
  return {
    scores: Float64Array.from(scores),
    positives: Float64Array.from(scores, (score) => Math.round(1000 * share(score))),
    negatives: Float64Array.from(scores, (score) => 1000 - Math.round(1000 * share(score))),
  };
}

const three = (curve: ScoreCurve): [ScoreCurve, ScoreCurve, ScoreCurve] => [curve, curve, curve];

describe("isotonic regression", () => {
  test("equals the min-max formula at every score", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const fit = isotonic(curveOf(rows));
        if (rows.length === 0) expect(fit).toBeNull();
        for (const [score, value] of minMax(rows)) expect(isotonicAt(fit!, score)).toBeCloseTo(value, 12);
      }),
      { numRuns: 50 },
    );
  });

  test("never falls, is linear between its points and constant beyond them", () => {
    const fit = isotonic(
      curveOf([
        { score: 1, positive: false },
        { score: 2, positive: true },
        { score: 3, positive: false },
        { score: 5, positive: true },
      ]),
    )!;
    expect([-9, 1, 1.5, 2, 2.7, 3, 4, 5, 99].map((score) => isotonicAt(fit, score))).toEqual([
      0, 0, 0.25, 0.5, 0.5, 0.5, 0.75, 1, 1,
    ]);
    fc.assert(
      fc.property(mixedRows, fc.array(fc.double({ min: -1, max: 2, noNaN: true })), (rows, scores) => {
        const values = scores
          .sort((left, right) => left - right)
          .map((score) => isotonicAt(isotonic(curveOf(rows))!, score));
        expect(values).toEqual(values.toSorted((left, right) => left - right));
      }),
    );
  });

  test("holds at the ends of the doubles", () => {
    const fit = isotonic(
      curveOf([
        { score: -1.7e308, positive: false },
        { score: 1.7e308, positive: true },
      ]),
    )!;
    expect(isotonicAt(fit, 0)).toBeCloseTo(0.5, 14);
  });
});

describe("calibration", () => {
  test("is kept where it lowers the out-of-fold error", () => {
    const overconfident = calibrationOf(three(fold((score) => score / 2)))!;
    expect(overconfident.eceRaw).toBeCloseTo(0.25, 2);
    expect(overconfident.eceCalibrated).toBeCloseTo(0, 12);
    expect(probabilityOf(overconfident, 0.55)).toBeCloseTo(0.275, 12);
  });

  test("is not kept where the scores are calibrated", () => {
    const honest = calibrationOf([
      fold((score) => score),
      fold((score) => Math.min(1, score + 0.04)),
      fold((score) => Math.max(0, score - 0.04)),
    ])!;
    expect(honest.isotonic).toBeNull();
    expect(probabilityOf(honest, 0.3)).toBe(0.3);
    expect(probabilityOf(honest, 1.3)).toBe(1);
  });

  test("of scores that are no probabilities is kept, and impossible without rows to learn from", () => {
    const points = (offset: number): ScoreCurve => ({
      ...fold((score) => score),
      scores: fold(() => 0).scores.map((score) => 500 + offset + score),
    });
    expect(calibrationOf(three(points(0)))).toMatchObject({ eceRaw: null, eceCalibrated: expect.closeTo(0, 12) });
    expect(calibrationOf(three(curveOf([])))).toBeNull();
    expect(calibrationOf([points(0), curveOf([]), curveOf([])])).toBeNull();
  });
});

describe("estimated performance", () => {
  const asTheyAre = { isotonic: null, eceRaw: 0, eceCalibrated: null };

  test("four rows worked by hand", () => {
    const decided = decidedAt(
      [0.9, 0.6, 0.4, 0.1].map((score) => ({ score, n: 1 })),
      0.6,
    );
    const { confusion, metrics, rocAuc } = estimatePerformance(asTheyAre, decided);
    expect(confusion.tp).toBeCloseTo(1.5, 14);
    expect(confusion.fp).toBeCloseTo(0.5, 14);
    expect(confusion.fn).toBeCloseTo(0.5, 14);
    expect(confusion.tn).toBeCloseTo(1.5, 14);
    expect(metrics.precision.value).toBeCloseTo(0.75, 14);
    expect(metrics.precision.lower).toBeNull();
    // negatives 0.1 0.4 0.6 0.9 down the score, positives above or tied half: 0.045 + 0.48 + 1.02 + 1.755 of 4
    expect(rocAuc).toBeCloseTo((0.1 * 0.45 + 0.4 * (0.9 + 0.3) + 0.6 * (1.5 + 0.2) + 0.9 * (1.9 + 0.05)) / 4, 14);
  });

  test("counts add up, in any order and any split of a score, and AUC is expected pair counting", () => {
    const histogram = fc.array(
      fc.record({ score: fc.integer({ min: 0, max: 10 }).map((step) => step / 10), n: fc.integer({ min: 1, max: 9 }) }),
      { maxLength: 12, size: "max" },
    );
    fc.assert(
      fc.property(histogram, fc.double({ min: 0, max: 1, noNaN: true }), (counts, threshold) => {
        const estimated = estimatePerformance(asTheyAre, decidedAt(counts, threshold));
        const { tp, fp, tn, fn } = estimated.confusion;
        const n = counts.reduce((sum, count) => sum + count.n, 0);
        expect(tp + fp + tn + fn).toBeCloseTo(n, 10);
        expect(tp + fn).toBeCloseTo(
          counts.reduce((sum, count) => sum + count.n * count.score, 0),
          10,
        );
        expect(estimatePerformance(asTheyAre, decidedAt(counts.toReversed(), threshold))).toEqual(estimated);
        const rows = counts.flatMap(({ score, n }) => Array<number>(n).fill(score));
        let [won, pairs] = [0, 0];
        for (const positive of rows) {
          for (const negative of rows) {
            won += positive * (1 - negative) * ((Math.sign(positive - negative) + 1) / 2);
            pairs += positive * (1 - negative);
          }
        }
        if (pairs > 0) expect(estimated.rocAuc).toBeCloseTo(won / pairs, 10);
        else expect(estimated.rocAuc).toBeNull();
        expect(numbersIn(estimated).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test("the band is three standard errors wide on each side", () => {
    const error = 0.02;
    expect(samplingBand(0.8, error)!.lower).toBeCloseTo(0.74, 14);
    expect(samplingBand(0.98, error)!.upper).toBe(1);
    expect(samplingBand(null, error)).toBeNull();
  });
});
