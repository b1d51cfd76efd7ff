import type { TextChange } from "../../cells/session/operation.ts";
import { applyChanges, rebase } from "../../cells/session/text-changes.ts";

/** The one replacement that makes `after` of `before`; none when they are equal. */
export function difference(before: string, after: string): TextChange[] {
  if (before === after) return [];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return [{ from: start, to: before.length - end, insert: after.slice(start, after.length - end) }];
}

/**
 * One cell's text as typed here: what the server knows, and the changes that it has not answered, oldest first. The
 * first of them may be on its way; the next is sent when it is answered.
 */
export class PendingText {
  /** The server's text, at `revision`. */
  known: string;
  revision: number;
  #pending: (readonly TextChange[])[] = [];
  /** True while the first of the pending changes is on its way. */
  sent = false;

  constructor(known: string, revision: number) {
    this.known = known;
    this.revision = revision;
  }

  get text(): string {
    return this.#pending.reduce((text, changes) => applyChanges(text, changes), this.known);
  }

  get isClean(): boolean {
    return this.#pending.length === 0;
  }

  type(changes: readonly TextChange[]): void {
    this.#pending.push(changes);
  }

  /** The changes to send now, or null. They count as sent. */
  next(): readonly TextChange[] | null {
    if (this.sent) return null;
    // All that was typed since the last answer goes at once: a fast hand does not wait for a slow line.
    if (this.#pending.length > 1) {
      const all = difference(this.known, this.text);
      this.#pending = all.length === 0 ? [] : [all];
    }
    const [first] = this.#pending;
    if (first === undefined) return null;
    this.sent = true;
    return first;
  }

  /** The server applied what was sent. */
  answered(changes: readonly TextChange[], revision: number): void {
    this.known = applyChanges(this.known, changes);
    this.revision = revision;
    this.#pending.shift();
    this.sent = false;
  }

  /** Somebody else's changes; returns them as the editor must apply them to its text. */
  received(changes: readonly TextChange[], revision: number): readonly TextChange[] {
    this.known = applyChanges(this.known, changes);
    this.revision = revision;
    let theirs: readonly TextChange[] = changes;
    this.#pending = this.#pending.map((mine) => {
      const moved = rebase(mine, theirs, "after");
      theirs = rebase(theirs, mine, "before");
      return moved;
    });
    return theirs;
  }

  /** The line is back and everything since was told: what is still unanswered did not arrive and is sent again. */
  resume(): void {
    this.sent = false;
  }

  /**
   * After a snapshot, where what happened meanwhile is only known as another text: what was typed stays, put where it
   * belongs in the new text. When the new text holds exactly what was sent, that had arrived.
   */
  restart(known: string, revision: number): void {
    const [first] = this.#pending;
    if (this.sent && first !== undefined && applyChanges(this.known, first) === known) this.#pending.shift();
    else this.received(difference(this.known, known), revision);
    this.known = known;
    this.revision = revision;
    this.sent = false;
  }
}
