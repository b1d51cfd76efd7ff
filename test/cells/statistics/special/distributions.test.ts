import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cramerVonMisesUpper } from "../../../../cells/statistics/special/cramer-von-mises-limit.ts";
import {
  chiSquareUpper,
  kolmogorovUpper,
  normalQuantile,
  normalTwoSided,
  normalUpper,
} from "../../../../cells/statistics/special/distributions.ts";
import { gammaUpper, stirlingError } from "../../../../cells/statistics/special/gamma.ts";
import { preciseSum } from "../../../../cells/statistics/special/precise-sum.ts";
import { studentTwoSided } from "../../../../cells/statistics/special/student.ts";
import {
  CHI_SQUARE_UPPER,
  CRAMER_VON_MISES_UPPER,
  KOLMOGOROV_UPPER,
  NORMAL_QUANTILE,
  NORMAL_UPPER,
  STUDENT_TWO_SIDED,
} from "./reference-values.ts";

const expectClose = (found: number, expected: number, at: string): void => {
  expect(Math.abs(found - expected), at).toBeLessThanOrEqual(1e-11 * Math.abs(expected));
};

describe("relative errors stay below 1e-11 from the middle to where double precision ends", () => {
  test("normal tail and quantile", () => {
    for (const [z, p] of NORMAL_UPPER) expectClose(normalUpper(z), p, `z ${z}`);
    for (const [z, p] of NORMAL_UPPER) if (z >= 0) expectClose(normalTwoSided(-z), 2 * p, `|z| ${z}`);
    for (const [p, z] of NORMAL_QUANTILE) expectClose(normalQuantile(p), z, `p ${p}`);
  });

  test("chi-square tail, up to a million degrees", () => {
    for (const [x, degrees, p] of CHI_SQUARE_UPPER) expectClose(chiSquareUpper(x, degrees), p, `${x}, ${degrees}`);
  });

  test("Student's tail, up to a milliard degrees, also fractional", () => {
    for (const [t, degrees, p] of STUDENT_TWO_SIDED) {
      expectClose(studentTwoSided(t, degrees), p, `${t}, ${degrees}`);
      expect(studentTwoSided(-t, degrees)).toBe(studentTwoSided(t, degrees));
    }
  });

  test("the limits of Kolmogorov and of Cramér and von Mises", () => {
    for (const [x, p] of KOLMOGOROV_UPPER) expectClose(kolmogorovUpper(x), p, `x ${x}`);
    for (const [x, p] of CRAMER_VON_MISES_UPPER) expectClose(cramerVonMisesUpper(x), p, `x ${x}`);
  });
});

test("the ends of each range have values: nothing throws, hangs or gives NaN there", () => {
  expect([-Infinity, -50, 50, Infinity].map(normalUpper)).toEqual([1, 1, 0, 0]);
  expect([0, 1].map(normalQuantile)).toEqual([-Infinity, Infinity]);
  expect([-1, 0, 1e-300, 5000, Infinity].map((x) => chiSquareUpper(x, 3))).toEqual([1, 1, 1, 0, 0]);
  expect([-1, 0, 0.01, 100, Infinity].map(kolmogorovUpper)).toEqual([1, 1, 1, 0, 0]);
  expect([-1, 0, 1e-9, 1e9, Infinity].map(cramerVonMisesUpper)).toEqual([1, 1, 1, 0, 0]);
  expect([0, Infinity, -Infinity].map((t) => studentTwoSided(t, 4))).toEqual([1, 0, 0]);
  expectClose(studentTwoSided(1e200, 1), 2 / (Math.PI * 1e200), "beyond the root of the largest double");
});

test("what is no number or no degrees of freedom is refused", () => {
  for (const of of [normalUpper, normalQuantile, kolmogorovUpper, cramerVonMisesUpper]) {
    expect(() => of(Number.NaN)).toThrow(RangeError);
  }
  expect(() => normalQuantile(1.5)).toThrow("normalQuantile(1.5): expected a probability");
  expect(() => chiSquareUpper(1, 0)).toThrow(RangeError);
  expect(() => studentTwoSided(1, -1)).toThrow(RangeError);
});

test("tails fall, and never leave [0, 1]", () => {
  const x = fc.double({ min: 0, max: 2000, noNaN: true });
  const degrees = fc.double({ min: 0.5, max: 3000, noNaN: true });
  fc.assert(
    fc.property(x, x, degrees, (a, b, k) => {
      for (const tail of [(at: number) => chiSquareUpper(at, k), (at: number) => studentTwoSided(at, k)]) {
        const [near, far] = [tail(Math.min(a, b)), tail(Math.max(a, b))];
        expect(near).toBeLessThanOrEqual(1);
        expect(far).toBeGreaterThanOrEqual(0);
        expect(far).toBeLessThanOrEqual(near + 1e-13);
      }
    }),
  );
});

test("the incomplete gamma function of whole and half a has its closed form", () => {
  for (const x of [0.01, 0.5, 1.9, 2.1, 7, 40, 300]) {
    expectClose(gammaUpper(1, x), Math.exp(-x), `1, ${x}`);
    expectClose(gammaUpper(2, x), (1 + x) * Math.exp(-x), `2, ${x}`);
    expectClose(gammaUpper(0.5, x), normalTwoSided(Math.sqrt(2 * x)), `½, ${x}`);
  }
  expectClose(stirlingError(1), 1 - Math.log(2 * Math.PI) / 2, "Γ(1) = 1");
});

test("a sum keeps the small terms between large ones, in any order", () => {
  expect(preciseSum([1, 1e100, 1, -1e100])).toBe(2);
  expect(preciseSum([])).toBe(0);
  expect(preciseSum([1, Infinity])).toBe(Infinity);
  expect(preciseSum(new Array<number>(1e6).fill(0.1))).toBe(1e5);
});
