/** Statistics of two samples row by row, straight from their definitions and slow. */

const below = (rows: readonly number[], value: number): number =>
  rows.filter((row) => row <= value).length / rows.length;

export const distinct = (...samples: readonly (readonly number[])[]): number[] =>
  [...new Set(samples.flat())].sort((a, b) => a - b);

export function ksOfRows(reference: readonly number[], current: readonly number[]): number {
  return Math.max(...distinct(reference, current).map((at) => Math.abs(below(reference, at) - below(current, at))));
}

/** ∫ |F − G|^power dx */
export function areaOfRows(reference: readonly number[], current: readonly number[], power: number): number {
  const values = distinct(reference, current);
  return values.slice(1).reduce((sum, end, at) => {
    const difference = Math.abs(below(reference, values[at]!) - below(current, values[at]!));
    return sum + difference ** power * (end - values[at]!);
  }, 0);
}

/** Energy distance by the mean distances of pairs: √(2E|X − Y| − E|X − X′| − E|Y − Y′|). */
export function energyOfRows(reference: readonly number[], current: readonly number[]): number {
  const mean = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x) => sum + b.reduce((inner, y) => inner + Math.abs(x - y), 0), 0) / (a.length * b.length);
  const squared = 2 * mean(reference, current) - mean(reference, reference) - mean(current, current);
  return Math.sqrt(Math.max(0, squared));
}

export function winsOfRows(reference: readonly number[], current: readonly number[]): number {
  return reference.reduce((sum, x) => sum + current.reduce((wins, y) => wins + (x > y ? 1 : x === y ? 0.5 : 0), 0), 0);
}

/** Anderson's T from midranks, as it is written in the paper. */
export function cramerVonMisesOfRows(reference: readonly number[], current: readonly number[]): number {
  const all = [...reference, ...current];
  const rank = (value: number): number =>
    all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2;
  const [n, m] = [reference.length, current.length];
  const squares = (rows: readonly number[]) =>
    [...rows].sort((a, b) => a - b).reduce((sum, value, at) => sum + (rank(value) - at - 1) ** 2, 0);
  const u = n * squares(reference) + m * squares(current);
  return u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m));
}

/** Every way to deal the values out to sides of these sizes: the share for which `statistic` is at least as large. */
export function permutationUpper(
  reference: readonly number[],
  current: readonly number[],
  statistic: (reference: readonly number[], current: readonly number[]) => number,
): number {
  const all = [...reference, ...current];
  const observed = statistic(reference, current);
  let [asLarge, deals] = [0, 0];
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const first = all.filter((_, at) => (mask >> at) & 1);
    if (first.length !== reference.length) continue;
    deals++;
    if (
      statistic(
        first,
        all.filter((_, at) => !((mask >> at) & 1)),
      ) >=
      observed - 1e-12
    )
      asLarge++;
  }
  return asLarge / deals;
}
