/** Counts of both samples in aligned groups. */
export interface GroupCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Cochran's rule for χ²: a group expects at least so many rows on either side. */
const LEAST_EXPECTED = 5;

/**
 * Values with their rows on either side as groups for a χ² test; those too rare for it are one group. What is rare is
 * decided by the rows of both sides together: whoever takes the reference's most frequent values, or what it lacks, as
 * groups of their own finds them fewer, or more, in any other sample.
 */
export function rareTogether(values: Iterable<readonly [reference: number, current: number]>): GroupCounts {
  const all = [...values];
  const [n, m] = all.reduce(([a, b], [r, c]) => [a + r, b + c] as const, [0, 0] as readonly [number, number]);
  const smaller = Math.min(n, m) / (n + m);
  const reference = [0];
  const current = [0];
  for (const [r, c] of all) {
    const isRare = (r + c) * smaller < LEAST_EXPECTED;
    if (isRare) {
      reference[0]! += r;
      current[0]! += c;
    } else {
      reference.push(r);
      current.push(c);
    }
  }
  return { reference, current };
}
