import { normalUpper } from "../special/distributions.ts";
import { preciseSum } from "../special/precise-sum.ts";
import { areWhole, isConstant, type Tally, type TallyTotals, totalsOf } from "./tally.ts";

export interface MannWhitneyTest {
  /** U of the reference: pairs in which its value is the larger, ties counting half. */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
}

const EXACT_ROWS = 8;
/** The exact distribution takes one number per value of U up to the observed one. */
const LONGEST_DISTRIBUTION = 20_000_000;

/**
 * As `mannwhitneyu` of scipy with its defaults: exact without ties and with at most 8 rows on the smaller side, else the
 * normal approximation with continuity and tie correction; that too beyond 2·10⁷ values of U. One constant on both sides
 * has p 1. RangeError where a side is empty.
 */
export function mannWhitney(tally: Tally): MannWhitneyTest {
  const totals = totalsOf(tally);
  const { n, m } = totals;
  const statistic = wins(tally);
  if (isConstant(tally)) return { statistic, p: 1 };
  const smaller = Math.min(statistic, n * m - statistic);
  const tied = tally.reference.some((rows, at) => rows + tally.current[at]! > 1);
  const exact = !tied && areWhole(totals) && Math.min(n, m) <= EXACT_ROWS && smaller < LONGEST_DISTRIBUTION;
  return { statistic, p: Math.min(1, 2 * (exact ? exactLower(smaller, totals) : normalLower(smaller, tally, totals))) };
}

function wins({ reference, current }: Tally): number {
  let [sum, below] = [0, 0];
  for (const [at, rows] of reference.entries()) {
    const rowsOfCurrent = current[at]!;
    sum += rows * (below + rowsOfCurrent / 2);
    below += rowsOfCurrent;
  }
  return sum;
}

/** P(U ≤ u), with u below the mean, so that the correction of ½ is added to it. */
function normalLower(u: number, { reference, current }: Tally, { n, m }: TallyTotals): number {
  const total = n + m;
  // N³ − N − Σ (t³ − t) as a sum without negative terms.
  const untied = preciseSum(
    reference.map((rows, at) => {
      const tied = rows + current[at]!;
      return tied * (total - tied) * (total + tied);
    }),
  );
  const deviation = Math.sqrt(((n * m) / 12) * (untied / (total * (total - 1))));
  return normalUpper(((n * m) / 2 - u - 0.5) / deviation);
}

/**
 * P(U ≤ u) without ties: how many orders of the rows give each U is a coefficient of Π (1 − q^(larger + i)) / (1 − q^i)
 * over i = 1 … smaller.
 */
function exactLower(u: number, { n, m }: TallyTotals): number {
  const [smaller, larger] = [Math.min(n, m), Math.max(n, m)];
  const orders = new Float64Array(u + 1);
  orders[0] = 1;
  let all = 1;
  for (let i = 1; i <= smaller; i++) {
    for (let at = i; at <= u; at++) orders[at]! += orders[at - i]!;
    for (let at = u; at >= larger + i; at--) orders[at]! -= orders[at - larger - i]!;
    all = (all * (larger + i)) / i;
  }
  return preciseSum(orders) / all;
}
