import { finiteOrNull } from "./interval.ts";

/** Each replicate weights the entities anew, by a hash of (entity, replicate). */
export const REPLICATES = 200;

/** With fewer replicates that have a value, the interval is not given. */
export const FEWEST_REPLICATES = 100;

/** P(X ≤ j) for a Poisson variable of mean 1, j = 0, 1, …, up to the last that is less than 1 in a double. */
export const POISSON_ONE_CUMULATIVE: readonly number[] = [
  0.36787944117144233, 0.7357588823428847, 0.9196986029286058, 0.9810118431238462, 0.9963401531726563,
  0.9994058151824183, 0.999916758850712, 0.9999897508033253, 0.999998874797402, 0.9999998885745217, 0.9999999899522336,
  0.9999999991683892, 0.9999999999364022, 0.9999999999954802, 0.9999999999997, 0.9999999999999813, 0.9999999999999989,
  0.9999999999999999,
];

/**
 * The weight of an entity whose hash is u, uniform in [0, 1): how many of the thresholds are ≤ u. What SQL computes.
 */
export function poissonWeight(u: number): number {
  return POISSON_ONE_CUMULATIVE.filter((threshold) => threshold <= u).length;
}

/**
 * The 95 % interval of the replicates that have a value; null where they are under 100. Their order does not matter.
 */
export function percentileInterval(
  replicates: readonly (number | null)[],
): { readonly lower: number; readonly upper: number } | null {
  const usable = replicates.filter((value) => value !== null && finiteOrNull(value) !== null) as number[];
  if (usable.length < FEWEST_REPLICATES) return null;
  const sorted = Float64Array.from(usable).sort();
  return { lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) };
}

/** Linear interpolation between order statistics, as numpy's default (Hyndman and Fan 1996, type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
