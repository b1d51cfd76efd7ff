import { compiled, erfc, kolmogorov, ndtri } from "cephes";
import { gammaUpper } from "./gamma.ts";

// The functions of cephes are WebAssembly, and throw before it is compiled.
await compiled;

/** Beyond this many standard deviations no double is left of the normal tail; cephes throws there. */
const FURTHEST = 37.6;
/** Outside, the Kolmogorov tail is 1 or 0 in double precision; cephes does not end at 0. */
const KOLMOGOROV_RANGE = [0.04, 19.3] as const;

/** P(Z > z) of the standard normal distribution, relative error below 1e-12; values below 1e-307 are 0. */
export function normalUpper(z: number): number {
  if (Number.isNaN(z)) throw new RangeError("normalUpper(NaN): expected a number");
  if (z > FURTHEST) return 0;
  return z < -FURTHEST ? 1 : erfc(z / Math.SQRT2) / 2;
}

/** P(|Z| > |z|). */
export function normalTwoSided(z: number): number {
  return Math.min(1, 2 * normalUpper(Math.abs(z)));
}

/** The z with P(Z < z) = p, for p in [0, 1]: −∞ at 0, ∞ at 1. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`normalQuantile(${p}): expected a probability`);
  if (p === 0) return -Infinity;
  return p === 1 ? Infinity : ndtri(p);
}

/** P(X > x) of the chi-square distribution, degrees > 0; 1 for x ≤ 0. */
export function chiSquareUpper(x: number, degrees: number): number {
  return gammaUpper(degrees / 2, x / 2);
}

/** Q(x) = 2 Σ (−1)^(k−1) exp(−2 k² x²): the limit of P(√n·D > x) for Kolmogorov's D; 1 for x ≤ 0. */
export function kolmogorovUpper(x: number): number {
  if (Number.isNaN(x)) throw new RangeError("kolmogorovUpper(NaN): expected a number");
  const [low, high] = KOLMOGOROV_RANGE;
  if (x < low) return 1;
  return x > high ? 0 : Math.min(1, kolmogorov(x));
}
