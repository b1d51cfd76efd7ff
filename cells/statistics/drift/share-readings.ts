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
 *
 * `new_category_share`: the current share itself. `reference` counts the reference rows whose category occurs only once
 * there: each would be new to the others, so their share is what to expect of new rows without any drift (Good and Turing
 * 1953). p is that of the two-proportion test against it, and 1 where no more is new than that.
 */
export function shareEffect(reading: ShareReading, reference: CountedShare, current: CountedShare): ShareEffect {
  if (reference.rows === 0 || current.rows === 0) return { effect: null, p: null };
  const { p } = twoProportions(reference.count, reference.rows, current.count, current.rows);
  const [before, now] = [reference.count / reference.rows, current.count / current.rows];
  if (reading === "new_category_share") return { effect: now, p: now > before ? p : 1 };
  return { effect: Math.abs(now - before), p };
}
