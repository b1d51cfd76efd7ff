import { expect, test } from "vitest";
import { type SeriesPoint, seriesChart } from "../../../cells/views/series-chart.ts";
import { drawn } from "./read-markup.ts";

const DAY = 86_400_000;

/** What stands along the axis of a course of so many pieces of this length from the evening of 30 December on. */
function axisOf(pieces: number, stepMillis: number, width = 600): readonly string[] {
  const begin = Date.parse("2025-12-30T18:00:00Z");
  const points = Array.from({ length: pieces }, (_, at): SeriesPoint => {
    const [from, to] = [begin + at * stepMillis, begin + (at + 1) * stepMillis];
    const window = [new Date(from).toISOString(), new Date(to).toISOString()] as const;
    const known = { value: at, lower: null, upper: null, n: 5, verdict: "ok" as const };
    return { window, ...known, provisional: false, isReference: false };
  });
  const svg = drawn(
    seriesChart({
      ...{ name: "a", title: "a", metric: "a", unit: "number", bounds: { warn: null, fail: null }, points },
      ...{ zone: "UTC", fromZero: false, size: "wide" },
    }),
    width,
  );
  const labels = /aria-label="x-axis tick label"[^>]*>(.*?)<\/g>/s.exec(svg)![1]!;
  return [...labels.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text]) =>
    text!
      .replaceAll("</tspan>", " ")
      .replaceAll(/<[^>]*>/g, "")
      .trim(),
  );
}

test("an axis of hours has 24 of them, and says each day where it begins", () => {
  const labels = axisOf(24, DAY / 12);
  expect(labels.slice(0, 3)).toEqual(["00:00 31 Dec", "12:00", "00:00 1 Jan"]);
  expect(labels.join(" ")).not.toMatch(/[AP]M/);
});

test("an axis of days says each month and year where it begins", () => {
  expect(axisOf(12, DAY).slice(0, 3)).toEqual(["1 Jan 2026", "3", "5"]);
  const weeks = axisOf(70, DAY, 900);
  expect(weeks.filter((label) => /[A-Z]/.test(label))).toEqual(["4 Jan 2026", "1 Feb", "1 Mar"]);
  expect(axisOf(300, DAY).join(" ")).toMatch(/^Jan 2026 Apr Jul/);
  expect(axisOf(100, 30 * DAY).join(" ")).toMatch(/^2026 2028/);
});
