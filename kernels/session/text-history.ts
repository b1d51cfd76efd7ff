import type { TextChange } from "../../cells/session/operation.ts";
import { rebase } from "../../cells/session/text-changes.ts";

/** How far behind a client's edit may be. */
const HELD_EDITS = 2_000;

/** The last edits of each cell's text, to bring an edit that was made against an older revision up to date. */
export class TextHistory {
  readonly #byCell = new Map<string, { readonly revision: number; readonly changes: readonly TextChange[] }[]>();

  /** `revision` is the one after the changes. */
  add(cell: string, revision: number, changes: readonly TextChange[]): void {
    const edits = this.#byCell.get(cell) ?? [];
    edits.push({ revision, changes });
    if (edits.length > HELD_EDITS) edits.splice(0, edits.length - HELD_EDITS);
    this.#byCell.set(cell, edits);
  }

  /** The changes as they stand at revision `now`; null when `base` lies too far back or ahead. */
  upToDate(cell: string, base: number, now: number, changes: readonly TextChange[]): readonly TextChange[] | null {
    if (base === now) return changes;
    const missed = (this.#byCell.get(cell) ?? []).filter(({ revision }) => revision > base);
    if (base > now || missed.length !== now - base) return null;
    return missed.reduce<readonly TextChange[]>((mine, { changes: theirs }) => rebase(mine, theirs, "after"), changes);
  }
}
