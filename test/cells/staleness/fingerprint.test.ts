import fc from "fast-check";
import { expect, test } from "vitest";
import { digest } from "../../../cells/staleness/digest.ts";
import {
  digestOf,
  type FingerprintParts,
  fingerprint,
  formatFingerprint,
  parseFingerprint,
} from "../../../cells/staleness/fingerprint.ts";
import { staleBecause } from "../../../cells/staleness/stale-because.ts";

const PARTS: FingerprintParts = { text: "t", asOf: null, window: null, surroundings: null, parents: [] };

test("a fingerprint comes back from its text", () => {
  const word = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));
  const parts = fc.record({
    text: word,
    asOf: fc.option(word),
    window: fc.option(word),
    surroundings: fc.option(word),
    parents: fc.array(fc.tuple(word, word)),
  });
  fc.assert(
    fc.property(parts, (given) => {
      const made = fingerprint(given);
      expect(parseFingerprint(formatFingerprint(made))).toEqual(made);
      expect(digestOf(formatFingerprint(made))).toBe(made.digest);
    }),
  );
});

test("text that is no fingerprint is none, and its run counts as stale", () => {
  for (const text of ["", "x", `${"0".repeat(32)} {`, `${"0".repeat(32)} [1,2,3]`, `${"0".repeat(32)} null`])
    expect(parseFingerprint(text)).toBeNull();
  const ancestry = { label: (cell: string) => cell, present: () => undefined, lastRun: () => undefined };
  expect(staleBecause(null, fingerprint(PARTS), ancestry)).toBe("made by another version of Driftbook");
});

test("the digest is the beginning of SHA-256 of the text in UTF-8", () => {
  // From FIPS 180-2, appendix B.1.
  expect(digest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223");
});

test.each([
  ["text changed", { text: "other" }],
  ["as-of moved", { asOf: "later" }],
  ["window moved", { window: "other" }],
  ["contracts, marks, packages or files changed", { surroundings: "other" }],
  ["now reads b", { parents: [["b", "1"]] }],
] as [string, Partial<FingerprintParts>][])("%s", (sentence, change) => {
  const before = { ...PARTS, asOf: "t", window: "w", surroundings: "s" };
  const ancestry = { label: (cell: string) => cell, present: () => undefined, lastRun: () => undefined };
  expect(staleBecause(fingerprint(before), fingerprint({ ...before, ...change }), ancestry)).toBe(sentence);
});

test("a change far above is told as what it is", () => {
  const older = fingerprint({ ...PARTS, asOf: "t1" });
  const newer = fingerprint({ ...PARTS, asOf: "t2" });
  const middle = (above: typeof older) => fingerprint({ ...PARTS, parents: [["data", above.digest]] });
  const bottom = (above: typeof older) => fingerprint({ ...PARTS, parents: [["middle", above.digest]] });
  const ancestry = {
    label: (cell: string) => cell,
    present: (cell: string) => (cell === "data" ? newer : middle(newer)),
    lastRun: (cell: string) => (cell === "data" ? older : middle(older)),
  };
  expect(staleBecause(bottom(middle(older)), bottom(middle(newer)), ancestry)).toBe("as-of moved");
});
