import { cramerVonMisesUpper } from "../special/cramer-von-mises-limit.ts";
import { preciseSum } from "../special/precise-sum.ts";
import { exactCramerVonMisesUpper } from "./cramer-von-mises-exact.ts";
import { areWhole, isConstant, type Tally, type TallyTotals, totalsOf } from "./tally.ts";

export interface CramerVonMisesTest {
  /** T of Anderson 1962, with midranks. */
  readonly statistic: number;
  readonly p: number;
}

const EXACT_ROWS = 20;

/**
 * As `cramervonmises_2samp` of scipy: p is exact up to 20 rows on the larger side, beyond that of the limiting
 * distribution, which is good in the tail where scipy's sum ends at 0. One constant on both sides has T 0 and p 1. T is
 * made for continuous values: with many ties and sides of unlike size, midranks make it large without any difference.
 * RangeError where a side is empty.
 */
export function cramerVonMises(tally: Tally): CramerVonMisesTest {
  const totals = totalsOf(tally);
  if (isConstant(tally)) return { statistic: 0, p: 1 };
  const { n, m } = totals;
  const statistic = statisticOf(tally, totals);
  const exact = areWhole(totals) && Math.max(n, m) <= EXACT_ROWS;
  return { statistic, p: exact ? exactCramerVonMisesUpper(rankSum(tally, totals), n, m) : limit(statistic, totals) };
}

/**
 * scipy forms T as the difference of two numbers of the order of n, which leaves few digits at a million rows. The same T
 * is nm/N²·Σ t·(F − G)² + (N/(nm)·Σ (a³ + b³) − Σ t³/N − (n − m)²/(nm)) / (12 N), with a and b the rows of a value on
 * each side, t = a + b, N = n + m, and F and G halfway up their steps.
 */
function statisticOf(tally: Tally, totals: TallyTotals): number {
  const { n, m } = totals;
  const [total, product] = [n + m, n * m];
  const differences = preciseSum(
    termsOf(tally, ({ a, b, belowA, belowB }) => {
      const difference = ((belowA + a / 2) * m - (belowB + b / 2) * n) / product;
      return (a + b) * difference * difference;
    }),
  );
  const ties = preciseSum(termsOf(tally, ({ a, b }) => (a ** 3 + b ** 3) * (total / product) - (a + b) ** 3 / total));
  return (product / total / total) * differences + (ties - (n - m) ** 2 / product) / (12 * total);
}

/** U of Anderson 1962: n·Σ (rank − i)² over the reference + m·Σ (rank − j)² over the current rows; for few rows. */
function rankSum(tally: Tally, { n, m }: TallyTotals): number {
  const squares = (rows: number, below: number): number => rows * below * below + (rows * (rows * rows - 1)) / 12;
  return preciseSum(
    termsOf(tally, ({ a, b, belowA, belowB }) => n * squares(a, belowB + b / 2) + m * squares(b, belowA + a / 2)),
  );
}

/** The rows of a value, and those below it, on each side. */
interface Step {
  readonly a: number;
  readonly b: number;
  readonly belowA: number;
  readonly belowB: number;
}

function* termsOf({ reference, current }: Tally, term: (step: Step) => number): Generator<number> {
  let [belowA, belowB] = [0, 0];
  for (const [at, a] of reference.entries()) {
    const b = current[at]!;
    yield term({ a, b, belowA, belowB });
    belowA += a;
    belowB += b;
  }
}

/** T brought to the mean and variance of the limit (Anderson 1962, equations 11, 14 and 15). */
function limit(statistic: number, { n, m }: TallyTotals): number {
  const [total, product] = [n + m, n * m];
  const mean = (1 + 1 / total) / 6;
  const spread = 4 * product * total - 3 * (n * n + m * m) - 2 * product;
  const variance = ((total + 1) / (45 * total * total)) * (spread / (4 * product));
  return cramerVonMisesUpper(1 / 6 + (statistic - mean) / Math.sqrt(45 * variance));
}
