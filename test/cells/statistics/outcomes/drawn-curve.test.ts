import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DrawnCurve,
  keptIndices,
  precisionRecallPoints,
  rocPoints,
  thin,
} from "../../../../cells/statistics/outcomes/drawn-curve.ts";
import { averagePrecision, rocAuc } from "../../../../cells/statistics/outcomes/ranking.ts";
import { curveOf, mixedRows, numbersIn, TEN_ROWS } from "./random-rows.ts";

const column = (length: number) =>
  fc
    .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: length, maxLength: length })
    .map((values) => Float64Array.from(values));

describe("curves to draw", () => {
  test("of ten rows", () => {
    const precisionRecall = precisionRecallPoints(curveOf(TEN_ROWS));
    expect([...precisionRecall.thresholds]).toEqual([0.9, 0.45, 0.4, 0.35, 0.2, 0.1, 0]);
    expect([...precisionRecall.x]).toEqual([0.5, 0.5, 0.5, 1, 1, 1, 1]);
    expect([...precisionRecall.y]).toEqual([1, 1 / 2, 1 / 3, 1 / 2, 2 / 7, 2 / 9, 1 / 5]);
    const roc = rocPoints(curveOf(TEN_ROWS));
    expect([...roc.thresholds].slice(0, 3)).toEqual([Infinity, 0.9, 0.45]);
    expect([...roc.x].slice(0, 3)).toEqual([0, 0, 1 / 8]);
    expect([...roc.y].slice(0, 3)).toEqual([0, 0.5, 0.5]);
  });

  test("the area under them is the metric: trapezoids of ROC, steps of precision and recall", () => {
    fc.assert(
      fc.property(mixedRows, (rows) => {
        const roc = rocPoints(curveOf(rows));
        const area = roc.x.reduce(
          (sum, x, index) =>
            index === 0 ? 0 : sum + ((x - roc.x[index - 1]!) * (roc.y[index]! + roc.y[index - 1]!)) / 2,
          0,
        );
        expect(area).toBeCloseTo(rocAuc(curveOf(rows)).value!, 12);
        expect([roc.x.at(-1), roc.y.at(-1)]).toEqual([1, 1]);
        const { x, y } = precisionRecallPoints(curveOf(rows));
        const steps = x.reduce((sum, recall, index) => sum + (recall - (x[index - 1] ?? 0)) * y[index]!, 0);
        expect(steps).toBeCloseTo(averagePrecision(curveOf(rows))!, 12);
      }),
    );
  });

  test("without one of the classes there are no points", () => {
    const positives = curveOf([{ score: 1, positive: true }]);
    expect(rocPoints(positives).x.length).toBe(0);
    expect(precisionRecallPoints(positives).x.length).toBe(1);
    expect(precisionRecallPoints(curveOf([{ score: 1, positive: false }])).x.length).toBe(0);
  });
});

describe("thinning", () => {
  test("keeps at most so many points, the ends and the pinned one among them, and all within a step", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 300 })
          .chain((length) => fc.tuple(column(length), column(length), fc.nat(length - 1))),
        fc.integer({ min: 3, max: 60 }),
        ([x, y, pinned], most) => {
          const kept = keptIndices([x, y], most, [pinned]);
          expect(kept.length).toBeLessThanOrEqual(most);
          expect(kept).toEqual([...new Set(kept)].sort((left, right) => left - right));
          for (const index of [0, x.length - 1, pinned]) expect(kept).toContain(index);
          if (x.length <= most) expect(kept.length).toBe(x.length);
          expectWithinStep([x, y], kept, Math.floor((most - 3) / 2) + 1);
        },
      ),
    );
  });

  test("a jump is kept with both its sides", () => {
    const y = Float64Array.from({ length: 10_001 }, (_, index) => index / 1e5 + (index > 7_777 ? 1 : 0));
    const kept = keptIndices([y], 20);
    expect(kept).toContain(7_777);
    expect(kept).toContain(7_778);
  });

  test("a curve keeps its columns together", () => {
    const curve: DrawnCurve = {
      thresholds: Float64Array.from({ length: 1000 }, (_, index) => index),
      x: Float64Array.from({ length: 1000 }, (_, index) => index * 2),
      y: Float64Array.from({ length: 1000 }, (_, index) => index ** 2),
    };
    const thinned = thin(curve, 50, [123]);
    expect(thinned.thresholds.length).toBeGreaterThan(40);
    expect([...thinned.thresholds]).toContain(123);
    thinned.thresholds.forEach((index, at) => {
      expect([thinned.x[at], thinned.y[at]]).toEqual([index * 2, index ** 2]);
    });
  });

  test("a constant, nothing, and a million points are curves as well", () => {
    expect(keptIndices([new Float64Array(100)], 10)).toEqual([0, 99]);
    expect(keptIndices([new Float64Array()], 10)).toEqual([]);
    const million = Array.from({ length: 1_000_000 }, (_, index) => ({ score: index, positive: index % 3 === 0 }));
    const thinned = thin(rocPoints(curveOf(million)), 200);
    expect(thinned.x.length).toBeLessThanOrEqual(200);
    expect(numbersIn([thinned.x, thinned.y]).every(Number.isFinite)).toBe(true);
  });
});

/**
 * Between two kept points the path, in shares of each column's range, is at most one step long but for one jump's part.
 */
function expectWithinStep(columns: readonly Float64Array[], kept: readonly number[], steps: number): void {
  const path = (from: number, to: number): number =>
    columns.reduce((sum, values) => {
      const range = Math.max(...values) - Math.min(...values);
      if (range === 0) return sum;
      let own = 0;
      for (let index = from + 1; index <= to; index++) own += Math.abs(values[index]! - values[index - 1]!) / range;
      return sum + own;
    }, 0);
  const whole = path(0, columns[0]!.length - 1);
  kept.slice(1).forEach((index, at) => {
    if (index - kept[at]! > 1) expect(path(kept[at]!, index)).toBeLessThanOrEqual(whole / steps + 1e-9);
  });
}
