import { stirlingError } from "./gamma.ts";

/**
 * The probability that |T| ≥ |t| for Student's distribution, degrees > 0 and not necessarily whole. Relative error below
 * 1e-11. Not from cephes, whose `incbet` takes degrees / (degrees + t²), which rounds the tail away at many degrees (1e-6
 * at 1e9), and whose `stdtr` takes whole degrees only.
 */
export function studentTwoSided(t: number, degrees: number): number {
  if (!(degrees > 0) || Number.isNaN(t)) {
    throw new RangeError(`studentTwoSided(${t}, ${degrees}): expected a number t and degrees > 0`);
  }
  const a = degrees / 2;
  const root = Math.abs(t) / Math.sqrt(degrees);
  if (root === 0) return 1;
  if (root === Infinity) return 0;
  const squared = root * root;
  const logX = root > 1e9 ? -2 * Math.log(root) : -Math.log1p(squared);
  const x = Math.exp(logX);
  const y = 1 / (1 + 1 / squared);
  const factor = gammaRatio(a) * Math.sqrt(y / Math.PI) * Math.exp(a * logX);
  // The incomplete beta function of (a, ½) at x, or 1 − that of (½, a) at y = 1 − x.
  if (x * (a + 2.5) < a + 1) return factor * betaFraction(a, 0.5, x, y);
  return Math.max(0, 1 - factor * betaFraction(0.5, a, y, x));
}

/** Γ(a + ½) / Γ(a). */
function gammaRatio(a: number): number {
  return Math.sqrt(a) * Math.exp(a * Math.log1p(0.5 / a) - 0.5 + stirlingError(a + 0.5) - stirlingError(a));
}

/**
 * B(a, b)·I_x(a, b) / (x^a y^b), y = 1 − x, by the continued fraction of Didonato and Morris 1992: it takes x and y both,
 * so that nothing is lost where one of them is tiny. For x < (a + 1) / (a + b + 2).
 */
function betaFraction(a: number, b: number, x: number, y: number): number {
  const distance = a * y - b * x + 1;
  let denominator = (a * distance) / (a + 1);
  let c = denominator;
  let d = 0;
  let value = denominator;
  for (let m = 1; ; m++) {
    const numerator = ((a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x) / (a + 2 * m - 1) ** 2;
    denominator = m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) * (distance + m * (1 + y))) / (a + 2 * m + 1);
    d = 1 / (denominator + numerator * d);
    c = denominator + numerator / c;
    value *= c * d;
    if (!(Math.abs(c * d - 1) > 2e-16)) return 1 / value;
  }
}
