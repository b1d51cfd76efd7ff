import { chiSquareUpper, normalTwoSided } from "../special/distributions.ts";
import { preciseSum } from "../special/precise-sum.ts";
import { totalsOfBins } from "./shares.ts";

export interface HomogeneityTest {
  readonly statistic: number;
  /** One less than the groups that are not empty on both sides; 0 with one such group, where p is 1. */
  readonly degrees: number;
  readonly p: number;
}

export interface ProportionsTest {
  /** z: positive where the reference's share is the larger. */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
}

/** A group's rows on each side. */
interface Group {
  readonly a: number;
  readonly b: number;
}

/**
 * Pearson's test that both sides have the same shares, from counts in aligned groups, without continuity correction;
 * groups empty on both sides are dropped. RangeError where a side is empty.
 */
export function chi2(reference: readonly number[], current: readonly number[]): HomogeneityTest {
  const { n, m } = totalsOfBins(reference, current);
  const terms = groupsOf(reference, current).map(({ a, b }) => {
    const difference = a * m - b * n;
    return (difference / (n * m)) * (difference / (a + b));
  });
  return homogeneity(preciseSum(terms), terms.length);
}

/** The likelihood-ratio test 2 Σ O·ln(O / E) of the same; RangeError where a side is empty. */
export function gTest(reference: readonly number[], current: readonly number[]): HomogeneityTest {
  const { n, m } = totalsOfBins(reference, current);
  const total = n + m;
  const terms = groupsOf(reference, current).flatMap(({ a, b }) => {
    const [rows, difference] = [a + b, a * m - b * n];
    return [
      2 * rows * (n / total) * divergence(difference / (rows * n)),
      2 * rows * (m / total) * divergence(-difference / (rows * m)),
    ];
  });
  return homogeneity(preciseSum(terms), terms.length / 2);
}

/**
 * Cramér's V with Bergsma's correction for bias (2013), from 0 to 1, of the table that `chi2` tests; 0 with one group,
 * and where there are as many groups as rows. The correction depends on the number of rows, so doubling them all moves
 * V a little. RangeError where a side is empty.
 */
export function cramersV(reference: readonly number[], current: readonly number[]): number {
  const { n, m } = totalsOfBins(reference, current);
  const { statistic, degrees } = chi2(reference, current);
  const others = n + m - 1;
  const squared = Math.max(0, statistic / (n + m) - degrees / others);
  // The correction of the number of groups is never the smaller one: of two sides only theirs counts.
  return others > 1 ? Math.min(1, Math.sqrt(squared / (1 - 1 / others))) : 0;
}

/**
 * The z test of k1 of n1 (reference) against k2 of n2 (current), with the pooled share in the standard error; p is 1
 * where all or none are counted. RangeError unless 0 ≤ k ≤ n and n > 0 on both sides.
 */
export function twoProportions(k1: number, n1: number, k2: number, n2: number): ProportionsTest {
  const isShare = (k: number, n: number): boolean => n > 0 && k >= 0 && k <= n;
  if (!isShare(k1, n1) || !isShare(k2, n2)) {
    throw new RangeError(`${k1} of ${n1} and ${k2} of ${n2}; expected counts of at most as many rows, at least one`);
  }
  const [counted, total] = [k1 + k2, n1 + n2];
  const difference = k1 * n2 - k2 * n1;
  if (difference === 0 || counted === total) return { statistic: 0, p: 1 };
  const statistic = difference * Math.sqrt((total / (counted * (total - counted)) / n1) * (1 / n2));
  return { statistic, p: normalTwoSided(statistic) };
}

function groupsOf(reference: readonly number[], current: readonly number[]): Group[] {
  return reference.map((a, at) => ({ a, b: current[at]! })).filter(({ a, b }) => a + b > 0);
}

function homogeneity(statistic: number, groups: number): HomogeneityTest {
  if (groups <= 1) return { statistic: 0, degrees: 0, p: 1 };
  return { statistic, degrees: groups - 1, p: chiSquareUpper(statistic, groups - 1) };
}

/** (1 + u)·ln(1 + u) − u for u ≥ −1: never negative, and accurate near 0. */
function divergence(u: number): number {
  if (u <= -1) return 1;
  if (Math.abs(u) > 0.1) return (1 + u) * Math.log1p(u) - u;
  let [sum, power] = [0, u * u];
  for (let k = 2; Math.abs(power) > Math.abs(sum) * 1e-18; k++, power *= -u) sum += power / (k * (k - 1));
  return sum;
}
