import fc from "fast-check";
import { expect, test } from "vitest";
import { andersonDarling } from "../../../../cells/statistics/drift/anderson-darling.ts";
import { cramerVonMises } from "../../../../cells/statistics/drift/cramer-von-mises.ts";
import { ksStatistic, ksTest, ksUpper } from "../../../../cells/statistics/drift/kolmogorov-smirnov.ts";
import { mannWhitney } from "../../../../cells/statistics/drift/mann-whitney.ts";
import { tallyOfSamples } from "../../../../cells/statistics/drift/tally.ts";
import { energy, wasserstein } from "../../../../cells/statistics/drift/wasserstein.ts";
import {
  areaOfRows,
  cramerVonMisesOfRows,
  distinct,
  energyOfRows,
  ksOfRows,
  permutationUpper,
  winsOfRows,
} from "./row-models.ts";
import { isClose, samplePair } from "./samples.ts";

const all = (reference: readonly number[], current: readonly number[]) => {
  const tally = tallyOfSamples(reference, current);
  return {
    ks: ksTest(tally),
    wasserstein: wasserstein(tally),
    energy: energy(tally),
    cvm: cramerVonMises(tally),
    andersonDarling: andersonDarling(tally),
    mannWhitney: mannWhitney(tally),
  };
};

test("statistics are those of the rows", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      const found = all(reference, current);
      expect(isClose(found.ks.statistic, ksOfRows(reference, current), 1e-12)).toBe(true);
      expect(isClose(found.wasserstein, areaOfRows(reference, current, 1), 1e-12)).toBe(true);
      expect(isClose(found.energy, Math.sqrt(2 * areaOfRows(reference, current, 2)), 1e-12)).toBe(true);
      expect(found.mannWhitney.statistic).toBe(winsOfRows(reference, current));
      const isConstant = distinct(reference, current).length === 1;
      const cvm = isConstant ? 0 : cramerVonMisesOfRows(reference, current);
      expect(isClose(found.cvm.statistic, cvm, 1e-9, 1e-10)).toBe(true);
    }),
  );
});

test("the energy distance is that of pairs of rows", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      fc.pre(Math.abs(reference[0]!) < 1e12);
      const scale = Math.max(...[...reference, ...current].map(Math.abs), 1);
      const found = energy(tallyOfSamples(reference, current));
      expect(isClose(found ** 2, energyOfRows(reference, current) ** 2, 1e-9, 1e-12 * scale)).toBe(true);
    }),
  );
});

test("no statistic and no p is ever NaN, and every p is in [0, 1]", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      const { ks, cvm, andersonDarling: ad, mannWhitney: mwu, ...distances } = all(reference, current);
      for (const value of Object.values(distances)) expect(Number.isFinite(value) && value >= 0).toBe(true);
      for (const { statistic, p } of [ks, cvm, ad, mwu]) {
        expect(Number.isFinite(statistic)).toBe(true);
        expect(p >= 0 && p <= 1).toBe(true);
      }
    }),
  );
});

test("permuting the rows changes nothing", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      expect(all(reference.toReversed(), current.toReversed())).toEqual(all(reference, current));
    }),
  );
});

test("swapping the sides changes neither D nor the distances, to the last bit", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      const [found, swapped] = [all(reference, current), all(current, reference)];
      expect(swapped.ks).toEqual(found.ks);
      expect(swapped.wasserstein).toBe(found.wasserstein);
      expect(swapped.energy).toBe(found.energy);
      expect(isClose(swapped.mannWhitney.p, found.mannWhitney.p, 1e-12)).toBe(true);
    }),
  );
});

test("repeating all rows of both sides leaves D and the distances as they are, to the last bit", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      const repeated = tallyOfSamples([...reference, ...reference, ...reference], [...current, ...current, ...current]);
      const tally = tallyOfSamples(reference, current);
      expect(ksStatistic(repeated)).toBe(ksStatistic(tally));
      expect(wasserstein(repeated)).toBe(wasserstein(tally));
      expect(energy(repeated)).toBe(energy(tally));
    }),
  );
});

test("monotone transforms leave the rank statistics exactly as they are", () => {
  fc.assert(
    fc.property(samplePair, ([reference, current]) => {
      const values = distinct(reference, current);
      const rank = (rows: readonly number[]) => rows.map((row) => values.indexOf(row) ** 3 - 5);
      const { wasserstein: _, energy: __, ...found } = all(reference, current);
      expect(all(rank(reference), rank(current))).toMatchObject(found);
    }),
  );
});

test("wasserstein scales with the unit, and a shift alone is its distance", () => {
  fc.assert(
    fc.property(samplePair, fc.constantFrom(0.125, 2, 1024), ([reference, current], factor) => {
      fc.pre(Math.abs(reference[0]!) < 1e12);
      const scaled = tallyOfSamples(
        reference.map((value) => value * factor),
        current.map((value) => value * factor),
      );
      expect(wasserstein(scaled)).toBe(wasserstein(tallyOfSamples(reference, current)) * factor);
      const shifted = reference.map((value) => value + factor);
      const scale = Math.max(...reference.map(Math.abs), 1);
      expect(isClose(wasserstein(tallyOfSamples(reference, shifted)), factor, 1e-12, 1e-12 * scale)).toBe(true);
    }),
  );
});

test("exact p-values are those of all ways to deal distinct values out to the sides", () => {
  const rows = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 2, maxLength: 9 });
  const deal = rows.chain((values) =>
    fc.integer({ min: 1, max: values.length - 1 }).map((n) => [values.slice(0, n), values.slice(n)] as const),
  );
  const wins = (a: readonly number[], b: readonly number[]) => Math.abs(winsOfRows(a, b) - (a.length * b.length) / 2);
  fc.assert(
    fc.property(deal, ([reference, current]) => {
      const found = all(reference, current);
      expect(isClose(found.ks.p, permutationUpper(reference, current, ksOfRows), 1e-12)).toBe(true);
      expect(isClose(found.cvm.p, permutationUpper(reference, current, cramerVonMisesOfRows), 1e-12)).toBe(true);
      expect(isClose(found.mannWhitney.p, permutationUpper(reference, current, wins), 1e-12)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("the exact D of large samples is that of scipy 1.17, and the limit follows on from it", () => {
  const known = [
    [10_000, 9_999, 0.02, 0.03589605170521495],
    [10_000, 9_999, 0.1, 5.692894561555429e-44],
    [9_973, 10_000, 0.0234, 0.008244902705519603],
    [10_000, 10_000, 0.01, 0.6994009459719119],
    [10_000, 10_000, 0.0301, 0.0002322100494248541],
    [10_000, 5_000, 0.02, 0.13830673992392428],
    [1, 10_000, 0.9999, 0.000399960003999599],
  ] as const;
  for (const [n, m, d, p] of known) expect(isClose(ksUpper(d, n, m), p, 1e-9, 0), `${n}, ${m}, ${d}`).toBe(true);
  expect(isClose(ksUpper(0.02, 10_001, 10_000), ksUpper(0.02, 10_000, 10_000), 0.02)).toBe(true);
  expect(ksUpper(0, 20_000, 5)).toBe(1);
});
