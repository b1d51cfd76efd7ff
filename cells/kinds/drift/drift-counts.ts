import type { Tally } from "../../statistics/drift/tally.ts";
import type { GroupCounts } from "./category-counts.ts";

/** One side of a subject in one group: what an engine counted. */
export interface Side {
  readonly rows: number;
  /** Rows with a value. */
  readonly n: number;
  /** Rows that are null. */
  readonly missing: number;
  /** Rows that are neither null nor a value: NaN, ±infinity. */
  readonly invalid: number;
  /** Per bin or category, aligned with the subject's. */
  readonly counts: readonly number[];
  /** Rows of each value that the reference lacks, where a convention compares them one by one. */
  readonly unseen?: readonly number[];
  /** Smallest and largest value; null without values, and for categories. */
  readonly min: number | null;
  readonly max: number | null;
  /** Of the values; null where it was not asked for. */
  readonly mean: number | null;
  /** Population variance (ddof 0). */
  readonly variance: number | null;
}

/** Exact distances of two samples, where they were computed. */
export interface ExactPair {
  /** sup |F − G| */
  readonly d: number;
  /** ∫|F − G| dx, in the column's units */
  readonly w: number;
}

export interface Group {
  /** "country = DE"; null for all rows. */
  readonly slice: string | null;
  /** The chunk of time, half-open; null for the whole window. */
  readonly chunk: readonly [start: string, end: string] | null;
  /** A chunk of the reference: drawn, not judged. */
  readonly isReference: boolean;
}

export interface SubjectGroup extends Group {
  readonly reference: Side;
  readonly current: Side;
  readonly exact: ExactPair | null;
  /** Distinct values with their counts, where a metric needs them. */
  readonly tally: Tally | null;
  /** Groups for a category's noise test; null for numbers. */
  readonly noise: GroupCounts | null;
  /** Counts in the bins of another library's convention, for the metrics that follow it. */
  readonly other: OtherBins | null;
}

/** Aligned counts of both sides as another library bins them. */
export interface OtherBins {
  readonly edges: readonly number[] | null;
  readonly reference: readonly number[];
  readonly current: readonly number[];
  /** Evidently bins once more for Hellinger. */
  readonly hellinger: { readonly reference: readonly number[]; readonly current: readonly number[] } | null;
}

/** A compared column with its bins or categories and what was counted in them. */
export type SubjectCounts = NumericSubject | CategoricalSubject;

export interface NumericSubject {
  readonly kind: "numeric";
  readonly subject: string;
  /** Interior edges of the centile bins: distinct, ascending. Counts have one more entry. */
  readonly edges: readonly number[];
  /** The nine interior deciles' distinct values, each also among `edges`. */
  readonly deciles: readonly number[];
  readonly min: number | null;
  readonly max: number | null;
  /** The centiles come from a sample of the reference. */
  readonly sampled: boolean;
  readonly groups: readonly SubjectGroup[];
}

export interface CategoricalSubject {
  readonly kind: "categorical";
  readonly subject: string;
  /** The reference's categories, most frequent first; then `other` and `new` where they are. */
  readonly categories: readonly Category[];
  /** Reference rows whose category occurs only once there: as many new ones are to be expected without drift. */
  readonly singletons: number;
  /** And those whose category occurs twice, as categories: they say how well the singletons are known. */
  readonly doubletons: number;
  readonly groups: readonly SubjectGroup[];
}

export type Category =
  | { readonly type: "value"; readonly text: string }
  | { readonly type: "other" }
  /** Values that the reference does not have. */
  | { readonly type: "new" };
