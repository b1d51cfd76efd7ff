import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isProvisional,
  type LabelDelay,
  maturityAt,
  maturityCurves,
  maturityOfWindow,
} from "../../../../cells/statistics/outcomes/maturity.ts";
import { numbersIn } from "./random-rows.ts";

const label = fc.record({
  labelClass: fc.constantFrom("fraud", "genuine", "chargeback"),
  delayDays: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.double({ min: 0, max: 30, noNaN: true })),
  n: fc.integer({ min: 1, max: 20 }),
});
const labels = fc.array(label, { maxLength: 30, size: "max" });
const ages = fc.array(fc.record({ ageDays: fc.integer({ min: -2, max: 40 }), n: fc.integer({ min: 0, max: 9 }) }));

/** Label by label. */
function knownShare(delays: readonly LabelDelay[], labelClass: string, ageDays: number): number {
  const all = delays.filter((one) => one.labelClass === labelClass).flatMap((one) => Array(one.n).fill(one.delayDays));
  return all.filter((delay) => delay <= ageDays).length / all.length;
}

describe("label maturity", () => {
  const curves = maturityCurves([
    { labelClass: "fraud", delayDays: 10, n: 5 },
    { labelClass: "fraud", delayDays: 30, n: 5 },
    { labelClass: "genuine", delayDays: 1, n: 90 },
    { labelClass: "genuine", delayDays: 20, n: 10 },
  ]);

  test("is a step curve by class", () => {
    expect(curves!.map((curve) => curve.labelClass)).toEqual(["fraud", "genuine"]);
    const [fraud, genuine] = curves!;
    expect([9.9, 10, 29.9, 30].map((age) => maturityAt(fraud!, age))).toEqual([0, 0.5, 0.5, 1]);
    expect([0.5, 1, 20].map((age) => maturityAt(genuine!, age))).toEqual([0, 0.9, 1]);
  });

  test("of a window is that of its slowest class", () => {
    const window = [
      { ageDays: 15, n: 30 },
      { ageDays: 35, n: 10 },
    ];
    expect(maturityOfWindow(curves, window)).toEqual({ value: (30 * 0.5 + 10) / 40, slowest: "fraud" });
    expect(isProvisional(maturityOfWindow(curves, window))).toBe(true);
    expect(isProvisional(maturityOfWindow(curves, [{ ageDays: 40, n: 1 }]))).toBe(false);
    expect(isProvisional({ value: 0.9, slowest: "fraud" })).toBe(false);
    const tenths = maturityCurves([
      { labelClass: "fraud", delayDays: 1, n: 9 },
      { labelClass: "fraud", delayDays: 50, n: 1 },
    ]);
    const days = Array.from({ length: 28 }, (_, index) => ({ ageDays: index + 1, n: index + 1 }));
    expect(maturityOfWindow(tenths, days)!.value).toBe(0.9);
  });

  test("without a cohort or without decisions is not known, so provisional", () => {
    expect(maturityCurves([])).toBeNull();
    expect(maturityOfWindow(null, [{ ageDays: 3, n: 5 }])).toBeNull();
    expect(maturityOfWindow(curves, [])).toBeNull();
    expect(isProvisional(null)).toBe(true);
  });

  test("totals count labels that the delays do not", () => {
    const [half] = maturityCurves([{ labelClass: "fraud", delayDays: 2, n: 10 }], new Map([["fraud", 20]]))!;
    expect(maturityAt(half!, 100)).toBe(0.5);
    const [whole] = maturityCurves([{ labelClass: "fraud", delayDays: 2, n: 10 }], new Map([["fraud", 3]]))!;
    expect(maturityAt(whole!, 100)).toBe(1);
  });

  test("equals the label-by-label shares, in any order, and grows with age", () => {
    fc.assert(
      fc.property(labels, ages, (delays, window) => {
        const curves = maturityCurves(delays);
        expect(maturityCurves(delays.toReversed())).toEqual(curves);
        expect(maturityOfWindow(curves, window.toReversed())).toEqual(maturityOfWindow(curves, window));
        for (const curve of curves ?? []) {
          for (const { ageDays } of window) {
            expect(maturityAt(curve, ageDays)).toBeCloseTo(knownShare(delays, curve.labelClass, ageDays), 14);
          }
        }
        const older = window.map((group) => ({ ...group, ageDays: group.ageDays + 5 }));
        const maturity = maturityOfWindow(curves, window);
        if (maturity !== null) {
          expect(maturityOfWindow(curves, older)!.value).toBeGreaterThanOrEqual(maturity.value);
          expect(maturity.value).toBeLessThanOrEqual(1);
        }
        expect(numbersIn([curves, maturity]).every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
