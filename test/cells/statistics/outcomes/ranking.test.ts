import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  averagePrecision,
  delongComponents,
  gini,
  ksScore,
  rocAuc,
} from "../../../../cells/statistics/outcomes/ranking.ts";
import { confusionAt, mergeCurves, thresholdCurve } from "../../../../cells/statistics/outcomes/score-curve.ts";
import { curveOf, mean, mixedRows, numbersIn, type ScoredRow, scoredRows, TEN_ROWS } from "./random-rows.ts";

const scoresOf = (rows: readonly ScoredRow[], positive: boolean): number[] =>
  rows.filter((row) => row.positive === positive).map((row) => row.score);

/** 1, ½ or 0: how a positive's score beats a negative's. */
const beats = (positive: number, negative: number): number => (Math.sign(positive - negative) + 1) / 2;

function pairwise(rows: readonly ScoredRow[]) {
  const [positives, negatives] = [scoresOf(rows, true), scoresOf(rows, false)];
  const variance = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1);
  const ofPositives = positives.map((positive) => mean(negatives.map((negative) => beats(positive, negative))));
  const ofNegatives = negatives.map((negative) => mean(positives.map((positive) => beats(positive, negative))));
  return { auc: mean(ofPositives), ofPositives: variance(ofPositives), ofNegatives: variance(ofNegatives) };
}

/** Row by row: for each distinct score as the threshold, counts by scanning all rows. */
function scanned(rows: readonly ScoredRow[]) {
  const thresholds = [...new Set(rows.map((row) => row.score))].sort((left, right) => right - left);
  const counted = (test: (row: ScoredRow) => boolean): number => rows.filter(test).length;
  return thresholds.map((threshold) => ({
    threshold,
    tp: counted((row) => row.positive && row.score >= threshold),
    fp: counted((row) => !row.positive && row.score >= threshold),
    tn: counted((row) => !row.positive && row.score < threshold),
    fn: counted((row) => row.positive && row.score < threshold),
  }));
}

describe("ten rows", () => {
  const curve = curveOf(TEN_ROWS);

  test("have known metrics", () => {
    expect(rocAuc(curve).value).toBe(0.875);
    expect(averagePrecision(curve)).toBeCloseTo(0.75, 14);
    expect(ksScore(curve)).toBe(0.75);
    expect(gini(curve).value).toBe(0.75);
  });

  test.each([
    [0.9, 1, 0.5, 0],
    [0.45, 0.5, 0.5, 0.125],
    [0.35, 0.5, 1, 0.25],
    [0.2, 2 / 7, 1, 0.625],
  ])("at threshold %f precision %f, recall %f, fpr %f", (threshold, precision, recall, fpr) => {
    const { tp, fp, tn, fn } = confusionAt(curve, threshold);
    expect([tp / (tp + fp), tp / (tp + fn), fp / (fp + tn)]).toEqual([precision, recall, fpr]);
  });
});

describe("score curves", () => {
  test("equal the scan of all rows at every threshold", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const curve = curveOf(rows);
        const { thresholds, tp, fp, tn, fn } = thresholdCurve(curve);
        const points = Array.from(thresholds, (threshold, index) => {
          return { threshold, tp: tp[index], fp: fp[index], tn: tn[index], fn: fn[index] };
        });
        expect(points).toEqual(scanned(rows));
        for (const { threshold, ...counts } of scanned(rows)) expect(confusionAt(curve, threshold)).toEqual(counts);
      }),
    );
  });

  test("do not depend on the order of rows, nor on how the rows were split", () => {
    fc.assert(
      fc.property(scoredRows, fc.nat(), (rows, cut) => {
        const at = cut % (rows.length + 1);
        expect(curveOf(rows.toReversed())).toEqual(curveOf(rows));
        expect(mergeCurves([curveOf(rows.slice(at)), curveOf(rows.slice(0, at))])).toEqual(curveOf(rows));
      }),
    );
  });

  test("leave out what is not a score", () => {
    const rows = [NaN, Infinity, -Infinity, 0.5].map((score) => ({ score, positive: true }));
    expect([...curveOf(rows).scores]).toEqual([0.5]);
    expect([...curveOf([-0, 0].map((score) => ({ score, positive: true }))).positives]).toEqual([2]);
  });
});

