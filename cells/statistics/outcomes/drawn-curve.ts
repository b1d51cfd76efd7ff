import { type ScoreCurve, thresholdCurve, totalsOf } from "./score-curve.ts";

/** A line to draw, one point per threshold. The three arrays are of one length. */
export interface DrawnCurve {
  readonly thresholds: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const NO_POINTS: DrawnCurve = { thresholds: new Float64Array(), x: new Float64Array(), y: new Float64Array() };

/**
 * False positive rate (x) and recall (y), from (0, 0), where nothing is alerted and the threshold is Infinity, to (1,
 * 1). No points without a positive or without a negative.
 */
export function rocPoints(curve: ScoreCurve): DrawnCurve {
  const { positives, negatives } = totalsOf(curve);
  if (!(positives > 0 && negatives > 0)) return NO_POINTS;
  const { thresholds, tp, fp } = thresholdCurve(curve);
  return {
    thresholds: startingAt(Infinity, thresholds),
    x: startingAt(
      0,
      fp.map((count) => count / negatives),
    ),
    y: startingAt(
      0,
      tp.map((count) => count / positives),
    ),
  };
}

/** Recall (x) and precision (y) at each distinct score, to be drawn in steps; no points without positives. */
export function precisionRecallPoints(curve: ScoreCurve): DrawnCurve {
  const { positives } = totalsOf(curve);
  if (!(positives > 0)) return NO_POINTS;
  const { thresholds, tp, fp } = thresholdCurve(curve);
  return {
    thresholds,
    x: tp.map((count) => count / positives),
    y: tp.map((count, index) => count / (count + fp[index]!)),
  };
}

/** At most `most` points (at least 2) of the curve, chosen by `keptIndices`. */
export function thin(curve: DrawnCurve, most: number, always: readonly number[] = []): DrawnCurve {
  const kept = keptIndices([curve.x, curve.y], most, always);
  return { thresholds: pick(curve.thresholds, kept), x: pick(curve.x, kept), y: pick(curve.y, kept) };
}

/** The column at these indices. */
export function pick(column: Float64Array, indices: readonly number[]): Float64Array {
  return Float64Array.from(indices, (index) => column[index]!);
}

/**
 * Which points to keep of columns of one length, ascending: the first, the last, those of `always` that there is room
 * for, and both sides of each of equal steps along the path, each column's changes measured against its range. So a
 * change larger than a step is kept whole, and no point left out is further than one step from one that is kept.
 */
export function keptIndices(
  columns: readonly Float64Array[],
  most: number,
  always: readonly number[] = [],
): readonly number[] {
  const length = columns[0]?.length ?? 0;
  const room = Math.max(2, Math.floor(most));
  if (length <= room) return Array.from({ length }, (_, index) => index);
  const kept = new Set([0, length - 1]);
  for (const index of always) if (kept.size < room && index >= 0 && index < length) kept.add(index);
  const steps = Math.floor((room - kept.size) / 2);
  const path = pathLengths(columns, length);
  const whole = path[length - 1]!;
  let index = 1;
  for (let step = 1; step <= steps && whole > 0; step++) {
    const target = (whole * step) / (steps + 1);
    while (index < length - 1 && path[index]! < target) index++;
    kept.add(index - 1).add(index);
  }
  return [...kept].sort((left, right) => left - right);
}

function pathLengths(columns: readonly Float64Array[], length: number): Float64Array {
  const path = new Float64Array(length);
  for (const column of columns) {
    const range = column.reduce((a, b) => Math.max(a, b)) - column.reduce((a, b) => Math.min(a, b));
    if (!(range > 0 && Number.isFinite(range))) continue;
    let sum = 0;
    for (let index = 1; index < length; index++) {
      sum += Math.abs(column[index]! - column[index - 1]!) / range;
      path[index]! += sum;
    }
  }
  return path;
}

function startingAt(first: number, column: Float64Array): Float64Array {
  const longer = new Float64Array(column.length + 1);
  longer[0] = first;
  longer.set(column, 1);
  return longer;
}
