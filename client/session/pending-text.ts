import type { TextChange } from "../../cells/session/operation.ts";
import { applyChanges, rebase } from "../../cells/session/text-changes.ts";

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
    const [first] = this.#pending;
    if (this.sent || first === undefined) return null;
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

  /** After a snapshot: what was typed and not answered is kept where the text is still the one it was typed into. */
  restart(known: string, revision: number): void {
    const mine = this.text;
    const lost = this.#pending.length > 0 && mine !== known;
    this.known = known;
    this.revision = revision;
    this.sent = false;
    this.#pending = lost ? [[{ from: 0, to: known.length, insert: mine }]] : [];
  }
}
