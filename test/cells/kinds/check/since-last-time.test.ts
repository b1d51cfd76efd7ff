import { expect, test } from "vitest";
import { sinceLastTime, sinceSentence } from "../../../../cells/kinds/check/since-last-time.ts";
import { makeReading } from "../../../../cells/monitoring/make-reading.ts";
import type { CheckDisplay } from "../../../../cells/results/monitor-display.ts";
import type { Reading, Verdict } from "../../../../cells/results/reading.ts";

const reading = (
  asOf: string,
  subject: string,
  verdict: Verdict,
  limit: number,
  level: "warn" | "fail" = "fail",
): Reading => {
  const bound = { type: "above", value: limit } as const;
  return makeReading(
    { cell: level, asOf },
    {
      metric: "missing",
      subject,
      slice: null,
      window: null,
      value: 0,
      n: 10,
      warn: level === "warn" ? bound : null,
      fail: level === "fail" ? bound : null,
      verdict,
      reason: null,
    },
  );
};

const display = (readings: readonly Reading[]): CheckDisplay => ({
  type: "check",
  from: "loans",
  window: null,
  asOf: "2026-03-02T00:00:00Z",
  n: 10,
  verdict: "ok",
  statements: [],
  notes: [],
  checks: readings.map(({ id, subject, verdict }) => ({
    title: `missing ${subject}`,
    expected: "",
    found: "",
    verdict,
    reading: id,
    rows: [],
    failing: null,
  })),
});

const THEN = "2026-03-01T00:00:00Z";
const NOW = "2026-03-02T00:00:00Z";
const measurement = { asOf: THEN, window: null };

test("each check knows how it stood the time before, whatever its bound was", () => {
  const then = [reading(THEN, "a", "ok", 1), reading(THEN, "b", "fail", 1), reading(THEN, "b", "ok", 1, "warn")];
  const now = [
    reading(NOW, "a", "fail", 2),
    reading(NOW, "b", "ok", 1),
    reading(NOW, "b", "ok", 1, "warn"),
    reading(NOW, "c", "ok", 1),
  ];
  const shown = sinceLastTime(display(now), now, { measurement, readings: then });
  expect(shown.checks.map(({ before }) => before)).toEqual([
    { verdict: "ok", reading: then[0]!.id },
    { verdict: "fail", reading: then[1]!.id },
    { verdict: "ok", reading: then[2]!.id },
    null,
  ]);
  expect(sinceSentence(shown, () => "yesterday")).toBe("Since yesterday: 1 held and does not, 1 holds again, 1 is new");
});

test("nothing known of before, and nothing changed, are different sentences", () => {
  const now = [reading(NOW, "a", "fail", 1)];
  expect(sinceSentence(display(now), () => "yesterday")).toBeNull();
  const same = sinceLastTime(display(now), now, { measurement, readings: [reading(THEN, "a", "fail", 1)] });
  expect(sinceSentence(same, () => "yesterday")).toBe("Since yesterday: no check changed");
  const worse = sinceLastTime(display(now), now, { measurement, readings: [reading(THEN, "a", "no-data", 1)] });
  expect(sinceSentence(worse, () => "yesterday")).toBe("Since yesterday: 1 stands differently");
});
