import { expect, test } from "vitest";
import { measurableFrom } from "../../server/commands/measurable-from.ts";

const DAY = 86_400_000;
/** Mondays at seven; the history begins on Thursday 1 January 2026. */
const MONDAYS = Array.from({ length: 30 }, (_, at) => Date.UTC(2026, 0, 5, 7) + at * 7 * DAY);
const HISTORY = { beginMillis: Date.UTC(2026, 0, 1), maturityMillis: 45 * DAY, zone: "UTC" };

test("a window of mature weeks is asked for once all of its weeks are there and have their labels", () => {
  const times = measurableFrom(MONDAYS, "mature 4 weeks", HISTORY);
  // The four weeks from 5 January on end on 2 February, and are mature 45 days later, on 19 March.
  expect(new Date(times[0]!).toISOString()).toBe("2026-03-23T07:00:00.000Z");
  expect(times).toEqual(MONDAYS.slice(MONDAYS.indexOf(times[0]!)));
  expect(measurableFrom(MONDAYS, "mature 1 week", HISTORY)[0]! < times[0]!).toBe(true);
});

test("other windows need no labels, and a history that is too short has none of them", () => {
  for (const window of ["yesterday", undefined]) expect(measurableFrom(MONDAYS, window, HISTORY)).toEqual(MONDAYS);
  expect(measurableFrom(MONDAYS.slice(0, 5), "mature 4 weeks", HISTORY)).toEqual([]);
});
