import { preciseSum } from "../special/precise-sum.ts";
import type { BinnedValue } from "./kolmogorov-smirnov.ts";
import { sharesOf } from "./shares.ts";

/** The smallest and largest value of each side, which the outer bins end at. */
export interface Extremes {
  readonly minReference: number;
  readonly maxReference: number;
  readonly minCurrent: number;
  readonly maxCurrent: number;
}

/** A side's mass in one bin, all of it between `low` and `high`. */
interface BinMass {
  readonly low: number;
  readonly high: number;
  readonly share: number;
  /** The share of all bins before. */
  readonly below: number;
}

/**
 * ∫ |F − G| dx from counts in the bins (−∞, edges[0]), [edges[0], edges[1]), …, [edges.at(-1), ∞), each side's mass taken
 * as uniform in its bin, the outer bins ending at the side's smallest and largest value. `errorBound` = ½ Σ share × bin
 * width over both sides: in a bin the true F rises between the same two points, and differs from a straight line by
 * half of that rectangle at most. RangeError where a side is empty or counts are not one more than edges.
 */
export function wassersteinFromBins(
  edges: readonly number[],
  referenceCounts: readonly number[],
  currentCounts: readonly number[],
  extremes: Extremes,
): BinnedValue {
  if (referenceCounts.length !== edges.length + 1) {
    throw new RangeError(`${referenceCounts.length} bins for ${edges.length} edges; expected one more than edges`);
  }
  const { minReference, maxReference, minCurrent, maxCurrent } = extremes;
  const shares = sharesOf(referenceCounts, currentCounts);
  const reference = binMasses(edges, shares.reference, minReference, maxReference);
  const current = binMasses(edges, shares.current, minCurrent, maxCurrent);
  const points = [...reference, ...current].flatMap(({ low, high }) => [low, high]);
  const grid = Float64Array.from(new Set(points)).sort();
  return {
    value: preciseSum(gridSteps(grid, reference, current)),
    errorBound: preciseSum([...reference, ...current].map(({ low, high, share }) => (share * (high - low)) / 2)),
  };
}

function binMasses(edges: readonly number[], shares: readonly number[], min: number, max: number): readonly BinMass[] {
  const masses: BinMass[] = [];
  let below = 0;
  for (const [bin, share] of shares.entries()) {
    if (share === 0) continue;
    const low = Math.max(min, edges[bin - 1] ?? min);
    const high = Math.max(low, Math.min(max, edges[bin] ?? max));
    masses.push({ low, high, share, below });
    below += share;
  }
  return masses;
}

/** Between two points of the grid both sides are straight lines. */
function* gridSteps(grid: Float64Array, reference: readonly BinMass[], current: readonly BinMass[]): Generator<number> {
  const [f, g] = [walk(reference), walk(current)];
  for (let at = 0; at < grid.length - 1; at++) {
    const [start, end] = [grid[at]!, grid[at + 1]!];
    const [f0, f1] = f(start, end);
    const [g0, g1] = g(start, end);
    yield areaOfLine(f0 - g0, f1 - g1) * (end - start);
  }
}

/** Of a side, F just after `start` and just before `end`, for steps that are asked for from left to right. */
function walk(masses: readonly BinMass[]): (start: number, end: number) => readonly [number, number] {
  let at = 0;
  return (start, end) => {
    while (at < masses.length && masses[at]!.high <= start) at++;
    const mass = masses[at];
    if (mass === undefined) return [1, 1];
    const { low, high, share, below } = mass;
    if (end <= low) return [below, below];
    return [below + (share * (start - low)) / (high - low), below + (share * (end - low)) / (high - low)];
  };
}

/** ∫ |a + (b − a)·t| dt over t from 0 to 1. */
function areaOfLine(a: number, b: number): number {
  const sum = Math.abs(a) + Math.abs(b);
  return a * b >= 0 ? sum / 2 : (a * a + b * b) / (2 * sum);
}
