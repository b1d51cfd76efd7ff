/** The distinct finite values of quantiles, ascending: the interior edges of bins. −0 and 0 are one. */
export function distinctEdges(quantiles: readonly number[]): number[] {
  const sorted = quantiles
    .filter(Number.isFinite)
    .map((edge) => edge + 0)
    .sort((left, right) => left - right);
  return sorted.filter((edge, at) => at === 0 || edge !== sorted[at - 1]);
}

/**
 * Counts of the bins (−∞, e₀), [e₀, e₁), …, [last, ∞) of `edges`, added up to the bins of fewer `coarser` edges, such as
 * centiles to deciles. RangeError where a coarser edge is not among the edges, which must be distinct and ascending, or
 * where there are not as many counts as bins.
 */
export function toDeciles(edges: readonly number[], counts: readonly number[], coarser: readonly number[]): number[] {
  if (counts.length !== edges.length + 1) {
    throw new RangeError(`${counts.length} counts for ${edges.length} edges; expected one more than edges`);
  }
  const groups = new Array<number>(coarser.length + 1).fill(0);
  let group = 0;
  for (const [bin, count] of counts.entries()) {
    if (group < coarser.length && edges[bin - 1] === coarser[group]) group++;
    groups[group]! += count;
  }
  if (group < coarser.length) {
    throw new RangeError(`the edge ${coarser[group]} is not among the ${edges.length} finer edges in ascending order`);
  }
  return groups;
}

/** The counts of the union of samples that were counted in the same bins; no counts for no histograms. */
export function mergeHistograms(histograms: readonly (readonly number[])[]): number[] {
  const [first, ...others] = histograms;
  if (first === undefined) return [];
  const merged = [...first];
  for (const counts of others) {
    if (counts.length !== merged.length) {
      throw new RangeError(`histograms of ${merged.length} and ${counts.length} bins; expected the same bins`);
    }
    for (const [bin, count] of counts.entries()) merged[bin]! += count;
  }
  return merged;
}
