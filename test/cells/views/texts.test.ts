import { expect, test } from "vitest";
import { boundsSentence, boundWords, limitsOf } from "../../../cells/views/bound-words.ts";
import { judgedBy, judgedName, metricName } from "../../../cells/views/metric-name.ts";
import * as numbers from "../../../cells/views/number-text.ts";
import { momentText, momentTitle, wallDate, windowText, windowTitle } from "../../../cells/views/time-text.ts";

test.each([
  [null, "–"],
  [0, "0%"],
  [1, "100%"],
  [0.714, "71.4%"],
  [0.0042, "0.42%"],
  [0.9962, "99.62%"],
  [0.00001, "<0.01%"],
  [0.999999, ">99.99%"],
])("the share %s is written %s", (value, text) => {
  expect(numbers.shareText(value)).toBe(text);
});

test.each([
  [0, "0"],
  [0.0001, "<0.001"],
  [0.312, "0.312"],
  [-0.5, "−0.500"],
  [42.123, "42.12"],
  [123.45, "123.5"],
  [12_345, "12,345"],
  [1_234_567, "1.235M"],
])("the number %s is written %s", (value, text) => {
  expect(numbers.plainText(value)).toBe(text);
});

test("an interval has as many digits as tell its ends apart", () => {
  expect(numbers.intervalText(0.643, 0.705, "share")).toBe("64.3–70.5%");
  expect(numbers.intervalText(0.0117, 0.0123, "share")).toBe("1.17–1.23%");
  expect(numbers.intervalText(-120, 340, "amount")).toBe("−120 to 340");
  expect(numbers.intervalText(null, 1, "share")).toBeNull();
});

test("a change is in points for shares, in percent for the rest, and nothing where it rounds to nothing", () => {
  expect(numbers.changeText(0.7, 0.684, "share")).toBe("−1.6 pp");
  expect(numbers.changeText(100, 104.1, "amount")).toBe("+4.1%");
  expect(numbers.changeText(-100, -50, "amount")).toBe("+50.0%");
  expect(numbers.changeText(0, 12, "count")).toBe("+12");
  expect(numbers.changeText(0.5, 0.50001, "share")).toBeNull();
});

test("a p-value is never written as zero", () => {
  expect(numbers.pText(1e-12)).toBe("<0.001");
  expect(numbers.pText(0.0412)).toBe("0.041");
  expect(numbers.pText(null)).toBe("–");
});

test("a bound is written as it was set, without rounding", () => {
  expect(boundWords({ type: "above", value: 12_345.678 }, "amount")).toBe("above 12,345.678");
  expect(boundWords({ type: "below", value: 0.00123 }, "share")).toBe("below 0.123%");
  expect(boundWords({ type: "outside", low: -1, high: 2 }, "number")).toBe("outside −1 to 2");
  expect(boundsSentence({ warn: { type: "above", value: 0.1 }, fail: null }, "number")).toBe("warn above 0.1");
  expect(limitsOf({ warn: null, fail: { type: "outside", low: 1, high: 2 } })).toEqual([
    { level: "fail", value: 1, side: "below" },
    { level: "fail", value: 2, side: "above" },
  ]);
});

test.each([
  [["2026-02-28T23:00:00Z", "2026-03-28T23:00:00Z"], "Europe/Berlin", "1–28 Mar 2026"],
  [["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"], "Europe/Berlin", "29 Mar 2026"],
  [["2026-01-15T00:00:00Z", "2026-03-02T00:00:00Z"], "UTC", "15 Jan – 1 Mar 2026"],
  [["2026-03-01T10:00:00Z", "2026-03-01T11:30:00Z"], "UTC", "1 Mar 2026, 10:00–11:30"],
  [["soon", "later"], "UTC", "soon to later"],
] as const)("the window %j in %s reads %s", (window, zone, text) => {
  expect(windowText(window, zone).replace(/ ?– ?(?=\d\d:)/, "–")).toBe(text);
});

test("times say the stored instant and the zone's offset on hover", () => {
  expect(windowText(null, "UTC")).toBe("all rows");
  expect(windowTitle(["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"], "America/St_Johns")).toBe(
    "2026-03-01T00:00:00Z/2026-03-02T00:00:00Z, shown in America/St_Johns (UTC−03:30)",
  );
  expect(momentText("2026-03-29T08:02:00Z", "Europe/Berlin")).toBe("29 Mar 2026, 10:02");
  expect(momentTitle("2026-03-29T08:02:00Z", "Europe/Berlin")).toContain("(UTC+02:00)");
  expect(momentText("never", "UTC")).toBe("never");
  expect(wallDate(Date.parse("2026-07-01T22:00:00Z"), "Europe/Berlin").toISOString()).toBe("2026-07-02T00:00:00.000Z");
});

test("metrics have the names people call them by, own ones as written", () => {
  expect(metricName("psi")).toBe("PSI");
  expect(metricName("chargeback_bps")).toBe("Chargeback bps");
  expect(metricName("constructor")).toBe("Constructor");
  expect(metricName("")).toBe("");
  expect(judgedName("wasserstein")).toBe("Wasserstein σ");
  expect(judgedBy("toString")).toEqual({ suffix: "", title: null, raw: "" });
});
