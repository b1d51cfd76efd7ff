import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CapacityDay, capacityMetrics } from "../../../../cells/statistics/outcomes/capacity.ts";
import { mean, numbersIn } from "./random-rows.ts";

interface Row {
  readonly score: number;
  readonly label: boolean | null;
  readonly amount: number;
}

const row = fc.record({
  score: fc.constantFrom(0.1, 0.5, 0.9),
  label: fc.constantFrom(true, false, null),
  amount: fc.integer({ min: 1, max: 9000 }).map((cents) => cents / 100),
});
const days = fc.array(fc.array(row, { maxLength: 5 }), { maxLength: 4 });

function dayOf(rows: readonly Row[], index: number, k: number): CapacityDay {
  const groups = rows.map(({ score, label, amount }) => ({
    score,
    n: 1,
    positives: Number(label === true),
    unlabelled: Number(label === null),
    amountPositive: label === true ? amount : 0,
  }));
  const amounts = groups.map((group) => group.amountPositive).sort((left, right) => right - left);
  return { day: `2026-03-${index + 10}`, groups, amountOfBest: sum(amounts.slice(0, k)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** The mean over every order of the day's rows that its scores allow. */
function enumerated(rows: readonly Row[], k: number) {
  const tops = permutations(rows).map((order) => order.toSorted((a, b) => b.score - a.score).slice(0, k));
  const positives = rows.filter((one) => one.label === true).length;
  const found = (top: readonly Row[]): Row[] => top.filter((one) => one.label === true);
  return {
    precision: mean(tops.map((top) => found(top).length / top.length)),
    recall: positives === 0 ? null : mean(tops.map((top) => found(top).length / positives)),
    amount: mean(tops.map((top) => sum(found(top).map((one) => one.amount)))),
    unlabelled: mean(tops.map((top) => top.filter((one) => one.label === null).length)),
    bestPrecision: Math.min(k, positives) / Math.min(k, rows.length),
    bestRecall: positives === 0 ? null : Math.min(k, positives) / positives,
  };
}

const meanOrNull = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
};

function expectClose(value: number | null, expected: number | null): void {
  if (expected === null) expect(value).toBeNull();
  else expect(value).toBeCloseTo(expected, 9);
}

describe("capacity", () => {
  test("equals the mean over every order of tied rows", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 6 }), (rowsOfDays, k) => {
        const metrics = capacityMetrics(
          rowsOfDays.map((rows, index) => dayOf(rows, index, k)),
          k,
        );
        const naive = rowsOfDays.filter((rows) => rows.length > 0).map((rows) => enumerated(rows, k));
        const { precision_at_k, recall_at_k, amount_at_k } = metrics;
        expectClose(precision_at_k.value, meanOrNull(naive.map((day) => day.precision)));
        expectClose(recall_at_k.value, meanOrNull(naive.map((day) => day.recall)));
        expectClose(amount_at_k.value, meanOrNull(naive.map((day) => day.amount)));
        expectClose(precision_at_k.attainable, meanOrNull(naive.map((day) => day.bestPrecision)));
        expectClose(recall_at_k.attainable, meanOrNull(naive.map((day) => day.bestRecall)));
        expect(metrics.unlabelledSlots).toBeCloseTo(sum(naive.map((day) => day.unlabelled)), 12);
        expect(numbersIn(metrics).every(Number.isFinite)).toBe(true);
        for (const metric of [precision_at_k, recall_at_k, amount_at_k]) {
          expect(metric.value ?? 0).toBeLessThanOrEqual((metric.attainable ?? 0) + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("does not depend on the order of days or groups, and an invalid score takes no slot", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 6 }), (rowsOfDays, k) => {
        const input = rowsOfDays.map((rows, index) => dayOf(rows, index, k));
        const turned = input.toReversed().map((day) => ({
          ...day,
          groups: [...day.groups.toReversed(), { score: NaN, n: 3, positives: 3, unlabelled: 0, amountPositive: 9 }],
        }));
        expect(capacityMetrics(turned, k)).toEqual(capacityMetrics(input, k));
      }),
    );
  });

  test("a tie group that k cuts counts in part, an unlabelled row takes its slot", () => {
    const groups = [
      { score: 0.9, n: 2, positives: 1, unlabelled: 1, amountPositive: 100 },
      { score: 0.5, n: 4, positives: 2, unlabelled: 0, amountPositive: 60 },
      { score: 0.1, n: 50, positives: 3, unlabelled: 5, amountPositive: 30 },
    ];
    const metrics = capacityMetrics([{ day: "2026-03-01", groups }], 3);
    expect(metrics.precision_at_k.value).toBeCloseTo(1.5 / 3, 14);
    expect(metrics.recall_at_k.value).toBeCloseTo(1.5 / 6, 14);
    expect(metrics.amount_at_k.value).toBeCloseTo(115, 12);
    expect(metrics).toMatchObject({ slots: 3, unlabelledSlots: 1 });
    expect(metrics.precision_at_k.attainable).toBe(1);
    expect(metrics.recall_at_k.attainable).toBe(0.5);
    expect(metrics.amount_at_k.attainable).toBeNull();
  });

  test("days give an interval from six on, and no k or no rows give no value", () => {
    const dayWith = (day: string, positives: number): CapacityDay => ({
      day,
      groups: [{ score: 1, n: 4, positives, unlabelled: 0, amountPositive: positives }],
    });
    const week = [1, 2, 3, 2, 1, 2, 3].map((positives, index) => dayWith(`2026-03-0${index + 1}`, positives));
    const { precision_at_k } = capacityMetrics(week, 10);
    expect(precision_at_k).toMatchObject({ value: 0.5, n: 7 });
    // standard deviation of the days 0.2041, of their mean 0.0772, Student 2.4469
    expect(precision_at_k.lower).toBeCloseTo(0.5 - 2.4469 * 0.07715, 3);
    expect(capacityMetrics(week.slice(0, 5), 10).precision_at_k.lower).toBeNull();
    for (const k of [0, -1, NaN]) expect(capacityMetrics(week, k).precision_at_k.value).toBeNull();
    expect(capacityMetrics([{ day: "2026-03-01", groups: [] }], 5).precision_at_k.n).toBe(0);
  });
});
