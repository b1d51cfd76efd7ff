import type { TextChange } from "./operation.ts";

/*
 * Replacements in one text, for two people typing in one cell. The server orders edits; each side rebases what the
 * other did not know of. For edits a and b of one text the following holds, which makes all copies converge:
 * apply(apply(text, a), rebase(b, a, "after")) = apply(apply(text, b), rebase(a, b, "before")).
 */

/** @throws RangeError when the changes are not ascending, overlap, or reach beyond the text. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  let result = "";
  let position = 0;
  for (const { from, to, insert } of changes) {
    if (from < position || to < from || to > text.length)
      throw new RangeError(`cannot replace ${from} to ${to}: expected offsets from ${position} to ${text.length}`);
    result += text.slice(position, from) + insert;
    position = to;
  }
  return result + text.slice(position);
}

/** Whether `applyChanges` would take them for a text of this length. */
export function changesFit(length: number, changes: readonly TextChange[]): boolean {
  let position = 0;
  for (const { from, to } of changes) {
    if (from < position || to < from || to > length) return false;
    position = to;
  }
  return true;
}

/**
 * `changes`, made against the same text as `over`, as they must be applied to the text after `over`. Where both insert
 * at one place, the text of the side that came "before" stands first. Text that `over` inserted into a range that
 * `changes` deletes survives.
 */
export function rebase(
  changes: readonly TextChange[],
  over: readonly TextChange[],
  order: "before" | "after",
): TextChange[] {
  const mine = new Walk(changes);
  const theirs = new Walk(over);
  const result = new Collected();
  // Both walks stand at the same offset of the common text at each turn.
  for (;;) {
    const ours = mine.insert();
    const other = theirs.insert();
    if (mine.done) return result.changes;
    if (ours !== null && (other === null || order === "before")) {
      result.insert(ours);
      mine.takeInsert();
    } else if (other !== null) {
      result.keep(other.length);
      theirs.takeInsert();
    } else {
      const length = Math.min(mine.remaining(), theirs.remaining());
      const deleted = mine.advance(length);
      const gone = theirs.advance(length);
      if (gone) continue;
      if (deleted) result.remove(length);
      else result.keep(length);
    }
  }
}

/** Walks over the text as a sequence of inserts, deleted stretches and kept stretches. */
class Walk {
  private readonly changes: readonly TextChange[];
  private at = 0;
  private position = 0;
  private inserted = false;

  constructor(changes: readonly TextChange[]) {
    this.changes = changes;
  }

  /** The insert that stands right here, or null. */
  insert(): string | null {
    const change = this.changes[this.at];
    if (change === undefined || this.inserted || change.from !== this.position) return null;
    if (change.insert !== "") return change.insert;
    this.inserted = true;
    this.leaveIfDone(change);
    return this.insert();
  }

  takeInsert(): void {
    this.inserted = true;
    this.leaveIfDone(this.changes[this.at]!);
  }

  /** Length of the present stretch, kept or deleted; Infinity after the last change. */
  remaining(): number {
    const change = this.changes[this.at];
    if (change === undefined) return Number.POSITIVE_INFINITY;
    return this.position < change.from ? change.from - this.position : change.to - this.position;
  }

  get done(): boolean {
    return this.at >= this.changes.length;
  }

  /** Moves on within the stretch; tells whether it is a deleted one. */
  advance(length: number): boolean {
    const change = this.changes[this.at];
    const deleted = change !== undefined && this.position >= change.from;
    this.position += length;
    if (change !== undefined && deleted) this.leaveIfDone(change);
    return deleted;
  }

  private leaveIfDone(change: TextChange): void {
    if (this.position < change.to) return;
    this.at++;
    this.inserted = false;
  }
}

/** Builds changes out of what is kept, removed and inserted; neighbours are joined. */
class Collected {
  readonly changes: TextChange[] = [];
  private position = 0;

  keep(length: number): void {
    this.position += length;
  }

  insert(text: string): void {
    const last = this.changes.at(-1);
    if (last !== undefined && last.to === this.position && last.from === last.to) last.insert += text;
    else this.changes.push({ from: this.position, to: this.position, insert: text });
  }

  remove(length: number): void {
    const last = this.changes.at(-1);
    if (last !== undefined && last.to === this.position) last.to += length;
    else this.changes.push({ from: this.position, to: this.position + length, insert: "" });
    this.position += length;
  }
}
