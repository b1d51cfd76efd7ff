import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brier,
  ece,
  logLoss,
  probabilityProblem,
  reliability,
} from "../../../../cells/statistics/outcomes/probability.ts";
import { curveOf, mean, numbersIn, type ScoredRow, scoredRows, TEN_ROWS } from "./random-rows.ts";

const squared = ({ score, positive }: ScoredRow): number => (score - Number(positive)) ** 2;

function surprise({ score, positive }: ScoredRow): number {
  const inside = Math.min(1 - 2 ** -52, Math.max(2 ** -52, score));
  return -Math.log(positive ? inside : 1 - inside);
}

/** Rows ascending; a tie group goes where the row in its middle goes. */
function binsOf(rows: readonly ScoredRow[]): ScoredRow[][] {
  const sorted = rows.toSorted((left, right) => left.score - right.score);
  const bins: ScoredRow[][] = Array.from({ length: 10 }, () => []);
  for (const row of sorted) {
    const below = sorted.filter((other) => other.score < row.score).length;
    const tied = sorted.filter((other) => other.score === row.score).length;
    bins[Math.floor((10 * (below + tied / 2)) / sorted.length)]!.push(row);
  }
  return bins.filter((bin) => bin.length > 0);
}

describe("probabilities", () => {
  test("ten rows have a known Brier score", () => {
    expect(brier(curveOf(TEN_ROWS)).value).toBeCloseTo(0.0935, 14);
  });

  test("equal the means over rows", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const curve = curveOf(rows);
        if (rows.length === 0) {
          expect([brier(curve).value, logLoss(curve).value, ece(curve).value]).toEqual([null, null, null]);
          return;
        }
        expect(brier(curve).value).toBeCloseTo(mean(rows.map(squared)), 12);
        expect(logLoss(curve).value).toBeCloseTo(mean(rows.map(surprise)), 10);
        const gaps = binsOf(rows).map(
          (bin) =>
            (bin.length / rows.length) *
            Math.abs(mean(bin.map((row) => row.score)) - mean(bin.map((row) => Number(row.positive)))),
        );
        expect(ece(curve).value).toBeCloseTo(
          gaps.reduce((sum, gap) => sum + gap, 0),
          12,
        );
        expect(numbersIn([brier(curve), logLoss(curve), reliability(curve)]).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test("the reliability table has the bins of the rows", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        expect(reliability(curveOf(rows)).map((bin) => bin.n)).toEqual(binsOf(rows).map((bin) => bin.length));
      }),
    );
    const distinct = Array.from({ length: 50 }, (_, index) => ({ score: index / 50, positive: index % 2 === 0 }));
    expect(reliability(curveOf(distinct)).map((bin) => bin.n)).toEqual(Array(10).fill(5));
  });

  test("a tie group never splits", () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ score: index < 30 ? 0.1 : 0.8, positive: index < 9 }));
    expect(reliability(curveOf(rows))).toMatchObject([
      { n: 30, meanScore: expect.closeTo(0.1), observed: 0.3 },
      { n: 70, meanScore: expect.closeTo(0.8), observed: 0 },
    ]);
    expect(ece(curveOf(rows)).value).toBeCloseTo(0.3 * 0.2 + 0.7 * 0.8, 14);
  });

  test("certain and wrong costs 36 nats, not infinity", () => {
    expect(logLoss(curveOf([{ score: 0, positive: true }])).value).toBeCloseTo(36.04365338911715, 12);
    expect(logLoss(curveOf([{ score: 1, positive: false }])).value).toBeCloseTo(36.04365338911715, 12);
    expect(logLoss(curveOf([{ score: 1, positive: true }])).value).toBeLessThan(1e-15);
  });

  test("scores that are no probabilities have no value, and the reason is said", () => {
    const curve = curveOf([
      { score: 700, positive: true },
      { score: 20, positive: false },
    ]);
    expect([brier(curve).value, logLoss(curve).value, ece(curve).value]).toEqual([null, null, null]);
    expect(reliability(curve)).toEqual([]);
    expect(probabilityProblem(curve)).toBe("The scores run from 20 to 700; probabilities lie between 0 and 1.");
    expect(probabilityProblem(curveOf([]))).toBe("There are no scores.");
    expect(brier(curveOf([{ score: -0.1, positive: false }])).value).toBeNull();
    expect(probabilityProblem(curveOf(TEN_ROWS))).toBeNull();
  });
});
