/** Of sums over paths that are still below the bound, ascending, how many paths have each; and how many are not below. */
interface PathSums {
  readonly sums: readonly number[];
  readonly paths: readonly number[];
  readonly reached: number;
}

const NO_PATHS: PathSums = { sums: [], paths: [], reached: 0 };

/**
 * P(U ≥ u) for n and m rows (whole, at most 20) without ties: the share of lattice paths from (0, 0) to (n, m) whose sum
 * of (i·L/n − j·L/m)² over the points passed, L = lcm(n, m), is at least what corresponds to u (Xiao, Gordon and
 * Yakovlev 2006).
 */
export function exactCramerVonMisesUpper(u: number, n: number, m: number): number {
  const common = (n * m) / greatestCommonDivisor(n, m);
  const product = n * m;
  const bound = Math.floor((common ** 2 * (n + m) * (6 * u - product * (4 * product - 1))) / (6 * product ** 2));
  let column: PathSums[] = [];
  for (let i = 0; i <= n; i++) {
    const next: PathSums[] = [];
    for (let j = 0; j <= m; j++) {
      const start: PathSums = { sums: [0], paths: [1], reached: 0 };
      const before = i === 0 && j === 0 ? start : merged(column[j] ?? NO_PATHS, next[j - 1] ?? NO_PATHS);
      next.push(raised(before, ((common / n) * i - (common / m) * j) ** 2, bound));
    }
    column = next;
  }
  const { paths, reached } = column[m]!;
  const below = paths.reduce((sum, count) => sum + count, 0);
  return reached / (below + reached);
}

function merged(left: PathSums, right: PathSums): PathSums {
  const [sums, paths]: [number[], number[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < left.sums.length || j < right.sums.length) {
    const sum = Math.min(left.sums[i] ?? Infinity, right.sums[j] ?? Infinity);
    let count = 0;
    if (left.sums[i] === sum) count += left.paths[i++]!;
    if (right.sums[j] === sum) count += right.paths[j++]!;
    sums.push(sum);
    paths.push(count);
  }
  return { sums, paths, reached: left.reached + right.reached };
}

function raised({ sums, paths, reached }: PathSums, by: number, bound: number): PathSums {
  const length = sums.findLastIndex((sum) => sum + by < bound) + 1;
  return {
    sums: sums.slice(0, length).map((sum) => sum + by),
    paths: paths.slice(0, length),
    reached: paths.slice(length).reduce((total, count) => total + count, reached),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
