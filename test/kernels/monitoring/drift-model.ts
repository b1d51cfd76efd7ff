import { chi2 } from "../../../cells/statistics/drift/count-tests.ts";
import { areaOfRows, ksOfRows } from "../../cells/statistics/drift/row-models.ts";

/** What a drift cell must find of two samples, row by row and straight from the definitions. */

export interface NumericModel {
  readonly psi: number;
  readonly js: number;
  readonly tvd: number;
  readonly ks: number;
  readonly wasserstein: number;
  readonly normed: number;
}

export const finite = (values: readonly (number | null)[]): number[] =>
  values.filter((value): value is number => value !== null && Number.isFinite(value));

/** The interior deciles by linear interpolation between order statistics, each once. */
export function decilesOf(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const place = ((sorted.length - 1) * share) / 100;
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return low === high ? low : low + (high - low) * (place - Math.floor(place));
  };
  return [...new Set([10, 20, 30, 40, 50, 60, 70, 80, 90].map((share) => at(share) + 0))];
}

/** Rows of the bins (−∞, e₀), [e₀, e₁), …, [last, ∞). */
export function countsIn(edges: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[edges.filter((edge) => edge <= value).length]! += 1;
  return counts;
}

export function countsBy<T>(keys: readonly T[], values: readonly T[]): number[] {
  return keys.map((key) => values.filter((value) => value === key).length);
}

export function shareModel(reference: readonly number[], current: readonly number[]) {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const [p, q] = [reference.map((count) => count / sum(reference)), current.map((count) => count / sum(current))];
  let [psi, divergence, tvd] = [0, 0, 0];
  for (const [at, share] of p.entries()) {
    const other = q[at]!;
    tvd += Math.abs(share - other) / 2;
    if (share === 0 && other === 0) continue;
    const [a, b] = [Math.max(share, 1e-4), Math.max(other, 1e-4)];
    psi += (b - a) * Math.log(b / a);
    const mean = (share + other) / 2;
    divergence += share === 0 ? 0 : (share * Math.log2(share / mean)) / 2;
    divergence += other === 0 ? 0 : (other * Math.log2(other / mean)) / 2;
  }
  return { psi, js: Math.sqrt(Math.max(0, divergence)), tvd, chi2: chi2(reference, current).statistic };
}

export function deviationOf(values: readonly number[]): number {
  // From the first value on, so that digits are left near 2^53.
  const from = values.map((value) => value - values[0]!);
  const mean = from.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(from.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** `edges` come from the whole reference, also for a slice of it. */
export function numericModel(
  edges: readonly number[],
  reference: readonly number[],
  current: readonly number[],
): NumericModel {
  const { psi, js, tvd } = shareModel(countsIn(edges, reference), countsIn(edges, current));
  const wasserstein = areaOfRows(reference, current, 1);
  const normed = wasserstein / Math.max(deviationOf(reference), 0.001);
  return { psi, js, tvd, ks: ksOfRows(reference, current), wasserstein, normed };
}

/** The reference's categories, most frequent first, then what is only in the current sample. */
export function categoryModel(
  ofReference: readonly string[],
  reference: readonly string[],
  current: readonly string[],
): ReturnType<typeof shareModel> & { readonly newShare: number } {
  const keys = [...new Set(ofReference)];
  const isNew = current.filter((value) => !keys.includes(value)).length;
  const counts = shareModel([...countsBy(keys, reference), 0], [...countsBy(keys, current), isNew]);
  return { ...counts, newShare: isNew / current.length };
}
