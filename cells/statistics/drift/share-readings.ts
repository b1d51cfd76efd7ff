import { normalTwoSided } from "../special/distributions.ts";
import { twoProportions } from "./count-tests.ts";
import type { DefaultBounds } from "./metrics.ts";

/** Readings about what is missing, no number, or new: made of every column, also where no values remain. */
export type ShareReading = "missing_share" | "invalid_share" | "new_category_share";

export interface ShareReadingDefinition {
  readonly definition: string;
  readonly bounds: DefaultBounds;
  readonly meaning: string;
}

export interface CountedShare {
  readonly count: number;
  readonly rows: number;
}

export interface ShareEffect {
  /** What bounds are about; null where a side has no rows. */
  readonly effect: number | null;
  /** The probability of such a difference by chance, not adjusted; null where a side has no rows. */
  readonly p: number | null;
}

export const SHARE_READINGS: Readonly<Record<ShareReading, ShareReadingDefinition>> = {
  missing_share: {
    definition: "missing_share@1",
    bounds: { warn: { type: "above", value: 0.05 }, fail: { type: "above", value: 0.2 } },
    meaning: "The difference of the shares of missing values.",
  },
  invalid_share: {
    definition: "invalid_share@1",
    bounds: { warn: { type: "above", value: 0.05 }, fail: { type: "above", value: 0.2 } },
    meaning: "The difference of the shares of rows that hold neither a value nor null, such as NaN.",
  },
  new_category_share: {
    definition: "new_category_share@1",
    bounds: { warn: { type: "above", value: 0.01 }, fail: { type: "above", value: 0.05 } },
    meaning: "The share of current rows whose category the reference does not have.",
  },
};

/**
 * `missing_share` and `invalid_share`: the difference of the shares without its sign, since values that stop being missing
 * are drift as well, and p of the two-proportion test.
 */
export function shareEffect(reference: CountedShare, current: CountedShare): ShareEffect {
  if (reference.rows === 0 || current.rows === 0) return { effect: null, p: null };
  const { p } = twoProportions(reference.count, reference.rows, current.count, current.rows);
  return { effect: Math.abs(current.count / current.rows - reference.count / reference.rows), p };
}

/** Rows of the reference, and its categories that occur once and twice there. */
export interface KnownCategories {
  readonly rows: number;
  readonly singletons: number;
  readonly doubletons: number;
}

/**
 * `new_category_share`: the current share itself. Each singleton of the reference would be new to its other rows, so their
 * share is what to expect of new rows without any drift (Good and Turing 1953). p is that of more new rows than this; 1
 * where there are no more. The expectation is an estimate of its own, whose variance is (N1 + 2·N2) / n² with N1 and N2
 * categories of one and of two rows (Robbins 1968; Esty 1983): as the two-proportion test has it but for 2·N2.
 */
export function newCategoryEffect(reference: KnownCategories, current: CountedShare): ShareEffect {
  const { rows: n, singletons, doubletons } = reference;
  const { count, rows: m } = current;
  if (n === 0 || m === 0) return { effect: null, p: null };
  const effect = count / m;
  const difference = effect - singletons / n;
  if (difference <= 0) return { effect, p: 1 };
  const share = (singletons + count) / (n + m);
  const variance = share * (1 - share) * (1 / n + 1 / m) + (2 * doubletons) / n ** 2;
  // Where every row of both samples is new the share cannot vary: then nothing is more than expected.
  return { effect, p: variance > 0 ? normalTwoSided(difference / Math.sqrt(variance)) : 1 };
}
