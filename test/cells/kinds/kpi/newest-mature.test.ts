import fc from "fast-check";
import { expect, test } from "vitest";
import { type MatureContext, newestMature } from "../../../../cells/kinds/kpi/newest-mature.ts";
import { isProvisional, maturityCurves, maturityOfWindow } from "../../../../cells/statistics/outcomes/maturity.ts";
import { unitAfter } from "../../../../cells/time/resolve-window.ts";

const AS_OF = "2026-03-18T09:30:00.000Z";
/** Nine labels in ten come within 20 days, the last after 60. */
const CURVES = maturityCurves([
  { labelClass: "fraud", delayDays: 20, n: 9 },
  { labelClass: "fraud", delayDays: 60, n: 1 },
]);
/** A decision on each day of the year before the as-of. */
const AGES = Array.from({ length: 365 }, (_, ageDays) => ({ ageDays, n: 1 }));

const context = (change: Partial<MatureContext> = {}): MatureContext => ({
  dueAt: AS_OF,
  asOf: AS_OF,
  zone: "UTC",
  curves: CURVES,
  ages: AGES,
  ...change,
});
const weeks = (count: number, change: Partial<MatureContext> = {}) => {
  const found = newestMature(count, "week", context(change));
  return found === null ? null : [found.start.slice(0, 10), found.end.slice(0, 10)];
};

test("the newest weeks whose labels have come end before those that still wait for theirs", () => {
  expect(weeks(4)).toEqual(["2026-01-26", "2026-02-23"]);
});

test("a due time in the past asks for the weeks that end at or before it, as mature as the as-of knows them", () => {
  expect(weeks(4, { dueAt: "2026-02-11T07:00:00.000Z" })).toEqual(["2026-01-12", "2026-02-09"]);
  expect(weeks(1, { dueAt: "2026-02-09T00:00:00.000Z" })).toEqual(["2026-02-02", "2026-02-09"]);
  // At the due time itself those weeks were not mature.
  expect(weeks(4, { dueAt: "2026-02-11T07:00:00.000Z", asOf: "2026-02-11T07:00:00.000Z" })).toEqual([
    "2025-12-22",
    "2026-01-19",
  ]);
});

test("without decisions before the due time, or labels, nothing is mature", () => {
  expect(weeks(1, { dueAt: "2024-01-01T00:00:00.000Z" })).toBeNull();
  expect(weeks(1, { ages: [] })).toBeNull();
  expect(weeks(1, { curves: null })).toBeNull();
});

test("what is found ends at or before the due time, is mature, and nothing newer is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 6 }), (daysLate, count) => {
      const dueAt = new Date(Date.parse(AS_OF) - daysLate * 86_400_000).toISOString();
      const found = newestMature(count, "week", context({ dueAt }))!;
      expect(found.end <= dueAt).toBe(true);
      expect(unitAfter(found.end, -count, "week", "UTC")).toBe(found.start);
      const maturity = (end: string) => {
        const age = (iso: string): number => (Date.parse(AS_OF) - Date.parse(iso)) / 86_400_000;
        const [from, to] = [Math.floor(age(end)), Math.ceil(age(unitAfter(end, -1, "week", "UTC")))];
        return maturityOfWindow(CURVES, AGES.slice(from, to));
      };
      expect(isProvisional(maturity(found.end))).toBe(false);
      const next = unitAfter(found.end, 1, "week", "UTC");
      if (next <= dueAt) expect(isProvisional(maturity(next))).toBe(true);
    }),
  );
});
