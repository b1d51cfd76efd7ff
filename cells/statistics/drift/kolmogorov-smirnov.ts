import { kolmogorovUpper } from "../special/distributions.ts";
import { exactKsUpper } from "./kolmogorov-smirnov-exact.ts";
import { totalsOfBins } from "./shares.ts";
import { areWhole, type Tally, totalsOf } from "./tally.ts";

/** Up to so many rows on the larger side p is exact, as `ks_2samp` of scipy has it. */
export const EXACT_KS_ROWS = 10_000;

export interface KsTest {
  /** D = sup |F − G| */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
}

/** A value from bins; the value over all rows is between `value` − `errorBound` and `value` + `errorBound`. */
export interface BinnedValue {
  readonly value: number;
  readonly errorBound: number;
}

/** sup |F − G| over all values, ties handled; RangeError where a side is empty. */
export function ksStatistic(tally: Tally): number {
  const { n, m } = totalsOf(tally);
  let [below, belowCurrent, most] = [0, 0, 0];
  for (let at = 0; at < tally.values.length - 1; at++) {
    below += tally.reference[at]!;
    belowCurrent += tally.current[at]!;
    most = Math.max(most, Math.abs(below * m - belowCurrent * n));
  }
  return Math.min(1, most / (n * m));
}

/** D and its p: see `ksUpper`. RangeError where a side is empty. */
export function ksTest(tally: Tally): KsTest {
  const { n, m } = totalsOf(tally);
  const statistic = ksStatistic(tally);
  return { statistic, p: areWhole({ n, m }) ? ksUpper(statistic, n, m) : limit(statistic, n, m) };
}

/**
 * The probability of a D at least as large for n and m rows of one continuous distribution: exact while both are at most
 * 10 000, beyond that Kolmogorov's limit Q(√(nm / (n + m))·D). There scipy takes another limit, in which D is first
 * corrected for n and m, and differs. With ties the true probability is smaller.
 */
export function ksUpper(d: number, n: number, m: number): number {
  if (!(n > 0 && m > 0)) throw new RangeError(`ksUpper of ${n} and ${m} rows; expected at least one on each side`);
  return Math.max(n, m) <= EXACT_KS_ROWS ? exactKsUpper(d, n, m) : limit(d, n, m);
}

/**
 * sup |F − G| over the edges between bins, which is never above D. `errorBound` is how much D can be larger: within a
 * bin each side rises by its share, so it is at most the largest share of a bin on either side. RangeError where a side
 * is empty.
 */
export function ksFromBins(referenceCounts: readonly number[], currentCounts: readonly number[]): BinnedValue {
  const { n, m } = totalsOfBins(referenceCounts, currentCounts);
  let [difference, value, highest] = [0, 0, 0];
  for (const [bin, count] of referenceCounts.entries()) {
    // In units of 1 / (n·m), which keeps whole counts exact.
    const [rise, riseOfCurrent] = [count * m, currentCounts[bin]! * n];
    highest = Math.max(highest, difference + rise, riseOfCurrent - difference);
    difference += rise - riseOfCurrent;
    value = Math.max(value, Math.abs(difference));
  }
  return { value: value / (n * m), errorBound: (highest - value) / (n * m) };
}

function limit(d: number, n: number, m: number): number {
  return kolmogorovUpper(Math.sqrt((n / (n + m)) * m) * d);
}
