import type { ScoreCurve } from "./score-curve.ts";

/** A non-decreasing function of the score: linear between its points, constant beyond the first and last. */
export interface Isotonic {
  /** Ascending. */
  readonly scores: Float64Array;
  readonly values: Float64Array;
}

interface Block {
  readonly lowest: number;
  readonly highest: number;
  readonly positives: number;
  readonly n: number;
}

/**
 * The non-decreasing shares of positives that are closest to the tie groups in weighted least squares: pool adjacent
 * violators (Ayer et al. 1955), compared in integers. Each pooled block is given by its lowest and highest score, so
 * that between blocks the function is linear, as scikit-learn's. Null without rows.
 */
export function isotonic(curve: ScoreCurve): Isotonic | null {
  const blocks: Block[] = [];
  for (let index = curve.scores.length - 1; index >= 0; index--) {
    const score = curve.scores[index]!;
    const positives = curve.positives[index]!;
    let block: Block = { lowest: score, highest: score, positives, n: positives + curve.negatives[index]! };
    while (blocks.length > 0 && violates(blocks.at(-1)!, block)) block = pooled(blocks.pop()!, block);
    blocks.push(block);
  }
  if (blocks.length === 0) return null;
  const points = blocks.flatMap(({ lowest, highest, positives, n }) => {
    const value = positives / n;
    return lowest === highest
      ? [[lowest, value]]
      : [
          [lowest, value],
          [highest, value],
        ];
  });
  return {
    scores: Float64Array.from(points, ([score]) => score!),
    values: Float64Array.from(points, ([, value]) => value!),
  };
}

function violates(before: Block, after: Block): boolean {
  return before.positives * after.n >= after.positives * before.n;
}

function pooled(before: Block, after: Block): Block {
  return {
    lowest: before.lowest,
    highest: after.highest,
    positives: before.positives + after.positives,
    n: before.n + after.n,
  };
}

/** The function's value at a finite score. */
export function isotonicAt({ scores, values }: Isotonic, score: number): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return values[0]!;
  if (low === scores.length) return values[low - 1]!;
  const [left, right] = [scores[low - 1]!, scores[low]!];
  const [from, to] = [values[low - 1]!, values[low]!];
  // In halves where the distance itself is no double.
  const scale = Number.isFinite(right - left) ? 1 : 0.5;
  const share = (score * scale - left * scale) / (right * scale - left * scale);
  return Math.min(to, from + (to - from) * share);
}
