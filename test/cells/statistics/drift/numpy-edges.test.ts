import fc from "fast-check";
import { expect, test } from "vitest";
import { doaneEdges, equalWidthEdges, sturgesEdges } from "../../../../cells/statistics/drift/numpy-edges.ts";

const range = { n: 9, min: -4.7, max: 9.1, isInteger: false };

test("edges are those of numpy 2.4, to the last bit", () => {
  expect(sturgesEdges(range)).toEqual([-4.7, -1.94, 0.8200000000000003, 3.580000000000001, 6.340000000000001, 9.1]);
  expect(doaneEdges({ ...range, variance: 14.693333333333335, skewness: 0.9260680487999294 })).toEqual([
    -4.7, -2.4, -0.09999999999999964, 2.2, 4.500000000000001, 6.800000000000002, 9.1,
  ]);
  expect(equalWidthEdges(-0.3, 0.9, 7)).toEqual([
    -0.3, -0.12857142857142856, 0.04285714285714287, 0.21428571428571425, 0.38571428571428573, 0.5571428571428572,
    0.7285714285714284, 0.9,
  ]);
});

test("whole numbers have no bin narrower than 1", () => {
  expect(sturgesEdges({ n: 1000, min: 0, max: 3, isInteger: true })).toEqual([0, 1, 2, 3]);
  expect(sturgesEdges({ n: 1000, min: 0, max: 3, isInteger: false })).toHaveLength(12);
  const shape = { n: 1000, min: 0, max: 3, variance: 1, skewness: 0.5 };
  expect(doaneEdges({ ...shape, isInteger: true })).toEqual([0, 1, 2, 3]);
  expect(doaneEdges({ ...shape, isInteger: false }).length).toBeGreaterThan(12);
});

test("a constant lies in one bin, also where doubles are further apart than ½", () => {
  const constant = (value: number) => ({ n: 5, min: value, max: value, isInteger: false });
  expect(sturgesEdges(constant(-4.7))).toEqual([-5.2, -4.2]);
  expect(doaneEdges({ ...constant(3), variance: 0, skewness: 0 })).toEqual([2.5, 3.5]);
  const [low, high] = sturgesEdges(constant(1e300));
  expect(low! < 1e300 && 1e300 < high!).toBe(true);
});

test("doane of two values is one bin", () => {
  expect(doaneEdges({ n: 2, min: 1, max: 4, variance: 2.25, skewness: 0, isInteger: false })).toEqual([1, 4]);
});

test("edges rise from min to max over every range, also beyond what numpy accepts", () => {
  const ends = fc.tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(
    fc.property(ends, fc.integer({ min: 1, max: 1e9 }), fc.boolean(), ([a, b], n, isInteger) => {
      fc.pre(a !== b);
      const edges = sturgesEdges({ n, min: Math.min(a, b), max: Math.max(a, b), isInteger });
      expect(edges[0]).toBe(Math.min(a, b) + 0);
      expect(edges.at(-1)).toBe(Math.max(a, b) + 0);
      expect(edges.every((edge, at) => at === 0 || edge > edges[at - 1]!)).toBe(true);
    }),
  );
  expect(equalWidthEdges(2 ** 53 - 2, 2 ** 53, 8)).toEqual([2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53]);
});

test("a range that is none is refused", () => {
  expect(() => sturgesEdges({ ...range, n: 0 })).toThrow("0 values from -4.7 to 9.1");
  expect(() => sturgesEdges({ ...range, max: -5 })).toThrow(RangeError);
  expect(() => equalWidthEdges(1, 1, 3)).toThrow("3 bins from 1 to 1");
  expect(() => equalWidthEdges(1, 2, 0)).toThrow(RangeError);
});
