import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chi2, cramersV, gTest, twoProportions } from "../../../../cells/statistics/drift/count-tests.ts";
import { tTest } from "../../../../cells/statistics/drift/t-test.ts";
import { chiSquareUpper } from "../../../../cells/statistics/special/distributions.ts";
import { countPair, isClose } from "./samples.ts";

describe("published and computed numbers", () => {
  test("homogeneity of six categories", () => {
    const [reference, current] = [
      [16, 18, 16, 14, 12, 12],
      [16, 16, 16, 16, 16, 8],
    ] as const;
    const { statistic, degrees, p } = chi2(reference, current);
    expect([statistic, degrees]).toEqual([expect.closeTo(1.6224089636, 9), 5]);
    expect(p).toBeCloseTo(0.8985262394, 9);
    expect(gTest(reference, current).statistic).toBeCloseTo(1.6299560650379492, 11);
    expect(gTest(reference, current).p).toBeCloseTo(0.8976032398668559, 11);
  });

  test("both sides are samples: the test is not one of the current counts against the reference as if that were known", () => {
    const [reference, current] = [
      [16, 18, 16, 14, 12, 12],
      [16, 16, 16, 16, 16, 8],
    ] as const;
    const asKnown = reference.reduce((sum, count, at) => sum + (current[at]! - count) ** 2 / count, 0);
    expect(asKnown).toBeCloseTo(3.1746031746, 9);
    expect(chiSquareUpper(asKnown, 5)).toBeCloseTo(0.67309, 5);
    expect(chi2(reference, current).statistic).toBeLessThan(asKnown / 1.9);
  });

  test("homogeneity and likelihood ratio of a 2 × 3 table", () => {
    const [reference, current] = [
      [10, 10, 20],
      [20, 20, 20],
    ] as const;
    expect(chi2(reference, current).statistic).toBeCloseTo(2.7777777778, 9);
    expect(chi2(reference, current).p).toBeCloseTo(0.2493522088, 9);
    expect(gTest(reference, current).statistic).toBeCloseTo(2.7688587617, 9);
  });

  test("a category that only one side has", () => {
    expect(chi2([5, 5, 5], [8, 3, 0]).statistic).toBeCloseTo(5.7121212121, 9);
    expect(chi2([5, 5, 5], [8, 3, 0]).p).toBeCloseTo(0.0574948094, 9);
  });

  test("Cramér's V with Bergsma's correction", () => {
    expect(cramersV([10, 20, 30], [40, 10, 0])).toBeCloseTo(0.6693157245236737, 12);
    expect(cramersV([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8])).toBe(0);
    expect(cramersV([500, 0], [0, 500])).toBe(1);
    expect(cramersV([1, 0, 0], [0, 1, 1])).toBe(0);
  });

  test("two proportions", () => {
    const { statistic, p } = twoProportions(200, 1000, 240, 1000);
    expect(statistic).toBeCloseTo(-2.1591675854, 9);
    expect(p).toBeCloseTo(0.0308371678, 9);
  });

  test("t tests, Student's and Welch's", () => {
    const moments = (rows: readonly number[]) => {
      const mean = rows.reduce((sum, row) => sum + row, 0) / rows.length;
      return {
        n: rows.length,
        mean,
        variance: rows.reduce((sum, row) => sum + (row - mean) ** 2, 0) / (rows.length - 1),
      };
    };
    const a = moments([38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0]);
    const b = moments([39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8]);
    expect(tTest(a, b, "student").statistic).toBeCloseTo(1.8594523396, 9);
    expect(tTest(a, b, "student").p).toBeCloseTo(0.0841057202, 9);
    const [c, d] = [moments([1, 2, 2, 3, 3, 3, 4, 7, 7, 9.5, -4.7, 0]), moments([2, 3, 3, 5, 7, 8, 8, 9.5, 11, 12])];
    expect(tTest(c, d).statistic).toBeCloseTo(-2.4653664384643443, 12);
    expect(tTest(c, d).degrees).toBeCloseTo(19.62131077880369, 11);
    expect(tTest(c, d).p).toBeCloseTo(0.023051009829926552, 12);
    expect(tTest(c, d, "student")).toMatchObject({ degrees: 20, p: expect.closeTo(0.023469481929356623, 12) });
  });
});

