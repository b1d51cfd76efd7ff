import fc from "fast-check";
import { expect, test } from "vitest";
import type { TextChange } from "../../../cells/session/operation.ts";
import { applyChanges, changesFit, rebase } from "../../../cells/session/text-changes.ts";

const letters = (of: string) => fc.string({ unit: fc.constantFrom(...of), maxLength: 12 });

/** Changes that fit a text of this length: sorted cut points taken in pairs. */
const changesOf = (length: number, of: string): fc.Arbitrary<TextChange[]> =>
  fc.array(fc.tuple(fc.nat(length), fc.nat(3), letters(of)), { maxLength: 4 }).map((parts) => {
    const sorted = parts.toSorted((a, b) => a[0] - b[0]);
    return sorted.map(([from, span, insert], at) => ({
      from,
      to: Math.min(from + span, sorted[at + 1]?.[0] ?? length, length),
      insert,
    }));
  });

test("two edits of one text converge whichever is applied first", () => {
  const cases = letters("abc").chain((text) =>
    fc.tuple(fc.constant(text), changesOf(text.length, "xy"), changesOf(text.length, "XY")),
  );
  fc.assert(
    fc.property(cases, ([text, a, b]) => {
      const first = applyChanges(applyChanges(text, a), rebase(b, a, "after"));
      const second = applyChanges(applyChanges(text, b), rebase(a, b, "before"));
      expect(first).toBe(second);
    }),
    { numRuns: 2000 },
  );
});

test("text inserted by others into a deleted range survives", () => {
  const mine = [{ from: 1, to: 4, insert: "" }];
  const theirs = [{ from: 2, to: 2, insert: "new" }];
  expect(applyChanges(applyChanges("abcde", theirs), rebase(mine, theirs, "after"))).toBe("anewe");
});

/** A tab: what it shows, what it typed and has not sent, and what it sent and waits for. */
class Tab {
  text: string;
  revision = 0;
  sent: { id: number; changes: TextChange[] } | null = null;
  typed: TextChange[][] = [];
  constructor(text: string) {
    this.text = text;
  }
  type(changes: TextChange[]): void {
    this.text = applyChanges(this.text, changes);
    this.typed.push(changes);
  }
  hear(own: boolean, changes: TextChange[]): void {
    this.revision++;
    if (own) {
      this.sent = null;
      return;
    }
    let incoming = changes;
    const pass = (pending: TextChange[]): TextChange[] => {
      const moved = rebase(pending, incoming, "after");
      incoming = rebase(incoming, pending, "before");
      return moved;
    };
    if (this.sent !== null) this.sent = { ...this.sent, changes: pass(this.sent.changes) };
    this.typed = this.typed.map(pass);
    this.text = applyChanges(this.text, incoming);
  }
}

test("two tabs and a server that types as well end with one text, in any order of messages", () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom("type", "send", "hear", "disk"), fc.nat(1), fc.nat(1000), fc.nat(3), letters("abcdef")),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(letters("_-"), steps, (start, script) => {
      let server = start;
      const history: { author: number; changes: TextChange[] }[] = [];
      const tabs = [new Tab(start), new Tab(start)];
      const accept = (author: number, base: number, changes: TextChange[]): void => {
        const now = history.slice(base).reduce((moved, past) => rebase(moved, past.changes, "after"), changes);
        server = applyChanges(server, now);
        history.push({ author, changes: now });
      };
      const hear = (who: number): boolean => {
        const tab = tabs[who]!;
        const next = history[tab.revision];
        if (next === undefined) return false;
        tab.hear(next.author === who, next.changes);
        return true;
      };
      // A sent edit has arrived at once here; what is delayed is everything the tabs hear.
      const send = (who: number): boolean => {
        const tab = tabs[who]!;
        if (tab.sent !== null || tab.typed.length === 0) return false;
        tab.sent = { id: history.length, changes: tab.typed.shift()! };
        accept(who, tab.revision, tab.sent.changes);
        return true;
      };
      for (const [what, who, place, span, insert] of script) {
        const changesAt = (length: number): TextChange[] => {
          const from = place % (length + 1);
          return [{ from, to: Math.min(length, from + span), insert }];
        };
        if (what === "type") tabs[who]!.type(changesAt(tabs[who]!.text.length));
        else if (what === "send") send(who);
        else if (what === "hear") hear(who);
        else accept(-1, history.length, changesAt(server.length));
      }
      for (const who of [0, 1, 0, 1]) for (;;) if (!hear(who) && !send(who)) break;
      for (const who of [0, 1]) while (hear(who));
      expect(tabs.map((tab) => tab.text)).toEqual([server, server]);
    }),
    { numRuns: 500 },
  );
});

test("changes that overlap or reach beyond the text are refused", () => {
  expect(changesFit(3, [{ from: 2, to: 4, insert: "" }])).toBe(false);
  expect(
    changesFit(3, [
      { from: 2, to: 3, insert: "" },
      { from: 1, to: 1, insert: "x" },
    ]),
  ).toBe(false);
  expect(() => applyChanges("abc", [{ from: 2, to: 4, insert: "" }])).toThrow("cannot replace 2 to 4");
});
