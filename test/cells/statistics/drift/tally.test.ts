import { describe, expect, test } from "vitest";
import { andersonDarling } from "../../../../cells/statistics/drift/anderson-darling.ts";
import { cramerVonMises } from "../../../../cells/statistics/drift/cramer-von-mises.ts";
import { ksStatistic, ksTest, ksUpper } from "../../../../cells/statistics/drift/kolmogorov-smirnov.ts";
import { mannWhitney } from "../../../../cells/statistics/drift/mann-whitney.ts";
import { mergeTallies, tallyOf, tallyOfSamples } from "../../../../cells/statistics/drift/tally.ts";
import { energy, normedWasserstein, wasserstein } from "../../../../cells/statistics/drift/wasserstein.ts";

const A = [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0];
const B = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8];
const TIED_A = [1, 2, 2, 3, 3, 3, 4, 7, 7, 9.5, -4.7, 0];
const TIED_B = [2, 3, 3, 5, 7, 8, 8, 9.5, 11, 12];

test("two samples of eight, without ties", () => {
  const tally = tallyOfSamples(A, B);
  expect(ksTest(tally).statistic).toBe(0.625);
  expect(ksTest(tally).p).toBeCloseTo(0.087024087, 9);
  expect(wasserstein(tally)).toBeCloseTo(4.1625, 9);
  expect(energy(tally)).toBeCloseTo(1.5702308747, 9);
  expect(cramerVonMises(tally).statistic).toBeCloseTo(0.4375, 12);
  expect(cramerVonMises(tally).p).toBeCloseTo(0.0643356643, 9);
  expect(mannWhitney(tally).statistic).toBe(49);
  expect(mannWhitney(tally).p).toBeCloseTo(0.082983683, 9);
  const { statistic, p, bound } = andersonDarling(tally);
  expect(statistic).toBeCloseTo(1.7183096744, 9);
  expect(p).toBeCloseTo(0.0635, 4);
  expect(bound).toBe("none");
});

test("samples with ties and of unlike size, as scipy 1.17 has them", () => {
  const tally = tallyOfSamples(TIED_A, TIED_B);
  expect(ksTest(tally).statistic).toBe(0.45);
  expect(ksTest(tally).p).toBeCloseTo(0.15975974489906378, 12);
  expect(wasserstein(tally)).toBeCloseTo(3.7833333333333337, 12);
  expect(energy(tally)).toBeCloseTo(1.4961060568466842, 12);
  expect(cramerVonMises(tally).statistic).toBeCloseTo(0.5009469696969697, 12);
  expect(cramerVonMises(tally).p).toBeCloseTo(0.04045180825366584, 12);
  expect(andersonDarling(tally).statistic).toBeCloseTo(2.8375659994050424, 12);
  expect(andersonDarling(tally).p).toBeCloseTo(0.022547014187477878, 12);
  expect(mannWhitney(tally).statistic).toBe(26.5);
  expect(mannWhitney(tally).p).toBeCloseTo(0.028190655719897588, 12);
  expect(mannWhitney(tallyOfSamples([1, 2, 2], [2, 3, 4, 5, 7])).p).toBeCloseTo(0.06679806847513828, 12);
});

test("samples beyond the exact Cramér–von Mises and Mann–Whitney, as scipy 1.17 has them", () => {
  const rows = (size: number, power: number, shift: number) =>
    Array.from({ length: size }, (_, at) => at ** power + shift);
  const tally = tallyOfSamples(rows(30, 1.5, 0), rows(25, 1.45, 7.25));
  expect(ksTest(tally).p).toBeCloseTo(0.3848251823313092, 12);
  expect(cramerVonMises(tally).statistic).toBeCloseTo(0.18315151515151484, 12);
  expect(cramerVonMises(tally).p).toBeCloseTo(0.309229743746976, 12);
  expect(andersonDarling(tally).statistic).toBeCloseTo(0.6169561757793562, 12);
  expect(andersonDarling(tally).p).toBeCloseTo(0.18398978209118988, 12);
  expect(mannWhitney(tally).statistic).toBe(422);
  expect(mannWhitney(tally).p).toBeCloseTo(0.43187132043260623, 12);
  expect(mannWhitney(tallyOfSamples([0.5, 1.5, 10], [1, 2, 3, 4, 5, 6])).p).toBeCloseTo(0.7142857142857143, 12);
});

