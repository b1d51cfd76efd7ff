/**
 * P(D ≥ d) for n and m rows (whole numbers) of one continuous distribution: the share of lattice paths from (0, 0) to
 * (n, m) that somewhere reach |i / n − j / m| ≥ d. Time in proportion to n·m·d, memory to the smaller of n and m.
 */
export function exactKsUpper(d: number, n: number, m: number): number {
  const divisor = greatestCommonDivisor(n, m);
  // In units of 1 / lcm(n, m), in which D is a whole number.
  const distance = Math.round(d * (n / divisor) * m);
  if (distance <= 0) return 1;
  if (n === m) return equalSizes(distance, n);
  return unequalSizes(distance, Math.max(n, m), Math.min(n, m), divisor);
}

/** By reflection (Gnedenko and Korolyuk 1951): 2 Σ (−1)^(k−1) C(2n, n − k·distance) / C(2n, n). */
function equalSizes(distance: number, n: number): number {
  let [sum, ratio] = [0, 1];
  for (let k = 1; k * distance <= n; k++) {
    for (let j = (k - 1) * distance; j < k * distance; j++) ratio *= (n - j) / (n + j + 1);
    sum += k % 2 === 1 ? ratio : -ratio;
    if (ratio < sum * 1e-18) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

/**
 * The recursion of Viehmann 2021 (arXiv:2102.08037), which follows the share of paths that have been outside, so that
 * small probabilities keep their digits: of the paths to (i, j), i / (i + j) come from (i − 1, j) and the rest from
 * (i, j − 1). `outside[j]` is the share at (i, j), for the j inside the band; beside it the share is 1.
 */
function unequalSizes(distance: number, larger: number, smaller: number, divisor: number): number {
  const [across, up] = [smaller / divisor, larger / divisor];
  const outside = new Float64Array(smaller + 1).fill(1);
  for (let i = 0; i <= larger; i++) {
    const first = Math.max(0, Math.floor((i * across - distance) / up) + 1);
    const high = Math.min(smaller, Math.ceil((i * across + distance) / up) - 1);
    if (first > high) return 1;
    let before = first === 0 ? 0 : 1;
    for (let j = first; j <= high; j++) {
      before = i + j === 0 ? 0 : ((i === 0 ? 0 : outside[j]! * i) + before * j) / (i + j);
      outside[j] = before;
    }
  }
  return Math.min(1, outside[smaller]!);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
