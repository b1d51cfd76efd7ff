import { clipped, type Estimate, withoutInterval, Z_95 } from "./interval.ts";
import { type ScoreCurve, totalsOf } from "./score-curve.ts";

/** The sample variances (n − 1) of the placement values of positives and of negatives. */
export interface DelongComponents {
  readonly ofPositives: number;
  readonly ofNegatives: number;
}

/**
 * The probability that a positive has a higher score than a negative, ties counting half: exact in integers while
 * 2 × positives × negatives is below 2^53. Interval of DeLong, DeLong and Clarke-Pearson 1988, clipped to [0, 1]; none
 * under two rows of a class. Where the classes are fully apart its width is 0, as the method has it. n is all rows.
 */
export function rocAuc(curve: ScoreCurve): Estimate {
  const { positives, negatives } = totalsOf(curve);
  const n = positives + negatives;
  const value = aucValue(curve);
  const components = delongComponents(curve);
  if (value === null || components === null) return withoutInterval(value, n);
  const half = Z_95 * aucStandardError(components, positives, negatives);
  return clipped({ value, lower: value - half, upper: value + half, n }, 0, 1);
}

/** 2 × AUC − 1, its interval likewise. */
export function gini(curve: ScoreCurve): Estimate {
  const { value, lower, upper, n } = rocAuc(curve);
  const double = (auc: number | null): number | null => (auc === null ? null : 2 * auc - 1);
  return { value: double(value), lower: double(lower), upper: double(upper), n };
}

/** The area alone, also for fractional counts; null without a positive or without a negative. */
export function aucValue(curve: ScoreCurve): number | null {
  const { positives, negatives } = totalsOf(curve);
  if (!(positives > 0 && negatives > 0)) return null;
  let [twice, positivesAbove] = [0, 0];
  for (let index = 0; index < curve.scores.length; index++) {
    const tied = curve.positives[index]!;
    twice += curve.negatives[index]! * (2 * positivesAbove + tied);
    positivesAbove += tied;
  }
  return Math.min(1, twice / (2 * positives * negatives));
}

/**
 * A positive is placed at the share of negatives below it and a negative at the share of positives above it, ties
 * counting half, so that all rows of a tie group share one placement value. Null under two rows of a class.
 */
export function delongComponents(curve: ScoreCurve): DelongComponents | null {
  const auc = aucValue(curve);
  const { positives, negatives } = totalsOf(curve);
  if (auc === null || positives < 2 || negatives < 2) return null;
  let [positivesAbove, negativesAbove, squaresOfPositives, squaresOfNegatives] = [0, 0, 0, 0];
  for (let index = 0; index < curve.scores.length; index++) {
    const [tiedPositives, tiedNegatives] = [curve.positives[index]!, curve.negatives[index]!];
    const ofPositive = (negatives - negativesAbove - tiedNegatives / 2) / negatives;
    const ofNegative = (positivesAbove + tiedPositives / 2) / positives;
    squaresOfPositives += tiedPositives * (ofPositive - auc) ** 2;
    squaresOfNegatives += tiedNegatives * (ofNegative - auc) ** 2;
    positivesAbove += tiedPositives;
    negativesAbove += tiedNegatives;
  }
  return { ofPositives: squaresOfPositives / (positives - 1), ofNegatives: squaresOfNegatives / (negatives - 1) };
}

/** The standard error of an AUC over that many positives and negatives. */
export function aucStandardError(components: DelongComponents, positives: number, negatives: number): number {
  return Math.sqrt(components.ofPositives / positives + components.ofNegatives / negatives);
}

/** Σ (R_g − R_{g−1}) · P_g over tie groups from the highest score down; null without positives. */
export function averagePrecision(curve: ScoreCurve): number | null {
  const { positives } = totalsOf(curve);
  if (!(positives > 0)) return null;
  let [sum, alerted, detected] = [0, 0, 0];
  for (let index = 0; index < curve.scores.length; index++) {
    const tied = curve.positives[index]!;
    detected += tied;
    alerted += tied + curve.negatives[index]!;
    sum += tied * (detected / alerted);
  }
  return Math.min(1, sum / positives);
}

/** The largest distance between the score distributions of positives and negatives; null without one of them. */
export function ksScore(curve: ScoreCurve): number | null {
  const { positives, negatives } = totalsOf(curve);
  if (!(positives > 0 && negatives > 0)) return null;
  let [tp, fp, largest] = [0, 0, 0];
  for (let index = 0; index < curve.scores.length; index++) {
    tp += curve.positives[index]!;
    fp += curve.negatives[index]!;
    largest = Math.max(largest, Math.abs(tp * negatives - fp * positives));
  }
  return Math.min(1, largest / (positives * negatives));
}
