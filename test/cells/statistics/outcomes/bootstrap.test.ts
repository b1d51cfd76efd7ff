import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  POISSON_ONE_CUMULATIVE,
  percentileInterval,
  poissonWeight,
} from "../../../../cells/statistics/outcomes/bootstrap.ts";

describe("bootstrap", () => {
  test("the interval of 0 to 200 is 5 to 195, in any order", () => {
    const replicates = Array.from({ length: 201 }, (_, index) => (index * 77) % 201);
    expect(percentileInterval(replicates)).toEqual({ lower: 5, upper: 195 });
    const { lower, upper } = percentileInterval(Array.from({ length: 200 }, (_, index) => index))!;
    expect(lower).toBeCloseTo(4.975, 12);
    expect(upper).toBeCloseTo(194.025, 12);
  });

  test("what has no value is left out, and under 100 there is no interval", () => {
    const some: (number | null)[] = Array.from({ length: 100 }, (_, index) => index);
    expect(percentileInterval([...some, null, NaN, Infinity])).toEqual(percentileInterval(some));
    expect(percentileInterval([...some.slice(1), null])).toBeNull();
    expect(percentileInterval(Array(200).fill(3))).toEqual({ lower: 3, upper: 3 });
  });

  test("the interval lies within the replicates", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 100 }),
        (values) => {
          const { lower, upper } = percentileInterval(values)!;
          expect(lower).toBeGreaterThanOrEqual(Math.min(...values));
          expect(upper).toBeLessThanOrEqual(Math.max(...values));
          expect(lower).toBeLessThanOrEqual(upper);
        },
      ),
    );
  });

  test("the thresholds are the cumulative Poisson probabilities of mean 1", () => {
    let [probability, cumulative] = [Math.exp(-1), 0];
    POISSON_ONE_CUMULATIVE.forEach((threshold, index) => {
      cumulative += probability;
      probability /= index + 1;
      expect(Math.abs(threshold - cumulative)).toBeLessThan(3e-16);
      expect(threshold).toBeGreaterThan(POISSON_ONE_CUMULATIVE[index - 1] ?? 0);
    });
    expect(POISSON_ONE_CUMULATIVE.at(-1)).toBeLessThan(1);
  });

  test("a uniform hash becomes weights of mean 1 and variance 1", () => {
    expect([0, 0.3678, 0.3679, 0.7357, 0.7358, 0.92].map(poissonWeight)).toEqual([0, 0, 1, 1, 2, 3]);
    const weights = Array.from({ length: 100_000 }, (_, index) => poissonWeight((index + 0.5) / 100_000));
    const average = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    const variance = weights.reduce((sum, weight) => sum + (weight - average) ** 2, 0) / weights.length;
    expect(average).toBeCloseTo(1, 4);
    expect(variance).toBeCloseTo(1, 3);
  });
});
