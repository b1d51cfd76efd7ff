import { expect, test } from "vitest";
import type { TextChange } from "../../cells/session/operation.ts";
import { applyChanges, rebase } from "../../cells/session/text-changes.ts";
import { difference, PendingText } from "../../client/session/pending-text.ts";
import { Random } from "../support/random.ts";

/** A random replacement in a text of this length. */
function change(random: Random, length: number): TextChange[] {
  const from = random.integer(0, length);
  const to = random.integer(from, Math.min(length, from + 4));
  return [{ from, to, insert: "abcdef".slice(0, random.integer(0, 3)) }];
}

/** The server's side of one cell: orders edits and rebases those made against an older text. */
class Server {
  text: string;
  readonly history: { changes: readonly TextChange[]; by: string }[] = [];
  constructor(text: string) {
    this.text = text;
  }

  edit(by: string, base: number, changes: readonly TextChange[]): readonly TextChange[] {
    let moved = changes;
    for (const { changes: over } of this.history.slice(base)) moved = rebase(moved, over, "after");
    this.text = applyChanges(this.text, moved);
    this.history.push({ changes: moved, by });
    return moved;
  }
}

/** A tab with its editor, and what is on its way to it. */
class Tab {
  readonly pending: PendingText;
  editor: string;
  heard = 0;
  readonly name: string;
  constructor(name: string, text: string) {
    this.name = name;
    this.pending = new PendingText(text, 0);
    this.editor = text;
  }

  type(changes: readonly TextChange[]): void {
    this.editor = applyChanges(this.editor, changes);
    this.pending.type(changes);
  }

  send(server: Server): void {
    const changes = this.pending.next();
    if (changes !== null) server.edit(this.name, this.pending.revision, changes);
  }

  hear(server: Server): void {
    const entry = server.history[this.heard];
    if (entry === undefined) return;
    this.heard += 1;
    if (entry.by === this.name) this.pending.answered(entry.changes, this.heard);
    else this.editor = applyChanges(this.editor, this.pending.received(entry.changes, this.heard));
    expect(this.pending.text).toBe(this.editor);
  }
}

test("two tabs that type at once, each hearing of the other late, end with the server's text", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    const server = new Server("SELECT 1 FROM here");
    const tabs = [new Tab("a", server.text), new Tab("b", server.text)];
    for (let step = 0; step < 40; step += 1) {
      const tab = random.pick(tabs);
      const what = random.integer(0, 2);
      if (what === 0) tab.type(change(random, tab.editor.length));
      else if (what === 1) tab.send(server);
      else tab.hear(server);
    }
    for (let round = 0; tabs.some((tab) => !tab.pending.isClean || tab.heard < server.history.length); round += 1) {
      expect(round, `seed ${seed} does not settle`).toBeLessThan(1000);
      for (const tab of tabs) {
        tab.send(server);
        while (tab.heard < server.history.length) tab.hear(server);
      }
    }
    for (const tab of tabs) expect([seed, tab.editor]).toEqual([seed, server.text]);
  }
});

test("after a snapshot what was typed stands where it belongs in the new text", () => {
  const text = new PendingText("SELECT 1\nFROM a", 0);
  text.type([{ from: 8, to: 8, insert: " AS one" }]);
  text.restart("-- a note\nSELECT 1\nFROM a", 4);
  expect(text.text).toBe("-- a note\nSELECT 1 AS one\nFROM a");
  expect(text.next()).toEqual([{ from: 18, to: 18, insert: " AS one" }]);
});

test("after a snapshot that holds what was sent, it is not sent again", () => {
  const text = new PendingText("abc", 0);
  text.type([{ from: 3, to: 3, insert: "d" }]);
  text.next();
  text.type([{ from: 4, to: 4, insert: "e" }]);
  text.restart("abcd", 1);
  expect(text.text).toBe("abcde");
  expect(text.next()).toEqual([{ from: 4, to: 4, insert: "e" }]);
  expect(text.isClean).toBe(false);
});

test("what was typed while an edit was on its way goes at once, and what was undone goes not at all", () => {
  const text = new PendingText("abc", 0);
  text.type([{ from: 3, to: 3, insert: "d" }]);
  const first = text.next()!;
  for (const [at, letter] of [..."efg"].entries()) text.type([{ from: 4 + at, to: 4 + at, insert: letter }]);
  expect(text.next()).toBeNull();
  text.answered(first, 1);
  expect(text.next()).toEqual([{ from: 4, to: 4, insert: "efg" }]);

  const undone = new PendingText("abc", 0);
  undone.type([{ from: 0, to: 0, insert: "x" }]);
  undone.type([{ from: 0, to: 1, insert: "" }]);
  expect(undone.next()).toBeNull();
  expect(undone.isClean).toBe(true);
});

test("what did not arrive is sent again when the line is back", () => {
  const text = new PendingText("abc", 0);
  text.type([{ from: 3, to: 3, insert: "d" }]);
  expect(text.next()).not.toBeNull();
  expect(text.next()).toBeNull();
  text.resume();
  expect(text.next()).toEqual([{ from: 3, to: 3, insert: "d" }]);
});

test("the difference of two texts makes one of the other", () => {
  const random = new Random(7);
  for (let round = 0; round < 500; round += 1) {
    const before = Array.from({ length: random.integer(0, 12) }, () => random.pick(["a", "b"])).join("");
    const after = Array.from({ length: random.integer(0, 12) }, () => random.pick(["a", "b"])).join("");
    expect(applyChanges(before, difference(before, after))).toBe(after);
  }
  expect(difference("same", "same")).toEqual([]);
});
