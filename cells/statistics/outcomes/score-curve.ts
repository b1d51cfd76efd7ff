import type { Confusion } from "./confusion.ts";

/** The rows of one score. */
export interface TieGroup {
  readonly score: number;
  readonly positives: number;
  readonly negatives: number;
}

/** How many positives and negatives have each score. The three arrays are of one length. */
export interface ScoreCurve {
  /** Distinct, descending. */
  readonly scores: Float64Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** The confusion counts for each distinct score as the threshold: alerted means score ≥ threshold. */
export interface ThresholdCurve {
  /** Distinct, descending. */
  readonly thresholds: Float64Array;
  readonly tp: Float64Array;
  readonly fp: Float64Array;
  readonly tn: Float64Array;
  readonly fn: Float64Array;
}

/**
 * The curve of groups in any order; groups of one score are added up, those without a finite score or rows left out.
 */
export function scoreCurve(groups: readonly TieGroup[]): ScoreCurve {
  const sorted = groups
    .filter(({ score, positives, negatives }) => Number.isFinite(score) && positives + negatives > 0)
    .sort((left, right) => right.score - left.score);
  const scores = new Float64Array(sorted.length);
  const positives = new Float64Array(sorted.length);
  const negatives = new Float64Array(sorted.length);
  let length = 0;
  for (const group of sorted) {
    if (length === 0 || scores[length - 1] !== group.score) scores[length++] = group.score;
    positives[length - 1]! += group.positives;
    negatives[length - 1]! += group.negatives;
  }
  return {
    scores: scores.slice(0, length),
    positives: positives.slice(0, length),
    negatives: negatives.slice(0, length),
  };
}

/** The curve of all rows of several curves. */
export function mergeCurves(curves: readonly ScoreCurve[]): ScoreCurve {
  return scoreCurve(curves.flatMap(tieGroups));
}

export function tieGroups({ scores, positives, negatives }: ScoreCurve): TieGroup[] {
  return Array.from(scores, (score, index) => ({
    score,
    positives: positives[index]!,
    negatives: negatives[index]!,
  }));
}

/** The numbers of positives and negatives. */
export function totalsOf(curve: ScoreCurve): { readonly positives: number; readonly negatives: number } {
  return { positives: total(curve.positives), negatives: total(curve.negatives) };
}

/** Confusion counts at every distinct score. */
export function thresholdCurve(curve: ScoreCurve): ThresholdCurve {
  const { positives, negatives } = totalsOf(curve);
  const tp = cumulative(curve.positives);
  const fp = cumulative(curve.negatives);
  return {
    thresholds: curve.scores,
    tp,
    fp,
    tn: fp.map((count) => negatives - count),
    fn: tp.map((count) => positives - count),
  };
}

/** Confusion counts where rows with score ≥ threshold are alerted; the threshold need not be a score of the curve. */
export function confusionAt(curve: ScoreCurve, threshold: number): Confusion {
  const { positives, negatives } = totalsOf(curve);
  let [tp, fp] = [0, 0];
  for (let index = 0; index < curve.scores.length && curve.scores[index]! >= threshold; index++) {
    tp += curve.positives[index]!;
    fp += curve.negatives[index]!;
  }
  return { tp, fp, tn: negatives - fp, fn: positives - tp };
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function cumulative(counts: Float64Array): Float64Array {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum;
  });
}
