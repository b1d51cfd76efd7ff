/**
 * Feedback may supersede feedback; a chain that comes back to itself would leave nothing standing, so the one that
 * closes a cycle is refused. `known` looks up what an already loaded feedback supersedes.
 */
export interface Superseding {
  readonly row: number;
  readonly feedbackId: string;
  readonly supersedes: string;
}

/** Row numbers, of `fresh` in order of arrival, that close a cycle. */
export function closesCycle(fresh: readonly Superseding[], known: (feedbackId: string) => string | null): number[] {
  const accepted = new Map<string, string>();
  const refused: number[] = [];
  for (const { row, feedbackId, supersedes } of fresh) {
    let at: string | null = supersedes;
    while (at !== null && at !== feedbackId) at = accepted.get(at) ?? known(at);
    if (at === feedbackId) refused.push(row);
    else accepted.set(feedbackId, supersedes);
  }
  return refused;
}
