/**
 * The upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a), for a > 0; 1 for x ≤ 0. Relative error below 1e-12 for
 * a up to 1e6. Not from cephes, whose `igamc` throws where the lower tail underflows and forms its leading factor from
 * logarithms that cancel (1e-10 from a = 50 000 on).
 */
export function gammaUpper(a: number, x: number): number {
  if (!(a > 0) || Number.isNaN(x)) throw new RangeError(`gammaUpper(${a}, ${x}): expected a > 0 and a number x`);
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const density = gammaDensity(a, x);
  if (x < a + 1) return Math.max(0, 1 - (density / a) * lowerSeries(a, x));
  return density === 0 ? 0 : density * upperFraction(a, x);
}

/** ln Γ(a) − ((a − ½) ln a − a + ½ ln 2π), a > 0: what Stirling's formula leaves out. */
export function stirlingError(a: number): number {
  if (a < 10) return stirlingError(a + 1) + (a + 0.5) * Math.log1p(1 / a) - 1;
  const inverse = 1 / (a * a);
  const coefficients = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
  return coefficients.reduceRight((sum, coefficient) => sum * inverse + coefficient, 0) / a;
}

/** x^a e^−x / Γ(a), written so that nothing large cancels where x is near a. */
function gammaDensity(a: number, x: number): number {
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(-a * excess((x - a) / a, x / a) - stirlingError(a));
}

/** u − ln(1 + u), given 1 + u as well. */
function excess(u: number, onePlus: number): number {
  if (Math.abs(u) > 0.5) return u - Math.log(onePlus);
  const s = u / (2 + u);
  const squared = s * s;
  let [sum, power, odd] = [0, 1, 3];
  for (; power > 1e-18; power *= squared, odd += 2) sum += power / odd;
  return s * (u - 2 * squared * sum);
}

/** 1 + x / (a + 1) + x² / ((a + 1)(a + 2)) + … */
function lowerSeries(a: number, x: number): number {
  let [sum, term] = [1, 1];
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** Legendre's continued fraction of Γ(a, x) / (x^a e^−x), by Lentz's method; for x ≥ a + 1. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let value = d;
  for (let i = 1; ; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const factor = c * d;
    value *= factor;
    if (!(Math.abs(factor - 1) > 1e-16)) return value;
  }
}
