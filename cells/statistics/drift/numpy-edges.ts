import { distinctEdges } from "./binning.ts";

/** What numpy takes a number of bins from. */
export interface ValueRange {
  /** At least 1. */
  readonly n: number;
  readonly min: number;
  readonly max: number;
  /** The column has an integer type in numpy, where no bin is narrower than 1 (numpy 2.0 and later). */
  readonly isInteger: boolean;
}

export interface ValueShape extends ValueRange {
  /** With ddof 0. */
  readonly variance: number;
  /** The mean of ((x − mean) / σ)³, with σ of ddof 0; any number for a constant. */
  readonly skewness: number;
}

/**
 * All edges, both ends included, of `numpy.histogram_bin_edges(x, bins="sturges")` of numpy 2, to the last bit. Bins are
 * half-open but the last, which is closed. A constant x gives [x − ½, x + ½]. Where numpy refuses, as for a
 * range beyond double precision, there are fewer edges. RangeError for a range that is none.
 */
export function sturgesEdges(range: ValueRange): number[] {
  const { n, min, max } = range;
  return edgesOfWidth((max - min) / (Math.log2(n) + 1), range);
}

/** The same for bins="doane". */
export function doaneEdges(shape: ValueShape): number[] {
  const { n, min, max, variance, skewness } = shape;
  if (!(n > 2 && variance > 0)) return edgesOfWidth(0, shape);
  const deviation = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return edgesOfWidth((max - min) / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / deviation)), shape);
}

/**
 * The `count` + 1 edges of equal bins as `numpy.linspace` computes them, to the last bit. Edges that fall together, where
 * numpy refuses, are one. RangeError unless min < max are finite and count is a whole number of at least 1.
 */
export function equalWidthEdges(min: number, max: number, count: number): number[] {
  if (!(Number.isFinite(max - min) && min < max && Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`${count} bins from ${min} to ${max}; expected at least one, over a finite range`);
  }
  const step = (max - min) / count;
  const edges = Array.from({ length: count + 1 }, (_, at) =>
    at === count ? max : (step === 0 ? (at / count) * (max - min) : at * step) + min,
  );
  return distinctEdges(edges);
}

function edgesOfWidth(wanted: number, { n, min, max, isInteger }: ValueRange): number[] {
  if (!(n >= 1 && Number.isFinite(min) && Number.isFinite(max) && min <= max)) {
    throw new RangeError(`${n} values from ${min} to ${max}; expected at least one, over a finite range`);
  }
  if (min === max) {
    // Half a unit where doubles are that fine.
    const half = Math.max(0.5, Math.abs(min) * Number.EPSILON);
    return equalWidthEdges(min - half, max + half, 1);
  }
  if (max - min === Infinity) return [min, max];
  const width = isInteger && wanted > 0 && wanted < 1 ? 1 : wanted;
  return equalWidthEdges(min, max, width > 0 ? Math.ceil((max - min) / width) : 1);
}
