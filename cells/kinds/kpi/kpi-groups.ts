import type { CapacityDay } from "../../statistics/outcomes/capacity.ts";
import type { WindowMaturity } from "../../statistics/outcomes/maturity.ts";
import type { EstimatedFigures } from "./estimated-figures.ts";
import type { ReviewSample } from "./review-weights.ts";

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

/** Of the metrics whose interval comes from replicates. */
export interface BootstrapIntervals {
  readonly found: Readonly<Record<string, { readonly lower: number; readonly upper: number }>>;
  /** Why the others have none, as a sentence. */
  readonly why: Readonly<Record<string, string>>;
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
  /** What each day's alerts are chosen from; null where no metric asks. */
  readonly days: readonly CapacityDay[] | null;
  /** Of `weightedSums`; null where every label counts as one. */
  readonly weighted: Row | null;
  /** The cell's own metrics by name. */
  readonly own: Readonly<Record<string, number | null>>;
  readonly bootstrap: BootstrapIntervals;
  /** Null where nothing is estimated. */
  readonly estimated: EstimatedFigures | null;
  /** Of a piece of time: the same rows with what was known at an earlier as-of; null where nobody asked. */
  readonly knownThen: KnownThen | null;
  /** Null where no cohort tells. */
  readonly maturity: WindowMaturity | null;
}

export interface KnownThen {
  readonly group: CountedGroup;
  readonly asOf: string;
  /** Of those labels. */
  readonly sample: ReviewSample | null;
}

/** What an engine counts of a group; the rest is learnt elsewhere. */
export type CountedGroup = Omit<KpiGroup, "maturity" | "estimated" | "knownThen">;
