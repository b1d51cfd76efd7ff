import { type Estimate, meanEstimate, wilson, withoutInterval } from "./interval.ts";
import { type ScoreCurve, totalsOf } from "./score-curve.ts";

/** Scores of 0 and 1 are taken for this and 1 − this in the log loss: the distance from 1 to the next double. */
export const LOG_LOSS_CLIP = Number.EPSILON;

export const RELIABILITY_BINS = 10;

/** One row of the reliability table. */
export interface ReliabilityBin {
  readonly n: number;
  readonly meanScore: number;
  /** The share of positives, with its Wilson interval. */
  readonly observed: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Why the scores cannot be read as probabilities; null where they can. */
export function probabilityProblem({ scores }: ScoreCurve): string | null {
  if (scores.length === 0) return "There are no scores.";
  const [highest, lowest] = [scores[0]!, scores.at(-1)!];
  if (lowest >= 0 && highest <= 1) return null;
  return `The scores run from ${lowest} to ${highest}; probabilities lie between 0 and 1.`;
}

/**
 * Mean squared difference of score and truth (0 or 1), ± 1.96 standard errors. No value where the scores are no
 * probabilities. An engine's own sums of the loss and its square go to `meanEstimate`.
 */
export function brier(curve: ScoreCurve): Estimate {
  return meanLoss(
    curve,
    (score) => (1 - score) ** 2,
    (score) => score ** 2,
  );
}

/** Mean −ln of the probability given to what was true, in nats, ± 1.96 standard errors; as `brier` otherwise. */
export function logLoss(curve: ScoreCurve): Estimate {
  const inside = (score: number): number => Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, score));
  return meanLoss(
    curve,
    (score) => -Math.log(inside(score)),
    (score) => -Math.log1p(-inside(score)),
  );
}

/** Expected calibration error: Σ n_b/n · |mean score − share of positives| over the bins of `reliability`. */
export function ece(curve: ScoreCurve): Estimate {
  const { positives, negatives } = totalsOf(curve);
  const n = positives + negatives;
  const bins = reliability(curve);
  if (bins.length === 0) return withoutInterval(null, n);
  const gaps = bins.reduce((sum, bin) => sum + bin.n * Math.abs(bin.meanScore - bin.observed), 0);
  return withoutInterval(gaps / n, n);
}

/**
 * At most ten bins of equal numbers of rows, ascending. A tie group never splits: it falls whole into the bin that the
 * middle of its rows lies in, floor(10 × (rows below + half of its rows) / all rows). Bins without rows are not listed;
 * there are none where the scores are no probabilities.
 */
export function reliability(curve: ScoreCurve): readonly ReliabilityBin[] {
  if (probabilityProblem(curve) !== null) return [];
  const { positives, negatives } = totalsOf(curve);
  const all = positives + negatives;
  const bins = Array.from({ length: RELIABILITY_BINS }, () => ({ n: 0, scores: 0, positives: 0 }));
  let below = 0;
  for (let index = curve.scores.length - 1; index >= 0; index--) {
    const size = curve.positives[index]! + curve.negatives[index]!;
    const middle = Math.floor((RELIABILITY_BINS * (2 * below + size)) / (2 * all));
    const bin = bins[Math.min(RELIABILITY_BINS - 1, middle)]!;
    bin.n += size;
    bin.scores += size * curve.scores[index]!;
    bin.positives += curve.positives[index]!;
    below += size;
  }
  return bins.filter((bin) => bin.n > 0).map(toReliabilityBin);
}

function toReliabilityBin(bin: { n: number; scores: number; positives: number }): ReliabilityBin {
  const { value, lower, upper } = wilson(bin.positives, bin.n);
  return { n: bin.n, meanScore: bin.scores / bin.n, observed: value!, lower, upper };
}

function meanLoss(
  curve: ScoreCurve,
  ofPositive: (score: number) => number,
  ofNegative: (score: number) => number,
): Estimate {
  const { positives, negatives } = totalsOf(curve);
  const n = positives + negatives;
  if (probabilityProblem(curve) !== null) return withoutInterval(null, n);
  let [sum, sumSquared] = [0, 0];
  curve.scores.forEach((score, index) => {
    const [one, other] = [ofPositive(score), ofNegative(score)];
    sum += curve.positives[index]! * one + curve.negatives[index]! * other;
    sumSquared += curve.positives[index]! * one ** 2 + curve.negatives[index]! * other ** 2;
  });
  const estimate = meanEstimate({ n, sum, sumSquared });
  return { ...estimate, lower: estimate.lower === null ? null : Math.max(0, estimate.lower) };
}
