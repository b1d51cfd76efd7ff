import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hajekRatio, horvitzThompson, neymanAllocation } from "../../../../cells/statistics/outcomes/review-sample.ts";
import { mean, numbersIn } from "./random-rows.ts";

interface Case {
  readonly probability: number;
  readonly x: number;
  readonly y: number;
}

/** What an engine would sum by probability. */
function grouped(cases: readonly Case[]) {
  return [...new Set(cases.map((one) => one.probability))].map((probability) => {
    const own = cases.filter((one) => one.probability === probability);
    const sum = (of: (one: Case) => number): number => own.reduce((total, one) => total + of(one), 0);
    return {
      probability,
      sumY: sum(({ y }) => y),
      sumYSquared: sum(({ y }) => y * y),
      sumX: sum(({ x }) => x),
      sumXSquared: sum(({ x }) => x * x),
      sumXY: sum(({ x, y }) => x * y),
    };
  });
}

/** Every sample that a population can give, with its chance under independent (Poisson) drawing. */
function samples(population: readonly Case[]): { readonly drawn: readonly Case[]; readonly chance: number }[] {
  return population.reduce<{ drawn: readonly Case[]; chance: number }[]>(
    (some, one) =>
      some.flatMap(({ drawn, chance }) => [
        { drawn, chance: chance * (1 - one.probability) },
        { drawn: [...drawn, one], chance: chance * one.probability },
      ]),
    [{ drawn: [], chance: 1 }],
  );
}

const population = fc.array(
  fc.record({
    probability: fc.constantFrom(0.1, 0.25, 0.5, 1),
    x: fc.integer({ min: 0, max: 1 }),
    y: fc.integer({ min: -20, max: 20 }),
  }),
  { maxLength: 7 },
);

