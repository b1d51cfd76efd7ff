import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvCell, csvLine } from "../../../cells/values/csv-cell.ts";
import {
  bytes,
  compact,
  date,
  dateTime,
  decimal,
  duration,
  integer,
  money,
  percent,
} from "../../../cells/values/formatters.ts";
import { toJson } from "../../../cells/values/to-json.ts";

describe("values as JSON", () => {
  const cycle: Record<string, unknown> = { a: 1 };
  cycle.self = cycle;
  test.each<[string, unknown, unknown]>([
    ["an integer up to 2^53", 2n ** 53n - 1n, 2 ** 53 - 1],
    ["an integer beyond", 2n ** 53n + 1n, "9007199254740993"],
    ["a negative one beyond", -(2n ** 63n), "-9223372036854775808"],
    ["NaN", Number.NaN, "NaN"],
    ["infinities", [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], ["Infinity", "-Infinity"]],
    ["a time", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["no time", new Date(Number.NaN), null],
    ["bytes", new Uint8Array([0, 255]), "00ff"],
    ["a typed array", new BigInt64Array([1n, 2n ** 60n]), [1, "1152921504606846976"]],
    ["a map of text", new Map([["a", 1n]]), { a: 1 }],
    ["another map", new Map([[1, "b"]]), [{ key: 1, value: "b" }]],
    ["a set", new Set([1, undefined]), [1, null]],
    ["a function", { f: () => 1, s: Symbol("x") }, { f: null, s: null }],
    ["a cycle", cycle, { a: 1, self: null }],
    ["an object that knows its JSON", { toJSON: () => ({ n: 1n }) }, { n: 1 }],
  ])("%s", (_, value, expected) => {
    expect(toJson(value)).toEqual(expected);
  });

  test("an own __proto__ stays a property", () => {
    expect(JSON.stringify(toJson(JSON.parse('{"__proto__": {"x": 1}}')))).toBe('{"__proto__":{"x":1}}');
  });

  test("JSON itself passes unchanged, everything else becomes JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        expect(toJson(plain)).toEqual(plain);
      }),
    );
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          const json = toJson(value);
          expect(JSON.parse(JSON.stringify(json))).toEqual(JSON.parse(JSON.stringify(toJson(json))));
        },
      ),
    );
  });
});

describe("CSV", () => {
  test.each<[string, string]>([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", '"\'\r=1"'],
    [" =1", "' =1"],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ["plain", "plain"],
    ["a=b", "a=b"],
    ['a "b", c', '"a ""b"", c"'],
  ])("%j is written %j", (value, expected) => {
    expect(csvCell(value)).toBe(expected);
  });

  test("numbers keep their sign, also those that are text", () => {
    expect([csvCell(-1.5), csvCell("-12.50", true), csvCell("-Infinity", true), csvCell("-1+cmd", true)]).toEqual([
      "-1.5",
      "-12.50",
      "-Infinity",
      "'-1+cmd",
    ]);
    expect([csvCell(null), csvCell(true), csvCell([1, "a"])]).toEqual(["", "true", '"[1,""a""]"']);
  });

  test("what is written reads back as it was, but for the apostrophe, and nothing begins a formula", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."=+-@\t\r\n \",'a") })), {
          minLength: 2,
          maxLength: 5,
        }),
        (texts) => {
          const [row] = parse(csvLine(texts.map((text) => csvCell(text))), {
            record_delimiter: "\r\n",
            relax_column_count: true,
          }) as string[][];
          expect(row!.map((cell, index) => (cell === `'${texts[index]}` ? texts[index] : cell))).toEqual(texts);
          for (const cell of row!) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("formatters", () => {
  test.each([
    [percent(0.1234), "12.3%"],
    [percent(0.5, 0), "50%"],
    [percent(null), "–"],
    [percent(Number.NaN), "–"],
    [compact(1_234_567), "1.23M"],
    [compact(300_000n), "300K"],
    [compact(Number.POSITIVE_INFINITY), "∞"],
    [decimal(1234.5678), "1,234.568"],
    [decimal("12.50", 2), "12.50"],
    [integer(9_007_199_254_740_993n), "9,007,199,254,740,993"],
    [integer("9007199254740993"), "9,007,199,254,740,993"],
    [money(1234.5), "€1,234.50"],
    [money("-2", "USD"), "-$2.00"],
    [duration(340), "340 ms"],
    [duration(2_345), "2.3 s"],
    [duration(59 * 60_000 + 59_900), "60 min"],
    [duration(7_500_000), "2 h 5 min"],
    [duration(-90_000_000), "-1 d 1 h"],
    [duration(undefined), "–"],
    [bytes(999), "999 byte"],
    [bytes(4e9), "4 GB"],
    [bytes(999_999), "1 MB"],
    [date("2026-03-01T23:30:00Z", "Europe/Berlin"), "Mar 2, 2026"],
    [dateTime("2026-03-01T23:30:00Z"), "Mar 1, 2026, 23:30"],
    [date("nonsense"), "–"],
  ])("%j is %j", (written, expected) => {
    expect(written).toBe(expected);
  });
});
