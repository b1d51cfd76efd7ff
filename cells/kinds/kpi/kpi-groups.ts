import type { WindowMaturity } from "../../statistics/outcomes/maturity.ts";

/** A row of an engine's answer: numbers, and texts of slices and days. */
export type Row = Readonly<Record<string, unknown>>;

/** What was counted of one group of rows: all, a slice or a chunk of time. */
export interface KpiGroup {
  readonly slice: string | null;
  readonly chunk: readonly [start: string, end: string] | null;
  /** Of `confusionCounts`. */
  readonly counts: Row;
  /** Of `scoreGroups`, highest score first; null without scores. */
  readonly scores: readonly Row[] | null;
  readonly isRounded: boolean;
  readonly accounts: Row | null;
  readonly regression: Row | null;
  /** Of `capacityGroups`; only of all rows. */
  readonly days: readonly Row[] | null;
  /** Null where no cohort tells. */
  readonly maturity: WindowMaturity | null;
}
