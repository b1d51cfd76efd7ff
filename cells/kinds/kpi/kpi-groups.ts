import type { WindowMaturity } from "../../statistics/outcomes/maturity.ts";

/** A row of an engine's answer: numbers, and texts of slices and days. */
export type Row = Readonly<Record<string, unknown>>;

/** Of `scoreGroups`: one entry a distinct score, highest first. */
export interface ScoreTally {
  readonly scores: Float64Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  /** With rows that have no truth. */
  readonly rows: Float64Array;
  readonly ifAlerted: Float64Array;
  readonly ifPassed: Float64Array;
}

/** What was counted of one group of rows: all, a slice or a chunk of time. */
export interface KpiGroup {
  readonly slice: string | null;
  readonly chunk: readonly [start: string, end: string] | null;
  /** Of `confusionCounts`. */
  readonly counts: Row;
  /** Null without scores. */
  readonly scores: ScoreTally | null;
  readonly isRounded: boolean;
  readonly accounts: Row | null;
  readonly regression: Row | null;
  /** Of `capacityGroups`; only of all rows. */
  readonly days: readonly Row[] | null;
  /** Null where no cohort tells. */
  readonly maturity: WindowMaturity | null;
}
