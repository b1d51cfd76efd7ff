import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distinctEdges, mergeHistograms, toDeciles } from "../../../../cells/statistics/drift/binning.ts";
import { ksFromBins, ksStatistic } from "../../../../cells/statistics/drift/kolmogorov-smirnov.ts";
import { tallyOfSamples } from "../../../../cells/statistics/drift/tally.ts";
import { wasserstein } from "../../../../cells/statistics/drift/wasserstein.ts";
import { wassersteinFromBins } from "../../../../cells/statistics/drift/wasserstein-bins.ts";
import { samplePair } from "./samples.ts";

/** The value at rank (n − 1)·p, interpolated linearly. */
function quantile(sorted: readonly number[], p: number): number {
  const rank = (sorted.length - 1) * p;
  const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
  return low + (high - low) * (rank - Math.floor(rank));
}

function interiorQuantiles(rows: readonly number[], parts: number): number[] {
  const sorted = rows.toSorted((a, b) => a - b);
  return Array.from({ length: parts - 1 }, (_, at) => quantile(sorted, (at + 1) / parts));
}

/** Counts of (−∞, edges[0]), [edges[0], edges[1]), …, [edges.at(-1), ∞). */
function histogram(rows: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const row of rows) counts[edges.filter((edge) => edge <= row).length]! += 1;
  return counts;
}

const extremesOf = (reference: readonly number[], current: readonly number[]) => ({
  minReference: Math.min(...reference),
  maxReference: Math.max(...reference),
  minCurrent: Math.min(...current),
  maxCurrent: Math.max(...current),
});

describe("edges and histograms", () => {
  test("edges are distinct, finite and ascending", () => {
    expect(distinctEdges([3, -4.7, 3, 0, -0, 2 ** 53, 2 ** 53 - 1, Number.NaN])).toEqual([
      -4.7,
      0,
      3,
      2 ** 53 - 1,
      2 ** 53,
    ]);
    expect(distinctEdges([])).toEqual([]);
  });

  test("centile bins regroup to the histogram over the deciles", () => {
    fc.assert(
      fc.property(samplePair, ([reference, current]) => {
        const centiles = interiorQuantiles(reference, 100);
        const deciles = distinctEdges(centiles.filter((_, at) => at % 10 === 9));
        const edges = distinctEdges(centiles);
        expect(toDeciles(edges, histogram(current, edges), deciles)).toEqual(histogram(current, deciles));
      }),
    );
  });

  test("merged histograms are the histogram of the union", () => {
    fc.assert(
      fc.property(samplePair, ([reference, current]) => {
        const edges = distinctEdges(interiorQuantiles(reference, 10));
        const merged = mergeHistograms([histogram(reference, edges), histogram(current, edges)]);
        expect(merged).toEqual(histogram([...reference, ...current], edges));
      }),
    );
    expect(mergeHistograms([])).toEqual([]);
  });

  test("bins that do not fit are refused", () => {
    expect(() => toDeciles([1, 2], [1, 2], [1])).toThrow("2 counts for 2 edges");
    expect(() => toDeciles([1, 2], [1, 2, 3], [1.5])).toThrow("the edge 1.5 is not among the 2 finer edges");
    expect(() => mergeHistograms([[1], [1, 2]])).toThrow("histograms of 1 and 2 bins");
  });
});

describe("distances from bins", () => {
  test("D over all rows is between the binned D and that plus its bound, which is at most the largest share", () => {
    fc.assert(
      fc.property(samplePair, fc.constantFrom(2, 10, 100), ([reference, current], parts) => {
        const edges = distinctEdges(interiorQuantiles(reference, parts));
        const [p, q] = [histogram(reference, edges), histogram(current, edges)];
        const { value, errorBound } = ksFromBins(p, q);
        const exact = ksStatistic(tallyOfSamples(reference, current));
        expect(exact).toBeGreaterThanOrEqual(value - 1e-15);
        expect(exact).toBeLessThanOrEqual(value + errorBound + 1e-12);
        const largest = Math.max(...p.map((count) => count / reference.length), ...q.map((n) => n / current.length));
        expect(errorBound).toBeLessThanOrEqual(largest + 1e-12);
      }),
    );
  });

  test("the bound of Wasserstein from bins holds", () => {
    fc.assert(
      fc.property(samplePair, fc.constantFrom(1, 2, 10, 100), ([reference, current], parts) => {
        const edges = distinctEdges(interiorQuantiles(reference, parts));
        const [p, q] = [histogram(reference, edges), histogram(current, edges)];
        const { value, errorBound } = wassersteinFromBins(edges, p, q, extremesOf(reference, current));
        const exact = wasserstein(tallyOfSamples(reference, current));
        const range = Math.max(...reference, ...current) - Math.min(...reference, ...current);
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(errorBound + 1e-12 * (1 + range));
        expect(errorBound).toBeLessThanOrEqual(range + 1e-12);
      }),
      { numRuns: 400 },
    );
  });

  test("swapping the sides changes nothing", () => {
    fc.assert(
      fc.property(samplePair, ([reference, current]) => {
        const edges = distinctEdges(interiorQuantiles(reference, 10));
        const [p, q] = [histogram(reference, edges), histogram(current, edges)];
        expect(ksFromBins(q, p)).toEqual(ksFromBins(p, q));
        const found = wassersteinFromBins(edges, p, q, extremesOf(reference, current)).value;
        expect(wassersteinFromBins(edges, q, p, extremesOf(current, reference)).value).toBe(found);
      }),
    );
  });

  test("uniform samples are as far apart as they were moved, with a bound of half a bin for each side", () => {
    const edges = [1, 2, 3];
    const counts = [10, 10, 10, 10];
    const extremes = { minReference: 0, maxReference: 4, minCurrent: 0, maxCurrent: 4 };
    expect(wassersteinFromBins(edges, counts, counts, extremes)).toEqual({ value: 0, errorBound: 1 });
    const moved = wassersteinFromBins(edges, counts, [0, 10, 10, 20], { ...extremes, minCurrent: 1, maxCurrent: 5 });
    expect(moved.value).toBeCloseTo(1, 12);
  });

  test("a narrower sample inside a wider one: where F and G cross, both sides of the crossing count", () => {
    const extremes = { minReference: 0, maxReference: 2, minCurrent: 0.5, maxCurrent: 1.5 };
    expect(wassersteinFromBins([9], [4, 0], [4, 0], extremes)).toEqual({ value: 0.25, errorBound: 1.5 });
  });

  test("a constant has no width, so two constants are exact", () => {
    const extremes = { minReference: 2, maxReference: 2, minCurrent: 5, maxCurrent: 5 };
    expect(wassersteinFromBins([2], [0, 7], [0, 3], extremes)).toEqual({ value: 3, errorBound: 0 });
    expect(ksFromBins([0, 7], [0, 3])).toEqual({ value: 0, errorBound: 1 });
  });

  test("empty sides and counts that do not fit the edges are refused", () => {
    const extremes = { minReference: 0, maxReference: 1, minCurrent: 0, maxCurrent: 1 };
    expect(() => wassersteinFromBins([1], [1], [1], extremes)).toThrow("1 bins for 1 edges");
    expect(() => wassersteinFromBins([1], [1, 1], [0, 0], extremes)).toThrow("current is empty");
    expect(() => ksFromBins([0], [1])).toThrow("reference is empty");
  });
});