test("weights may be fractional", () => {
  const weighted = (values: readonly number[], weights: readonly number[], side: "reference" | "current") =>
    values.map((value, at) => ({ value, reference: 0, current: 0, [side]: weights[at]! }));
  const pair = (u: readonly number[], uWeights: readonly number[], v: readonly number[], vWeights: readonly number[]) =>
    tallyOf([...weighted(u, uWeights, "reference"), ...weighted(v, vWeights, "current")]);
  expect(wasserstein(pair([0, 1, 3], [1, 1, 1], [5, 6, 8], [1, 1, 1]))).toBeCloseTo(5, 12);
  expect(wasserstein(pair([0, 1], [3, 1], [0, 1], [2, 2]))).toBeCloseTo(0.25, 12);
  const far = pair([3.4, 3.9, 7.5, 7.8], [1.4, 0.9, 3.1, 7.2], [4.5, 1.4], [3.2, 3.5]);
  expect(wasserstein(far)).toBeCloseTo(4.0781331438, 9);
  expect(energy(pair([0], [1], [2], [1]))).toBe(2);
  expect(energy(pair([0, 8], [3, 1], [0, 8], [2, 2]))).toBeCloseTo(1, 12);
  expect(ksTest(far).p).toBeGreaterThan(0);
});

describe("edges", () => {
  test("one constant on both sides is at distance 0 with p 1", () => {
    for (const [n, m] of [
      [1, 1],
      [3, 40],
      [500, 100],
    ] as const) {
      const tally = tallyOf([{ value: -4.7, reference: n, current: m }]);
      expect([ksStatistic(tally), wasserstein(tally), energy(tally)]).toEqual([0, 0, 0]);
      expect(ksTest(tally).p).toBe(1);
      expect(cramerVonMises(tally)).toEqual({ statistic: 0, p: 1 });
      expect(andersonDarling(tally)).toEqual({ statistic: 0, p: 1, bound: "none" });
      expect(mannWhitney(tally)).toEqual({ statistic: (n * m) / 2, p: 1 });
    }
  });

  test("two different constants are as far apart as they can be", () => {
    const tally = tallyOfSamples([1, 1, 1], [3, 3, 3, 3]);
    expect([ksStatistic(tally), wasserstein(tally), energy(tally)]).toEqual([1, 2, 2]);
    expect(ksTest(tally).p).toBeCloseTo(2 / 35, 12);
  });

  test("one row on each side gives numbers", () => {
    const tally = tallyOfSamples([1], [2]);
    expect(ksTest(tally)).toEqual({ statistic: 1, p: 1 });
    expect(cramerVonMises(tally).p).toBe(1);
    expect(andersonDarling(tally)).toEqual({ statistic: 0, p: 1, bound: "none" });
    expect(mannWhitney(tally)).toEqual({ statistic: 0, p: 1 });
  });

  test("what is not finite is no value, and 0 and −0 are one", () => {
    const tally = tallyOfSamples([Number.NaN, 1, -0, Infinity], [0, -Infinity]);
    expect(tally).toEqual(tallyOfSamples([1, 0], [0]));
    const groups = [-0, 0, 1].map((value, at) => ({ value, reference: at % 2 === 0 ? 1 : 0, current: at % 2 }));
    expect(tallyOf(groups)).toEqual(tally);
  });

  test("an empty side is refused", () => {
    const tally = tallyOfSamples([], [1]);
    for (const of of [ksTest, wasserstein, energy, cramerVonMises, andersonDarling, mannWhitney]) {
      expect(() => of(tally)).toThrow("reference is empty");
    }
    expect(() => ksUpper(0.5, 0, 3)).toThrow(RangeError);
  });

  test("Anderson–Darling says where its table ends", () => {
    const far = tallyOfSamples(
      A,
      A.map((value) => value + 100),
    );
    expect(andersonDarling(far)).toMatchObject({ p: 0.001, bound: "at-most" });
    expect(andersonDarling(tallyOfSamples(A, A))).toMatchObject({ p: 0.25, bound: "at-least" });
  });

  test("a distance is judged in standard deviations of the reference, but not of less than 0.001", () => {
    expect(normedWasserstein(3, 2)).toBe(1.5);
    expect(normedWasserstein(0.001, 0)).toBe(1);
  });

  test("tallies merge to the tally of all rows", () => {
    const merged = mergeTallies([tallyOfSamples(A, []), tallyOfSamples([], B), tallyOfSamples(TIED_A, TIED_B)]);
    expect(merged).toEqual(tallyOfSamples([...A, ...TIED_A], [...B, ...TIED_B]));
  });
});
