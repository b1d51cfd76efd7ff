import { Z_95 } from "./interval.ts";

/** Sums over the reviewed cases of one inclusion probability. y is what is totalled: 1 for a positive, or an amount. */
export interface SampledTotal {
  /** In (0, 1]. */
  readonly probability: number;
  readonly sumY: number;
  readonly sumYSquared: number;
}

/** The same for a ratio of y to x, such as x = 1 for alerted cases, y = 1 for alerted positives. */
export interface SampledRatio extends SampledTotal {
  readonly sumX: number;
  readonly sumXSquared: number;
  readonly sumXY: number;
}

export interface SampleEstimate {
  readonly value: number;
  readonly variance: number;
  /** value ± 1.96 standard errors, not clipped. */
  readonly lower: number;
  readonly upper: number;
}

/** Cases of one stratum, such as a band of scores. */
export interface Stratum {
  readonly size: number;
  /** The standard deviation of y within it, as expected. */
  readonly deviation: number;
}

export interface StratumShare {
  /** The expected number of draws. */
  readonly draws: number;
  /** draws / size, which every draw of the stratum stores. */
  readonly probability: number;
}

/**
 * Σ y/π (Horvitz and Thompson 1952) with the variance of Poisson sampling, Σ (1 − π)/π² · y². Null where a π is not in
 * (0, 1], which says nothing of all cases, and where the sums are not finite. The order of the groups does not matter.
 */
export function horvitzThompson(groups: readonly SampledTotal[]): SampleEstimate | null {
  if (!groups.every(({ probability }) => isProbability(probability))) return null;
  let [value, variance] = [0, 0];
  for (const { probability, sumY, sumYSquared } of byProbability(groups)) {
    value += sumY / probability;
    variance += inflation(probability) * sumYSquared;
  }
  return estimate(value, variance);
}

/**
 * Σ (y/π) / Σ (x/π), Hájek's ratio, with the linearised Poisson variance Σ (1 − π)/π² · (y − ratio·x)² / (Σ x/π)². Null
 * where a π is not in (0, 1] or the denominator is not positive.
 */
export function hajekRatio(groups: readonly SampledRatio[]): SampleEstimate | null {
  if (!groups.every(({ probability }) => isProbability(probability))) return null;
  const sorted = byProbability(groups);
  const denominator = sorted.reduce((sum, { probability, sumX }) => sum + sumX / probability, 0);
  if (!(denominator > 0)) return null;
  const value = sorted.reduce((sum, { probability, sumY }) => sum + sumY / probability, 0) / denominator;
  const residuals = sorted.reduce((sum, group) => {
    const squared = group.sumYSquared - 2 * value * group.sumXY + value * value * group.sumXSquared;
    return sum + inflation(group.probability) * Math.max(0, squared);
  }, 0);
  return estimate(value, residuals / (denominator * denominator));
}

/**
 * Draws in proportion to size × deviation (Neyman 1934), which makes the variance of the total least. No stratum has
 * more draws than cases, or fewer than `least` if it has cases: without a draw its cases could not be known at all. The
 * expected numbers add up to `draws` as far as these limits allow; where every deviation is 0 they go by size.
 */
export function neymanAllocation(strata: readonly Stratum[], draws: number, least = 1): readonly StratumShare[] {
  const constant = strata.every(({ size, deviation }) => !(size * deviation > 0));
  const parts = strata.map(({ size, deviation }) => {
    const most = Math.max(0, size);
    return { weight: most * (constant ? 1 : Math.max(0, deviation)), fewest: Math.min(least, most), most };
  });
  const at = (factor: number): number[] =>
    parts.map(({ weight, fewest, most }) => Math.min(most, Math.max(fewest, factor * weight)));
  const sumAt = (factor: number): number => at(factor).reduce((sum, part) => sum + part, 0);
  // The sum grows piecewise linearly with the factor, and bends where a stratum leaves or meets a limit.
  const bends = parts
    .filter(({ weight }) => weight > 0)
    .flatMap(({ weight, fewest, most }) => [fewest / weight, most / weight])
    .sort((left, right) => left - right);
  let [below, above] = [0, bends.at(-1) ?? 0];
  for (const bend of bends) {
    if (sumAt(bend) <= draws) below = bend;
    else {
      above = bend;
      break;
    }
  }
  const [low, high] = [sumAt(below), sumAt(above)];
  const share = high > low ? Math.min(1, Math.max(0, (draws - low) / (high - low))) : 0;
  return at(below + (above - below) * share).map((part, index) => {
    const { most } = parts[index]!;
    return { draws: part, probability: most > 0 ? part / most : 0 };
  });
}

function isProbability(value: number): boolean {
  return value > 0 && value <= 1;
}

function inflation(probability: number): number {
  return (1 - probability) / (probability * probability);
}

/** In an order of their own, so that sums do not depend on the caller's. */
function byProbability<Group extends SampledTotal>(groups: readonly Group[]): Group[] {
  const keys = ["probability", "sumY", "sumYSquared", "sumX", "sumXSquared", "sumXY"] as const;
  const valuesOf = (group: Partial<SampledRatio>): number[] => keys.map((key) => group[key] ?? 0);
  return groups
    .map((group) => ({ group, values: valuesOf(group) }))
    .sort((left, right) => {
      const differing = left.values.findIndex((value, index) => value !== right.values[index]);
      return differing === -1 ? 0 : left.values[differing]! - right.values[differing]!;
    })
    .map(({ group }) => group);
}

function estimate(value: number, variance: number): SampleEstimate | null {
  if (!Number.isFinite(value) || !Number.isFinite(variance)) return null;
  const half = Z_95 * Math.sqrt(variance);
  return { value, variance, lower: value - half, upper: value + half };
}
