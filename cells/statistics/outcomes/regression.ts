import { clipped, type Estimate, meanEstimate, ratio, withoutInterval } from "./interval.ts";

/** Sums over rows of the error e = predicted − truth, where both are finite. */
export interface RegressionSums {
  readonly n: number;
  /** Σ e */
  readonly sumError: number;
  /** Σ |e| */
  readonly sumAbs: number;
  /** Σ e² */
  readonly sumSquared: number;
  /** Σ |e| / |truth| over the rows whose truth is not 0 */
  readonly sumRelative: number;
  /** The number of rows whose truth is 0. */
  readonly truthZero: number;
  /** Σ 2|e| / (|truth| + |predicted|), 0 for a row where both are 0 */
  readonly sumSymmetric: number;
  /** Σ (truth − c) for one constant c near the mean truth, such as the reference's mean, so that no digits cancel */
  readonly sumTruthCentred: number;
  /** Σ (truth − c)² for the same c */
  readonly sumTruthCentredSquared: number;
  /** Σ max(q·(−e), (q − 1)·(−e)) for the quantile q that was predicted; null where none was */
  readonly pinball: { readonly quantile: number; readonly sum: number } | null;
}

export interface RegressionMetrics {
  readonly mae: Estimate;
  readonly rmse: Estimate;
  /** A share, not a percentage; its n leaves out the rows whose truth is 0. */
  readonly mape: Estimate;
  /** Between 0 and 2. */
  readonly smape: Estimate;
  /** 1 − Σe² / Σ(truth − mean truth)²; no value for a constant truth. */
  readonly r2: Estimate;
  /** Mean of predicted − truth: above 0 the predictions are too high. */
  readonly bias: Estimate;
  readonly pinball: Estimate;
  /** The quantile that `pinball` is of. */
  readonly quantile: number | null;
  /** Rows left out of `mape`. */
  readonly truthZero: number;
}

/** Below this share of Σ(truth − c)² the spread of the truth is rounding: it counts as constant. */
const LEAST_SPREAD = 1e-12;

/** Every regression metric. `mae` and `bias` carry ± 1.96 standard errors; the others have no closed form. */
export function regressionMetrics(sums: RegressionSums): RegressionMetrics {
  const { n, pinball, truthZero } = sums;
  const mean = (sum: number, rows = n): Estimate => withoutInterval(ratio(sum, rows), rows);
  const meanSquare = ratio(sums.sumSquared, n);
  return {
    mae: clipped(meanEstimate({ n, sum: sums.sumAbs, sumSquared: sums.sumSquared }), 0, Infinity),
    rmse: withoutInterval(meanSquare === null ? null : Math.sqrt(meanSquare), n),
    mape: mean(sums.sumRelative, n - truthZero),
    smape: mean(sums.sumSymmetric),
    r2: withoutInterval(determination(sums), n),
    bias: meanEstimate({ n, sum: sums.sumError, sumSquared: sums.sumSquared }),
    pinball: pinball === null ? withoutInterval(null, n) : mean(pinball.sum),
    quantile: pinball?.quantile ?? null,
    truthZero,
  };
}

function determination({ n, sumSquared, sumTruthCentred, sumTruthCentredSquared }: RegressionSums): number | null {
  if (!(n > 0)) return null;
  const spread = sumTruthCentredSquared - sumTruthCentred ** 2 / n;
  if (!(spread > LEAST_SPREAD * sumTruthCentredSquared)) return null;
  const unexplained = ratio(sumSquared, spread);
  return unexplained === null ? null : 1 - unexplained;
}
