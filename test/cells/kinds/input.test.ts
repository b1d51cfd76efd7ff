import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptInputText, acceptInputValue } from "../../../cells/kinds/input/accept-input-value.ts";
import type { InputSpec } from "../../../cells/kinds/input/input-spec.ts";
import { toInput } from "../../../cells/kinds/input/to-input.ts";
import { withDefault } from "../../../cells/kinds/input/with-default.ts";
import { KINDS } from "../../../cells/kinds/kinds.ts";

function spec(source: string): InputSpec {
  const read = toInput(source);
  if (!read.ok) throw new Error(read.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return read.value;
}
const problems = (source: string) => {
  const read = toInput(source);
  return read.ok ? [] : read.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

describe("reading", () => {
  test.each<[string, unknown]>([
    ["type: number", { type: "number", label: null, default: 0, min: null, max: null, step: null, unit: null }],
    ["type: number\nmin: 3", { type: "number", label: null, default: 3, min: 3, max: null, step: null, unit: null }],
    [
      "type: slider\nmin: 0\nmax: 10",
      { type: "slider", label: null, default: 0, min: 0, max: 10, step: 0.1, unit: null },
    ],
    [
      "type: select\noptions: [NO, 2, {value: x, label: X!}]",
      {
        type: "select",
        label: null,
        default: "NO",
        options: [
          { value: "NO", label: "NO" },
          { value: 2, label: "2" },
          { value: "x", label: "X!" },
        ],
      },
    ],
    ["type: text", { type: "text", label: null, default: "", placeholder: "" }],
    ["type: date\ndefault: 2026-03-01", { type: "date", label: null, default: "2026-03-01", min: null, max: null }],
    ["type: window\ndefault: last 7 days\nlabel: When", { type: "window", label: "When", default: "last 7 days" }],
    ["type: toggle", { type: "toggle", label: null, default: false }],
  ])("%j is completed", (source, expected) => {
    expect(spec(source)).toEqual(expected);
  });

  test.each([
    ["", "1:1 type: missing; expected one of number, slider, select, text, date, window, toggle"],
    [
      "type: slidr\nmin: 0",
      '1:7 type: expected one of number, slider, select, text, date, window, toggle, got "slidr"; did you mean slider?',
    ],
    ["type: slider\nmin: 0", "1:1 max: missing; expected a number"],
    ["type: slider\nmin: 0\nmaks: 1\nmax: 2", "3:1 maks: unknown key; did you mean max?"],
    ["type: toggle\noptions: [a]", "2:1 options: unknown key; known here: type, label, default"],
    ["type: slider\nmin: 0\nmax: 1\ndefault: 2", "4:10 default: expected at most max, 1, got 2"],
    ["type: slider\nmin: zero\nmax: 1", '2:6 min: expected a number, got "zero"'],
    ["type: number\nstep: 0", "2:7 step: expected more than 0, got 0"],
    ["type: select\noptions: []", "2:10 options: expected at least 1 entries, got []"],
    ["type: select\noptions: [a]\ndefault: b", '3:10 default: expected one of the options a, got "b"'],
    ["type: date\ndefault: 2026-02-30", '2:10 default: expected a date such as 2026-03-01, got "2026-02-30"'],
    ["type: toggle\ndefault: yes", '2:10 default: expected true or false, got "yes"'],
    ["type: number\ntype: text", "2:1 Map keys must be unique"],
  ])("%j is refused where it stands, with what would be right", (source, expected) => {
    expect(problems(source)[0]).toBe(expected);
  });

  test("no text makes reading throw", () => {
    const yaml = fc
      .array(
        fc.constantFrom(
          "type: slider",
          "min: 0",
          "max",
          ": ",
          "- a",
          "{",
          "&a *a",
          "a: *a",
          "\t",
          "<<: x",
          "? y",
          "!!js x",
          "default: |",
          "  b",
        ),
      )
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(fc.oneof(yaml, fc.string()), (text) => void toInput(text)),
      { numRuns: 1_000 },
    );
  });

  test("every kind's default source is readable", () => {
    expect(problems(KINDS.input.defaultSource)).toEqual([]);
  });
});

describe("values", () => {
  test.each<[string, unknown, string | true]>([
    ["type: slider\nmin: 0\nmax: 1", 0.5, true],
    ["type: slider\nmin: 0\nmax: 1", 2, "expected a number from 0 to 1, got 2"],
    ["type: number", "2", 'expected a number, got "2"'],
    ["type: number", Number.NaN, "expected a number, got null"],
    ["type: select\noptions: [a, 2]", 2, true],
    ["type: select\noptions: [a, 2]", "2", 'expected one of a, 2, got "2"'],
    [
      "type: date\nmin: 2026-01-01",
      "2025-12-31",
      'expected a date such as 2026-03-01 of at least 2026-01-01, got "2025-12-31"',
    ],
    ["type: window", "last 7 days", true],
    ["type: window", null, true],
    ["type: toggle", 1, "expected true or false, got 1"],
    ["type: text", "x", true],
  ])("%j and %j: %s", (source, value, expected) => {
    const acceptance = acceptInputValue(spec(source), value);
    expect(acceptance.ok || acceptance.problem).toBe(expected);
    if (acceptance.ok) expect(acceptance.value).toBe(value);
  });

  test("text from a command line becomes the input's type", () => {
    expect(acceptInputText(spec("type: slider\nmin: 0\nmax: 1"), "0.9")).toEqual({ ok: true, value: 0.9 });
    expect(acceptInputText(spec("type: toggle"), "true")).toEqual({ ok: true, value: true });
    expect(acceptInputText(spec("type: select\noptions: [1, 2]"), "2")).toEqual({ ok: true, value: 2 });
    expect(acceptInputText(spec("type: number"), "")).toMatchObject({ ok: false });
  });
});

describe("keep as default", () => {
  const source = "# the bar\ntype: slider   # kind\ndefault: 0.8     # from the pilot\nmin: 0\nmax: 1\n";

  test("only the value changes", () => {
    expect(withDefault(source, 0.9)).toBe(source.replace("0.8", "0.9"));
    expect(withDefault("type: toggle", true)).toBe("type: toggle\ndefault: true");
    expect(withDefault("type: number\ndefault:\nmin: 0\n", 4)).toBe("type: number\ndefault: 4\nmin: 0\n");
    expect(spec(withDefault("{type: text, default: a} # flow", "b # c"))).toMatchObject({ default: "b # c" });
  });

  test("any text kept as default reads back the same, and the rest stays", () => {
    const write = fc.property(
      fc.oneof(fc.string(), fc.constantFrom("yes", "1", "null", "", "a: b", "- x", "|", "#", "a\nb", "'", '"', " x ")),
      (value) => {
        for (const before of [
          "type: text # t\ndefault: old # d\n",
          "type: text\ndefault: |\n  two\n  lines\nlabel: x",
          "type: text",
        ]) {
          expect(spec(withDefault(before, value))).toMatchObject({ type: "text", default: value });
        }
      },
    );
    fc.assert(write, { numRuns: 500 });
  });
});