describe("review samples", () => {
  test("0 of 90 from 900 and 30 of 50 from 100 estimate 60 positives", () => {
    const { value, variance } = horvitzThompson([
      { probability: 90 / 900, sumY: 0, sumYSquared: 0 },
      { probability: 50 / 100, sumY: 30, sumYSquared: 30 },
    ])!;
    expect(value).toBe(60);
    expect(variance).toBe(60);
  });

  test("over all samples the total and its variance are right on average", () => {
    fc.assert(
      fc.property(population, (cases) => {
        const total = cases.reduce((sum, { y }) => sum + y, 0);
        const all = samples(cases).map(({ drawn, chance }) => ({ chance, ...horvitzThompson(grouped(drawn))! }));
        const expected = (of: (one: (typeof all)[number]) => number): number =>
          all.reduce((sum, one) => sum + one.chance * of(one), 0);
        expect(expected((one) => one.value)).toBeCloseTo(total, 9);
        expect(expected((one) => one.variance)).toBeCloseTo(
          expected((one) => (one.value - total) ** 2),
          6,
        );
        expect(numbersIn(all).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test("with one probability Hájek's ratio is the plain ratio, with all of 1 it is certain", () => {
    const cases = [1, 1, 0, 1].map((y) => ({ probability: 0.2, x: 1, y }));
    const ratio = hajekRatio(grouped(cases))!;
    expect(ratio.value).toBeCloseTo(0.75, 14);
    // Σ (1 − π)/π² (y − ¾)² / 20² = 20 · 0.75 / 400
    expect(ratio.variance).toBeCloseTo(0.0375, 14);
    const census = hajekRatio(grouped(cases.map((one) => ({ ...one, probability: 1 }))))!;
    expect([census.value, census.variance, census.lower, census.upper]).toEqual([0.75, 0, 0.75, 0.75]);
  });

  test("Hájek's ratio weights cases and does not depend on the order of groups", () => {
    fc.assert(
      fc.property(population, (cases) => {
        const groups = cases.flatMap((one) => grouped([one]));
        const ratio = hajekRatio(groups);
        expect(hajekRatio(groups.toReversed())).toEqual(ratio);
        expect(horvitzThompson(groups.toReversed())).toEqual(horvitzThompson(groups));
        const weighted = (of: (one: Case) => number): number =>
          cases.reduce((sum, one) => sum + of(one) / one.probability, 0);
        if (weighted(({ x }) => x) === 0) expect(ratio).toBeNull();
        else expect(ratio!.value).toBeCloseTo(weighted(({ y }) => y) / weighted(({ x }) => x), 10);
        expect(numbersIn(ratio).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test("without probabilities there is no estimate", () => {
    for (const probability of [0, -1, 1.5, NaN]) {
      expect(horvitzThompson([{ probability, sumY: 1, sumYSquared: 1 }])).toBeNull();
      expect(hajekRatio(grouped([{ probability, x: 1, y: 1 }]))).toBeNull();
    }
    expect(horvitzThompson([])).toMatchObject({ value: 0, variance: 0 });
  });
});

describe("Neyman allocation", () => {
  const draws = (strata: readonly { size: number; deviation: number }[], total: number, least?: number): number[] =>
    neymanAllocation(strata, total, least).map((stratum) => stratum.draws);

  test("goes by size times deviation, within the strata", () => {
    const strata = [
      { size: 1000, deviation: 0.1 },
      { size: 200, deviation: 0.5 },
      { size: 100, deviation: 0.5 },
    ];
    expect(draws(strata, 100)).toEqual([40, 40, 20].map((expected) => expect.closeTo(expected, 10)));
    expect(neymanAllocation(strata, 100)[1]!.probability).toBeCloseTo(0.2, 12);
    // the third is full at 100, so the others share the rest
    expect(draws([strata[0]!, { size: 10, deviation: 50 }], 60)).toEqual([50, 10].map((n) => expect.closeTo(n, 10)));
  });

  test("leaves no stratum without a draw, and goes by size where nothing varies", () => {
    expect(
      draws(
        [
          { size: 900, deviation: 0 },
          { size: 100, deviation: 0.4 },
        ],
        51,
      ),
    ).toEqual([expect.closeTo(1, 10), expect.closeTo(50, 10)]);
    expect(
      draws(
        [
          { size: 300, deviation: 0 },
          { size: 100, deviation: 0 },
        ],
        40,
      ),
    ).toEqual([expect.closeTo(30, 10), expect.closeTo(10, 10)]);
    expect(neymanAllocation([{ size: 0, deviation: 1 }], 10)).toEqual([{ draws: 0, probability: 0 }]);
    expect(neymanAllocation([], 10)).toEqual([]);
  });

  test("adds up as far as the limits allow, and no shift between two strata lowers the variance", () => {
    const strata = fc.array(
      fc.record({ size: fc.integer({ min: 0, max: 200 }), deviation: fc.constantFrom(0, 0.1, 0.5, 2, 40) }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(strata, fc.integer({ min: 0, max: 500 }), (some, total) => {
        const parts = neymanAllocation(some, total);
        const sum = parts.reduce((all, part) => all + part.draws, 0);
        const varied = some.some(({ size, deviation }) => size * deviation > 0);
        const most = some.reduce(
          (all, { size, deviation }) => all + (deviation > 0 || !varied ? size : Math.min(1, size)),
          0,
        );
        const fewest = some.reduce((all, { size }) => all + Math.min(1, size), 0);
        expect(sum).toBeCloseTo(Math.min(most, Math.max(fewest, total)), 8);
        const free = parts.flatMap(({ draws: drawn, probability }, index) => {
          const { size, deviation } = some[index]!;
          expect(drawn).toBeLessThanOrEqual(size);
          expect(drawn).toBeGreaterThanOrEqual(Math.min(1, size));
          expect(probability).toBeLessThanOrEqual(1);
          return drawn > 1 + 1e-9 && drawn < size - 1e-9 && deviation > 0 ? [drawn / (size * deviation)] : [];
        });
        // Within the limits the draws are in proportion, which is where the variance is least.
        for (const factor of free) expect(factor / mean(free)).toBeCloseTo(1, 8);
      }),
    );
  });
});
