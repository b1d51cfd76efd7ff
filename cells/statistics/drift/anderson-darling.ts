import { preciseSum } from "../special/precise-sum.ts";
import { isConstant, type Tally, totalsOf } from "./tally.ts";

export interface AndersonDarlingTest {
  /** Of Scholz and Stephens 1987 with midranks, brought to mean 0 and variance 1 by the numbers of rows. */
  readonly statistic: number;
  readonly p: number;
  /** The table ends at 0.25 and 0.001: outside of it the true probability is at least or at most `p`. */
  readonly bound: "none" | "at-most" | "at-least";
}

/** Quantiles of the statistic for two samples at the ends of the table. */
const [TABLE_START, TABLE_END] = [0.325, 6.546];
const [LARGEST_P, SMALLEST_P] = [0.25, 0.001];
/** ln p = c₀·A² + c₁·A + c₂, fitted by least squares to the table's seven points, as scipy does at each call. */
const FIT = [0.01819809457411126, -1.0082265644652506, -1.0777702798204873] as const;

/**
 * As `anderson_ksamp` of scipy, variant "midrank", for two samples. One constant on both sides has statistic 0 and p 1,
 * and so have fewer than four rows in all, which the statistic cannot be scaled for. RangeError where a side is empty.
 */
export function andersonDarling(tally: Tally): AndersonDarlingTest {
  const { n, m } = totalsOf(tally);
  if (isConstant(tally) || n + m < 4) return { statistic: 0, p: 1, bound: "none" };
  const statistic = (unscaled(tally, n, m) - 1) / Math.sqrt(variance(n, m));
  if (statistic < TABLE_START) return { statistic, p: LARGEST_P, bound: "at-least" };
  if (statistic > TABLE_END) return { statistic, p: SMALLEST_P, bound: "at-most" };
  const [square, linear, constant] = FIT;
  return { statistic, p: Math.exp((square * statistic + linear) * statistic + constant), bound: "none" };
}

/**
 * Equation 7 of Scholz and Stephens for two samples, in which the two sides' terms differ by a factor only:
 * (N − 1)/N·Σ t·nm·(F − G)² / (L·R + (L + R)·t/4), t rows of a value, L before, R after, F and G halfway up their steps.
 */
function unscaled({ values, reference, current }: Tally, n: number, m: number): number {
  const total = n + m;
  const terms: number[] = [];
  let [belowA, belowB] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const [a, b] = [reference[at]!, current[at]!];
    const [tied, before] = [a + b, belowA + belowB];
    const after = total - before - tied;
    const difference = ((belowA + a / 2) * m - (belowB + b / 2) * n) / (n * m);
    terms.push((tied * (n * m) * difference * difference) / (before * after + ((before + after) * tied) / 4));
    belowA += a;
    belowB += b;
  }
  return ((total - 1) / total) * preciseSum(terms);
}

/** The variance of the statistic without a difference (their equation 4), for two samples. */
function variance(n: number, m: number): number {
  const total = n + m;
  const inverses = 1 / n + 1 / m;
  const [h, g] = harmonics(total);
  const a = 4 * g - 6 + (10 - 6 * g) * inverses;
  const b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6;
  const c = 4 * (6 * h + 2 * g - 2) + 2 * (4 * h - 4 * g + 6) + (2 * h - 6) * inverses + 4 * h;
  const d = 4 * (2 * h + 6) - 8 * h;
  return (((a * total + b) * total + c) * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

/** Σ 1/i over i < N, and Σ 1/((N − i)·j) over 1 ≤ i < j < N. */
function harmonics(total: number): readonly [h: number, g: number] {
  let [partial, g] = [0, 0];
  for (let i = 1; i < total - 1; i++) {
    partial += 1 / (total - i);
    g += partial / (i + 1);
  }
  return [partial + 1, g];
}