describe("ranking metrics", () => {
  test("AUC and DeLong's variances equal pair counting", () => {
    fc.assert(
      fc.property(mixedRows, (rows) => {
        const curve = curveOf(rows);
        const naive = pairwise(rows);
        expect(rocAuc(curve).value).toBeCloseTo(naive.auc, 12);
        const components = delongComponents(curve);
        if (scoresOf(rows, true).length < 2 || scoresOf(rows, false).length < 2) {
          expect(components).toBeNull();
          expect(rocAuc(curve).lower).toBeNull();
          return;
        }
        expect(components!.ofPositives).toBeCloseTo(naive.ofPositives, 12);
        expect(components!.ofNegatives).toBeCloseTo(naive.ofNegatives, 12);
        const half =
          1.959963984540054 *
          Math.sqrt(naive.ofPositives / scoresOf(rows, true).length + naive.ofNegatives / scoresOf(rows, false).length);
        expect(rocAuc(curve).lower).toBeCloseTo(Math.max(0, naive.auc - half), 8);
        expect(rocAuc(curve).upper).toBeCloseTo(Math.min(1, naive.auc + half), 8);
      }),
    );
  });

  test("average precision and KS equal their definitions", () => {
    fc.assert(
      fc.property(mixedRows, (rows) => {
        let [recall, sum, largest] = [0, 0, 0];
        for (const { tp, fp, tn, fn } of scanned(rows)) {
          sum += (tp / (tp + fn) - recall) * (tp / (tp + fp));
          recall = tp / (tp + fn);
          largest = Math.max(largest, Math.abs(tp / (tp + fn) - fp / (fp + tn)));
        }
        expect(averagePrecision(curveOf(rows))).toBeCloseTo(sum, 12);
        expect(ksScore(curveOf(rows))).toBeCloseTo(largest, 12);
      }),
    );
  });

  test("survive a monotone transform of the scores and swapping it mirrors the AUC", () => {
    fc.assert(
      fc.property(mixedRows, (rows) => {
        const ranks = [...new Set(rows.map((row) => row.score))].sort((left, right) => left - right);
        const stretched = curveOf(rows.map((row) => ({ ...row, score: 3 ** ranks.indexOf(row.score) - 7 })));
        const curve = curveOf(rows);
        expect(rocAuc(stretched)).toEqual(rocAuc(curve));
        expect(averagePrecision(stretched)).toBe(averagePrecision(curve));
        expect(ksScore(stretched)).toBe(ksScore(curve));
        const mirrored = rocAuc(curveOf(rows.map((row) => ({ ...row, score: -row.score }))));
        expect(mirrored.value! + rocAuc(curve).value!).toBeCloseTo(1, 14);
      }),
    );
  });

  test("one class alone has no value, one score alone ranks nothing", () => {
    const positives = curveOf(TEN_ROWS.map((row) => ({ ...row, positive: true })));
    expect([rocAuc(positives).value, gini(positives).value, ksScore(positives)]).toEqual([null, null, null]);
    expect(averagePrecision(positives)).toBe(1);
    expect(averagePrecision(curveOf(TEN_ROWS.map((row) => ({ ...row, positive: false }))))).toBeNull();
    expect(rocAuc(curveOf([]))).toEqual({ value: null, lower: null, upper: null, n: 0 });
    const constant = curveOf(TEN_ROWS.map((row) => ({ ...row, score: 0.3 })));
    expect(rocAuc(constant)).toEqual({ value: 0.5, lower: 0.5, upper: 0.5, n: 10 });
    expect(averagePrecision(constant)).toBeCloseTo(0.2, 14);
    expect(ksScore(constant)).toBe(0);
  });

  test("are finite for any rows, and the AUC of 10^7 by 10^7 rows is exact", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const curve = curveOf(rows);
        const all = [rocAuc(curve), gini(curve), averagePrecision(curve), ksScore(curve)];
        expect(numbersIn(all).every(Number.isFinite)).toBe(true);
      }),
    );
    const curve = {
      scores: Float64Array.of(2, 1),
      positives: Float64Array.of(9_999_999, 1),
      negatives: Float64Array.of(1, 9_999_999),
    };
    // one pair lost, 2 × (10^7 − 1) tied
    expect(rocAuc(curve).value).toBe((1e14 - 1 - (1e7 - 1)) / 1e14);
  });
});
