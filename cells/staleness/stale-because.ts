import type { Fingerprint } from "./fingerprint.ts";

/** What the sentence needs to know about the cells above. */
export interface Ancestry {
  readonly label: (cell: string) => string;
  readonly present: (cell: string) => Fingerprint | undefined;
  /** Of the cell's newest run; null when it never ran, undefined for a cell that runs nothing (an input). */
  readonly lastRun: (cell: string) => Fingerprint | null | undefined;
}

/** Which change made the run with fingerprint `then` stale, in a few words: "threshold changed", "as-of moved". */
export function staleBecause(then: Fingerprint | null, now: Fingerprint, ancestry: Ancestry): string {
  if (then === null) return "made by another version of Driftbook";
  if (then.text !== now.text) return "text changed";
  const outside = outsideChange(then, now);
  if (outside !== null) return outside;

  const before = new Map(then.parents);
  for (const [cell, digest] of now.parents) {
    if (before.get(cell) === digest) continue;
    const name = ancestry.label(cell);
    if (!before.has(cell)) return `now reads ${name}`;
    return parentChange(cell, before.get(cell)!, ancestry, new Set()) ?? `${name} changed`;
  }
  const gone = then.parents.find(([cell]) => !now.parents.some(([other]) => other === cell));
  return gone === undefined ? "something it reads changed" : `${ancestry.label(gone[0])} is gone`;
}

function outsideChange(then: Fingerprint, now: Fingerprint): string | null {
  if (then.window !== now.window)
    return now.window === null || then.window === null ? "window changed" : "window moved";
  if (then.asOf !== now.asOf) return "as-of moved";
  if (then.surroundings !== now.surroundings) return "contracts, marks, packages or files changed";
  return null;
}

/** A change further up is told as what it is ("as-of moved"), a changed text by the cell that it is in. */
function parentChange(cell: string, seen: string, ancestry: Ancestry, visited: Set<string>): string | null {
  if (visited.has(cell)) return null;
  visited.add(cell);
  const last = ancestry.lastRun(cell);
  const now = ancestry.present(cell);
  if (last === undefined || now === undefined) return `${ancestry.label(cell)} changed`;
  if (last === null) return `${ancestry.label(cell)} has not run`;
  // The parent already ran again: what matters to the reader is that it has another content now.
  if (last.digest !== seen || last.text !== now.text) return `${ancestry.label(cell)} changed`;
  const outside = outsideChange(last, now);
  if (outside !== null) return outside;
  for (const [above, digest] of now.parents) {
    const before = new Map(last.parents).get(above);
    if (before !== undefined && before !== digest) return parentChange(above, before, ancestry, visited);
  }
  return null;
}
