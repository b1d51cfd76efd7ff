import { preciseSum } from "../special/precise-sum.ts";

/**
 * `driftbook` is this product's own; `evidently` follows evidently 0.7 and `nannyml` NannyML 0.13, both with the bin
 * edges of numpy 2, for the metrics that `DRIFT_METRICS` names, so that a team can move without its history jumping.
 */
export const CONVENTIONS = ["driftbook", "evidently", "nannyml"] as const;
export type Convention = (typeof CONVENTIONS)[number];

/** The shares of both samples in the same bins, each summing to 1 unless filled. */
export interface SharePair {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** The smallest share that a logarithm is taken of. */
const LEAST_SHARE = 1e-4;

/**
 * The total of each side's counts in aligned bins. RangeError where a side is empty, a count is negative or not finite,
 * or the sides differ in length.
 */
export function totalsOfBins(reference: readonly number[], current: readonly number[]): { n: number; m: number } {
  if (reference.length !== current.length) {
    throw new RangeError(
      `${reference.length} reference bins and ${current.length} current bins; expected the same bins`,
    );
  }
  return { n: totalOf(reference, "reference"), m: totalOf(current, "current") };
}

/** Counts of aligned bins as shares; RangeError as `totalsOfBins`. */
export function sharesOf(reference: readonly number[], current: readonly number[]): SharePair {
  const { n, m } = totalsOfBins(reference, current);
  return { reference: reference.map((count) => count / n), current: current.map((count) => count / m) };
}

function totalOf(counts: readonly number[], side: string): number {
  const wrong = counts.find((count) => !(count >= 0 && count < Infinity));
  if (wrong !== undefined) throw new RangeError(`${side} has the count ${wrong}; expected finite counts of at least 0`);
  const total = preciseSum(counts);
  if (!(total > 0)) throw new RangeError(`${side} is empty; expected at least one value`);
  return total;
}

/** Bins empty on both sides dropped, and shares under 1e-4 raised to it; not renormalised. */
export function raiseSmallShares({ reference, current }: SharePair): SharePair {
  const kept = [...reference.keys()].filter((bin) => reference[bin]! > 0 || current[bin]! > 0);
  const raise = (shares: readonly number[]) => kept.map((bin) => Math.max(LEAST_SHARE, shares[bin]!));
  return { reference: raise(reference), current: raise(current) };
}

/**
 * Zero shares as evidently fills them, on each side by itself: 1e-4, or a millionth of the side's smallest share where
 * that is not above 1e-4. Bins empty on both sides stay, and count.
 */
export function fillZeroShares({ reference, current }: SharePair): SharePair {
  const fill = (shares: readonly number[]): number[] => {
    const least = shares.reduce((smallest, share) => (share > 0 && share < smallest ? share : smallest), 1);
    const filling = least <= LEAST_SHARE ? least / 1e6 : LEAST_SHARE;
    return shares.map((share) => (share === 0 ? filling : share));
  };
  return { reference: fill(reference), current: fill(current) };
}

/** Both sides divided by their sums. */
export function renormalised({ reference, current }: SharePair): SharePair {
  const divide = (shares: readonly number[]): number[] => {
    const sum = preciseSum(shares);
    return shares.map((share) => share / sum);
  };
  return { reference: divide(reference), current: divide(current) };
}
