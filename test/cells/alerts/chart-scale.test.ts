import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chartScale } from "../../../cells/alerts/chart-scale.ts";
import type { Limit } from "../../../cells/views/bound-words.ts";

const above = (value: number): Limit => ({ level: "fail", value, side: "above" });

describe("the scale of a chart", () => {
  test.each([
    ["begins at 0", [0.02, 0.31], [0.25], { low: 0, high: 0.31, base: 0 }],
    ["reaches to the bound", [0.02, 0.05], [0.25], { low: 0, high: 0.25, base: 0 }],
    ["goes both ways from 0", [-0.6, 0.2], [0.4], { low: -0.6, high: 0.4, base: 0 }],
    ["hangs from 0 where nothing is positive", [-5, -1], [], { low: -5, high: 0, base: 0 }],
    ["begins below what lies high, at a round number", [0.71, 0.78], [0.7], { low: 0.67, high: 0.78, base: 0.67 }],
    ["ends above what lies low", [-78, -71], [], { low: -78, high: -68, base: -68 }],
    ["of equal values begins at 0", [5, 5, 5], [], { low: 0, high: 5, base: 0 }],
    ["of zeros is one all the same", [0, 0], [], { low: 0, high: 1, base: 0 }],
    ["of zeros reaches to a bound", [0, 0], [3], { low: 0, high: 3, base: 0 }],
  ])("%s", (_, values, limits, scale) => {
    expect(chartScale(values, limits.map(above))).toEqual({ ...scale, limits: limits.map(above) });
  });

  test("leaves a bound out that would flatten the values, and keeps one that lies nearer", () => {
    expect(chartScale([1, 5], [above(1000), above(30)])).toEqual({ low: 0, high: 30, base: 0, limits: [above(30)] });
  });

  test("begins at 0 where values are too small for a rounder number", () => {
    expect(chartScale([-1.5e-323], [above(-2e-323)])).toMatchObject({ low: -2e-323, high: 0 });
  });

  test("has every value and kept bound on it, and bars stand within it", () => {
    const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 30 }),
        fc.array(value, { maxLength: 2 }),
        (values, bounds) => {
          const { low, high, base, limits } = chartScale(values, bounds.map(above));
          expect(high).toBeGreaterThan(low);
          for (const one of [base, ...values, ...limits.map((limit) => limit.value)])
            expect(one >= low && one <= high, `${one} in ${low} to ${high}`).toBe(true);
        },
      ),
    );
  });
});
