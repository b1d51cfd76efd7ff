import { studentTwoSided } from "../special/student.ts";

/** Of one side's values. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** With ddof 1; 0 for a constant. */
  readonly variance: number;
}

export interface TTest {
  /** Positive where the reference's mean is the larger; ±Infinity where two constants differ. */
  readonly statistic: number;
  readonly degrees: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Whether two means differ: Welch's test, or Student's, which takes the variances as equal. Under two rows on a side
 * (Student: under three in all) nothing can be said: statistic 0, p 1. Equal constants give the same.
 */
export function tTest(reference: Moments, current: Moments, variances: "welch" | "student" = "welch"): TTest {
  const difference = reference.mean - current.mean;
  const { squaredError, degrees } = variances === "welch" ? welch(reference, current) : student(reference, current);
  if (!(degrees > 0) || difference === 0) return { statistic: 0, degrees: Math.max(0, degrees), p: 1 };
  const statistic = difference / Math.sqrt(squaredError);
  return { statistic, degrees, p: studentTwoSided(statistic, degrees) };
}

interface Spread {
  /** The variance of the difference of the means. */
  readonly squaredError: number;
  readonly degrees: number;
}

/** Degrees of Satterthwaite. */
function welch(reference: Moments, current: Moments): Spread {
  if (reference.n < 2 || current.n < 2) return { squaredError: 0, degrees: 0 };
  const [first, second] = [reference.variance / reference.n, current.variance / current.n];
  const squaredError = first + second;
  if (squaredError === 0) return { squaredError, degrees: reference.n + current.n - 2 };
  // In shares, which cannot overflow.
  const [p, q] = [first / squaredError, second / squaredError];
  return { squaredError, degrees: 1 / ((p * p) / (reference.n - 1) + (q * q) / (current.n - 1)) };
}

function student(reference: Moments, current: Moments): Spread {
  const degrees = reference.n + current.n - 2;
  if (reference.n < 1 || current.n < 1 || degrees < 1) return { squaredError: 0, degrees: 0 };
  // A single row has no variance of its own.
  const squares = ({ n, variance }: Moments): number => (n > 1 ? (n - 1) * variance : 0);
  const pooled = (squares(reference) + squares(current)) / degrees;
  return { squaredError: pooled * (1 / reference.n + 1 / current.n), degrees };
}
