import { expect, test } from "vitest";
import type { Bound } from "../../../cells/results/reading.ts";
import type { Unit } from "../../../cells/views/number-text.ts";
import { differenceText, distanceWords, readingName, readingUnit } from "../../../cells/views/reading-words.ts";

test.each([
  [{ metric: "recall", subject: null, slice: null }, "Recall of fraud"],
  [{ metric: "psi", subject: "score", slice: null }, "PSI of score in fraud"],
  [{ metric: "recall", subject: null, slice: "country = DE" }, "Recall of fraud, country = DE"],
])("%o is called %s", (reading, name) => {
  expect(readingName(reading, "fraud")).toBe(name);
});

test.each([
  ["recall", "recall@1", 0.5, "share"],
  ["tp", "tp@1", 12, "count"],
  ["payoff_total", "payoff_total@1", 12.5, "amount"],
  ["missing_share", "missing_share@1", 0.1, "share"],
  ["psi", "psi@1", 0.1, "number"],
  // A check of rows, and one of a share or a number of seconds.
  ["range", "range@1", 7, "count"],
  ["fresh", "fresh@1", 7.25, "number"],
  // What someone else calls recall is not known to be a share.
  ["recall", "recall@own", 0.5, "number"],
])("the unit of %s by %s with the value %s is a %s", (metric, definition, value, unit) => {
  expect(readingUnit({ metric, definition, value })).toBe(unit);
});

test.each<[number, Unit, string]>([
  [0, "share", "0 pp"],
  [-0.0321, "share", "−3.2 pp"],
  [-0.000_043_21, "share", "−0.0043 pp"],
  [0.0004, "number", "+0.0004"],
  [0.0414, "number", "+0.041"],
  [-12_345, "count", "−12,345"],
])("a difference of %s in %s is written %s", (difference, unit, text) => {
  expect(differenceText(difference, unit)).toBe(text);
});

test.each<[number, Bound, string]>([
  [0.31, { type: "above", value: 0.25 }, "past by 0.060"],
  [0.2, { type: "above", value: 0.25 }, "within by 0.050"],
  [0.2, { type: "below", value: 0.25 }, "past by 0.050"],
  [0.5, { type: "outside", low: 0.1, high: 0.7 }, "within by 0.200"],
  [0.9, { type: "outside", low: 0.1, high: 0.7 }, "past by 0.200"],
])("%s is held against %o: %s", (value, bound, words) => {
  expect(distanceWords(value, bound, "number")).toBe(words);
});
