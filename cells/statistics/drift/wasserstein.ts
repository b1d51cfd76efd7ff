import { preciseSum } from "../special/precise-sum.ts";
import { type Tally, totalsOf } from "./tally.ts";

/** A smaller standard deviation than this does not scale a distance up. */
const LEAST_DEVIATION = 0.001;

/** ∫ |F − G| dx, in the values' unit; RangeError where a side is empty. */
export function wasserstein(tally: Tally): number {
  return preciseSum(steps(tally, Math.abs));
}

/** √(2 ∫ (F − G)² dx), as `energy_distance` of scipy; its square is in the values' unit. RangeError as above. */
export function energy(tally: Tally): number {
  return Math.sqrt(2 * preciseSum(steps(tally, (difference) => difference * difference)));
}

/** What a Wasserstein distance is judged by: in standard deviations (ddof 0) of the reference, or 0.001 if that is more. */
export function normedWasserstein(distance: number, referenceDeviation: number): number {
  return distance / Math.max(referenceDeviation, LEAST_DEVIATION);
}

/** The part of the integral between each value and the next. */
function* steps(tally: Tally, term: (difference: number) => number): Generator<number> {
  const { n, m } = totalsOf(tally);
  const { values, reference, current } = tally;
  let [below, belowCurrent] = [0, 0];
  for (let at = 0; at < values.length - 1; at++) {
    below += reference[at]!;
    belowCurrent += current[at]!;
    // Over one denominator: exact while n·m is below 2^53.
    const difference = (below * m - belowCurrent * n) / (n * m);
    if (difference !== 0) yield term(difference) * (values[at + 1]! - values[at]!);
  }
}