describe("edges", () => {
  test("one group is no difference", () => {
    const none = { statistic: 0, degrees: 0, p: 1 };
    expect([chi2([7], [900]), gTest([0, 7, 0], [0, 900, 0])]).toEqual([none, none]);
    expect(cramersV([7, 0], [900, 0])).toBe(0);
  });

  test("one row on each side gives numbers", () => {
    expect(chi2([1, 0], [0, 1])).toMatchObject({ statistic: 2, degrees: 1 });
    expect(cramersV([1, 0], [0, 1])).toBe(0);
    expect(cramersV([1], [1])).toBe(0);
  });

  test("none or all counted is no difference", () => {
    for (const k of [0, 1]) expect(twoProportions(k * 10, 10, k * 70, 70)).toEqual({ statistic: 0, p: 1 });
  });

  test("t tests without spread or without rows", () => {
    const constant = (mean: number, n = 50) => ({ n, mean, variance: 0 });
    for (const variances of ["welch", "student"] as const) {
      expect(tTest(constant(3), constant(3), variances)).toMatchObject({ statistic: 0, p: 1 });
      expect(tTest(constant(3), constant(4), variances)).toMatchObject({ statistic: -Infinity, p: 0 });
      expect(tTest(constant(3, 0), constant(4, 0), variances)).toMatchObject({ statistic: 0, p: 1 });
    }
    expect(tTest(constant(3, 1), { n: 9, mean: 4, variance: 2 })).toEqual({ statistic: 0, degrees: 0, p: 1 });
    const single = { n: 1, mean: 3, variance: Number.NaN };
    expect(tTest(single, { n: 9, mean: 4, variance: 2 })).toMatchObject({ statistic: 0, p: 1 });
    const { statistic, degrees } = tTest(single, { n: 9, mean: 4, variance: 2 }, "student");
    expect([statistic, degrees]).toEqual([expect.closeTo(-1 / Math.sqrt(2 * (1 + 1 / 9)), 12), 8]);
  });

  test("counts that are none are refused", () => {
    for (const of of [chi2, gTest, cramersV]) expect(() => of([0, 0], [1, 2])).toThrow("reference is empty");
    expect(() => twoProportions(3, 2, 1, 2)).toThrow("3 of 2 and 1 of 2");
    expect(() => twoProportions(0, 0, 1, 2)).toThrow(RangeError);
  });
});

describe("properties", () => {
  test("the statistics are Σ (O − E)² / E and 2 Σ O·ln(O / E)", () => {
    fc.assert(
      fc.property(countPair, ([reference, current]) => {
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
        const [n, m] = [sum(reference), sum(current)];
        const cells = reference.flatMap((a, at) => {
          const rows = a + current[at]!;
          return rows === 0 ? [] : [[a, (rows * n) / (n + m)] as const, [current[at]!, (rows * m) / (n + m)] as const];
        });
        const pearson = cells.reduce((total, [seen, expected]) => total + (seen - expected) ** 2 / expected, 0);
        const ratio = cells.reduce(
          (total, [seen, expected]) => total + (seen && 2 * seen * Math.log(seen / expected)),
          0,
        );
        expect(isClose(chi2(reference, current).statistic, pearson)).toBe(true);
        expect(isClose(gTest(reference, current).statistic, ratio, 1e-9, 1e-8)).toBe(true);
      }),
    );
  });

  test("swapping the sides changes at most the sign, and groups empty on both sides nothing", () => {
    fc.assert(
      fc.property(countPair, ([reference, current]) => {
        const found = chi2(reference, current);
        expect(chi2(current, reference)).toEqual(found);
        expect(chi2([0, ...reference], [0, ...current])).toEqual(found);
        expect(isClose(gTest(current, reference).statistic, gTest(reference, current).statistic, 1e-12)).toBe(true);
        expect(cramersV(current, reference)).toBe(cramersV(reference, current));
        const [k1, k2] = [reference[0]!, current[0]!];
        const [n1, n2] = [k1 + 5, k2 + 9];
        const there = twoProportions(k1, n1, k2, n2);
        expect(isClose(twoProportions(k2, n2, k1, n1).statistic, -there.statistic, 1e-12)).toBe(true);
      }),
    );
  });

  test("two groups are two proportions: χ² = z²", () => {
    const n = fc.integer({ min: 1, max: 100_000 });
    const side = n.chain((rows) => fc.tuple(fc.integer({ min: 0, max: rows }), fc.constant(rows)));
    fc.assert(
      fc.property(side, side, ([k1, n1], [k2, n2]) => {
        const pearson = chi2([k1, n1 - k1], [k2, n2 - k2]);
        const { statistic, p } = twoProportions(k1, n1, k2, n2);
        expect(isClose(statistic ** 2, pearson.statistic, 1e-12)).toBe(true);
        expect(isClose(p, pearson.p, 1e-9)).toBe(true);
      }),
    );
  });

  test("V and every p stay in [0, 1]", () => {
    fc.assert(
      fc.property(countPair, (pair) => {
        for (const value of [cramersV(...pair), chi2(...pair).p, gTest(...pair).p]) {
          expect(value >= 0 && value <= 1).toBe(true);
        }
      }),
    );
  });
});
