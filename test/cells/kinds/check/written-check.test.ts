import { expect, test } from "vitest";
import { checkFilledIn, readMonitoring } from "../../../../cells/monitoring/monitoring-kinds.ts";
import { fillIn } from "../../../../cells/monitoring/parameters.ts";

/** Every expectation that has a number, with the numbers and shares that it is judged by. */
const EXPECTATIONS: readonly (readonly [written: string, value: unknown])[] = [
  ["rows: {min: $, max: 9}", 4],
  ["rows: {min: 4, max: $}", 9],
  ["rows: {like: previous, within: $}", 0.2],
  ["missing: {amount: $}", "5%"],
  ["empty: {country: $}", 0.01],
  ["duplicates: $", 3],
  ["range: {amount: [$, 10]}", 0.5],
  ["range: {amount: [null, $]}", 10],
  ["length: {country: [2, $]}", 2],
  ["sum: {amount: {min: $}}", 7],
  ["mean: {amount: [$, null]}", 7],
  ["std: {amount: {max: $}}", 7.5],
  ["quantile: {amount: {at: $, max: 9}}", 0.9],
  ["quantile: {amount: {at: 0.9, min: $}}", 1],
  ["zeros: {amount: $}", 0.1],
  ["distinct: {country: {max: $}}", 20],
  ["most_common: {country: $}", 0.8],
  ["distance: {amount: {window: 7 days before, max: $}}", 0.3],
  ["labels: {conflicting: $}", 0],
  ["fresh: $", "2 hours"],
  ["gaps: {decided_at: $}", "1 day"],
];
const source = (level: string, expectation: string): string => `from: card_fraud\n${level}: {${expectation}}`;

test.each(EXPECTATIONS)("a bound value may stand for the number of %s", (written, value) => {
  for (const level of ["warn", "fail"]) {
    const fixed = readMonitoring("check", source(level, written.replace("$", JSON.stringify(value))));
    const bound = readMonitoring("check", source(level, written.replace("$", '"${limit}"')));
    expect(bound).toMatchObject({ ok: true, value: { expressions: ["limit"] } });
    if (!bound.ok || !fixed.ok) throw new Error("It is refused.");
    const filled = fillIn(bound.value.written, () => value, String);
    expect(checkFilledIn("check", filled)).toEqual(checkFilledIn("check", fixed.value.written));
    expect(checkFilledIn("check", filled).problem).toBeNull();
  }
});

test("a bound value may be a part of a share or a length of time", () => {
  const read = readMonitoring("check", source("fail", 'missing: {amount: "${most}%"}, fresh: "${hours} hours"'));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const filled = fillIn(
    read.value.written,
    () => null,
    (name) => (name === "most" ? "5" : "2"),
  );
  expect(checkFilledIn("check", filled)).toMatchObject({
    ...{ problem: null, value: { fail: { missing: { amount: "5%" }, fresh: "2 hours" } } },
  });
});

test("what a bound value gives is held to what the number must be; fixed ones are refused as they are written", () => {
  const read = readMonitoring("check", source("fail", 'rows: {min: "${limit}"}'));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const problem = (value: unknown) =>
    checkFilledIn(
      "check",
      fillIn(read.value.written, () => value, String),
    ).problem;
  expect(problem(3)).toBeNull();
  for (const wrong of [1.5, "many", null]) expect(problem(wrong)).toContain("fail.rows");
  const fixed = readMonitoring("check", source("fail", "missing: {amount: 7}, fresh: soon"));
  const messages = fixed.ok ? [] : fixed.problems.map(({ message }) => message);
  expect(messages).toHaveLength(2);
  expect(messages.join("\n")).toMatch(/fail\.missing\.amount: /);
  expect(messages.join("\n")).toContain('fail.fresh: expected a duration such as 2 hours, got "soon"');
});
