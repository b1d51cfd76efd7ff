import fc from "fast-check";
import { type ScoreCurve, scoreCurve } from "../../../../cells/statistics/outcomes/score-curve.ts";

export interface ScoredRow {
  readonly score: number;
  readonly positive: boolean;
}

/** Ten rows whose metrics are known. Equal scores are one threshold group. */
export const TEN_ROWS: readonly ScoredRow[] = [0.9, 0.35, 0.45, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1, 0].map(
  (score, index) => ({
    score,
    positive: index < 2,
  }),
);

const score = fc.oneof(
  fc.integer({ min: 0, max: 4 }).map((step) => step / 4),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** Rows with many ties, of one class or two, of one score or several. */
export const scoredRows: fc.Arbitrary<readonly ScoredRow[]> = fc.oneof(
  fc.array(fc.record({ score, positive: fc.boolean() }), { maxLength: 40, size: "max" }),
  fc.array(fc.record({ score, positive: fc.constantFrom(true) }), { maxLength: 10 }),
  fc.array(fc.record({ score, positive: fc.constantFrom(false) }), { maxLength: 10 }),
  fc.array(fc.record({ score: fc.constantFrom(0.5), positive: fc.boolean() }), { maxLength: 10 }),
);

/** Rows of both classes. */
export const mixedRows: fc.Arbitrary<readonly ScoredRow[]> = fc
  .tuple(scoredRows, score, score)
  .map(([rows, one, other]) => [...rows, { score: one, positive: true }, { score: other, positive: false }]);

/** The curve as an engine would count it. */
export function curveOf(rows: readonly ScoredRow[]): ScoreCurve {
  return scoreCurve(
    rows.map((row) => ({ score: row.score, positives: Number(row.positive), negatives: Number(!row.positive) })),
  );
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Every number in a result, at any depth. */
export function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(numbersIn);
  return [];
}
