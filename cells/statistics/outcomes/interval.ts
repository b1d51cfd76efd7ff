/** A value with its 95 % interval, and the number of units (rows, accounts, days) that it rests on. */
export interface Estimate {
  /** null where the metric has no value for these counts, such as a zero denominator. */
  readonly value: number | null;
  /** Both ends null where no closed form gives an interval. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly n: number;
}

/** Sums over rows of one quantity per row, such as the loss of a prediction. */
export interface MeanSums {
  readonly n: number;
  readonly sum: number;
  readonly sumSquared: number;
}

/** The 0.975 quantile of the normal distribution. */
export const Z_95 = 1.959963984540054;

/** A value alone. What is not finite is no value. */
export function withoutInterval(value: number | null, n: number): Estimate {
  return { value: finiteOrNull(value), lower: null, upper: null, n };
}

export function finiteOrNull(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** The quotient; null unless the denominator is positive, which also holds for sums of amounts. */
export function ratio(numerator: number, denominator: number): number | null {
  return denominator > 0 ? finiteOrNull(numerator / denominator) : null;
}

/** A share of n rows with its score interval (Wilson 1927, no continuity correction). */
export function wilson(successes: number, n: number): Estimate {
  const value = ratio(successes, n);
  if (value === null || successes < 0 || successes > n) return withoutInterval(value, n);
  const squared = Z_95 * Z_95;
  const centre = (successes + squared / 2) / (n + squared);
  const half = (Z_95 / (n + squared)) * Math.sqrt((successes * (n - successes)) / n + squared / 4);
  return {
    value,
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === n ? 1 : Math.min(1, centre + half),
    n,
  };
}

/** A mean over rows, ± 1.96 standard errors (central limit theorem, variance with n − 1); no interval under 2 rows. */
export function meanEstimate({ n, sum, sumSquared }: MeanSums): Estimate {
  const value = ratio(sum, n);
  const squared = finiteOrNull(sumSquared);
  if (value === null || squared === null || n < 2) return withoutInterval(value, n);
  const half = Z_95 * Math.sqrt(Math.max(0, squared - sum * value) / (n - 1) / n);
  return { value, lower: value - half, upper: value + half, n };
}

/** Fewer days than this give no interval: the expansion of Student's quantile is not close there. */
export const FEWEST_DAYS = 6;

/** A mean over few units, such as days, with Student's interval. */
export function studentMean(values: readonly number[]): Estimate {
  const n = values.length;
  const value = ratio(
    values.reduce((sum, each) => sum + each, 0),
    n,
  );
  if (value === null || n < FEWEST_DAYS) return withoutInterval(value, n);
  const squares = values.reduce((sum, each) => sum + (each - value) ** 2, 0);
  const half = student95(n - 1) * Math.sqrt(squares / (n - 1) / n);
  if (!Number.isFinite(half)) return withoutInterval(value, n);
  return { value, lower: value - half, upper: value + half, n };
}

/** The 0.975 quantile of Student's t, to 0.001 from 5 degrees of freedom on (Abramowitz and Stegun 26.7.5). */
export function student95(degrees: number): number {
  const z = Z_95;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduceRight((sum, term) => sum / degrees + term, 0);
}

/** The same interval with its ends held within [lowest, highest]. */
export function clipped(estimate: Estimate, lowest: number, highest: number): Estimate {
  const { lower, upper } = estimate;
  return {
    ...estimate,
    lower: lower === null ? null : Math.max(lowest, lower),
    upper: upper === null ? null : Math.min(highest, upper),
  };
}
