import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { nearest } from "../../../cells/yaml/nearest.ts";
import { parseYaml } from "../../../cells/yaml/read-yaml.ts";

const contract = z.strictObject({
  stream: z.string(),
  features: z.record(
    z.string(),
    z.union([
      z.string(),
      z.strictObject({ type: z.enum(["number", "text"]), min: z.number().optional(), unit: z.string().optional() }),
    ]),
  ),
  sources: z.array(z.string()).default([]),
  deep: z.strictObject({ list: z.array(z.strictObject({ name: z.string() })) }).optional(),
});
const problems = (text: string) => {
  const read = parseYaml(text, contract);
  return read.ok ? [] : read.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

test("a good text is read, defaults filled in, NO and dates are text", () => {
  expect(parseYaml("stream: NO\nfeatures: {day: 2026-03-01}\n", contract)).toEqual({
    ok: true,
    value: { stream: "NO", features: { day: "2026-03-01" }, sources: [] },
  });
});

describe("errors name the key, its place and what was meant", () => {
  test.each([
    [
      "stream: a\nfeaturs: {}\n",
      ["2:1 featurs: unknown key; did you mean features?", "1:1 features: missing; expected keys with values"],
    ],
    [
      "stream: a\nfeatures:\n  amount: {type: number, mni: 0}\n",
      ["3:26 features.amount.mni: unknown key; did you mean min?"],
    ],
    [
      "stream: a\nfeatures:\n  amount:\n    type: nmuber\n",
      ['4:11 features.amount.type: expected one of number, text, got "nmuber"; did you mean number?'],
    ],
    ["stream: a\nfeatures: {x: 3}", ["2:15 features.x: expected text, or expected keys with values, got 3"]],
    ["stream: a\nfeatures: {}\nsources: [a, 2]", ["3:14 sources.1: expected text, got 2"]],
    [
      "stream: a\nfeatures: {}\ndeep:\n  list:\n    - name: x\n    - nam: y\n",
      ["6:7 deep.list.1.nam: unknown key; did you mean name?", "6:7 deep.list.1.name: missing; expected text"],
    ],
    ["- a\n", ['1:1 expected keys with values, got ["a"]']],
    ["a: [1\n", ["2:1 Flow sequence in block collection must be sufficiently indented and end with a ]"]],
  ])("%j", (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test("an alias bomb is refused", () => {
    const bomb = [
      "a: &a [x, x]",
      ...Array.from(
        { length: 20 },
        (_, n) =>
          `${"bcdefghijklmnopqrstu"[n]}: &${"bcdefghijklmnopqrstu"[n]} [*${"abcdefghijklmnopqrst"[n]}, *${"abcdefghijklmnopqrst"[n]}]`,
      ),
    ].join("\n");
    expect(problems(bomb)[0]).toContain("alias");
  });

  test("no text makes it throw", () => {
    const piece = fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "- ",
      "{",
      "}",
      "[",
      "&x ",
      "*x",
      "!!map ",
      "|",
      ">",
      "#",
      "'",
      '"',
      "---",
      "\t",
      "features",
      "? ",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
        (text) => void problems(text),
      ),
      { numRuns: 2_000 },
    );
  });
});

test("the nearest word is found, and none where nothing is near", () => {
  expect(nearest("maturty", ["maturity", "lateness"])).toBe("maturity");
  expect(nearest("form", ["from", "where"])).toBe("from");
  expect(nearest("k", ["b"])).toBeNull();
  expect(nearest("entirely", ["min", "max"])).toBeNull();
});
