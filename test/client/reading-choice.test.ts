import { expect, test } from "vitest";
import { byLength, isSameLength, mostOfOneLength, usualComparison } from "../../client/pages/reading-choice.ts";
import { asOfTexts } from "../../client/pages/reading-times.ts";

type Placed = Parameters<typeof usualComparison>[0];
const line = (id: string, window: Placed["window"], asOf: string, provisional = false): Placed => ({
  id,
  window,
  asOf,
  provisional,
});
const week = (day: string, end: string): [string, string] => [`2026-03-${day}T00:00:00Z`, `2026-03-${end}T00:00:00Z`];
const [FIRST, SECOND, THIRD] = [week("01", "08"), week("08", "15"), week("15", "22")];
const DAY = week("14", "15");

const here = line("here", SECOND, "2026-04-02T00:00:00Z");

test("a reading is compared with what was known of the same window last before it", () => {
  const history = [
    line("early", SECOND, "2026-03-16T00:00:00Z"),
    line("before", SECOND, "2026-04-01T00:00:00Z"),
    here,
    line("after", SECOND, "2026-04-03T00:00:00Z"),
    line("next", THIRD, "2026-04-01T00:00:00Z"),
  ];
  expect(usualComparison(here, history)?.id).toBe("before");
});

test("a settled value is not compared with the provisional one of its window, where another settled one is there", () => {
  const provisional = line("provisional", SECOND, "2026-03-16T00:00:00Z", true);
  const before = line("before", FIRST, "2026-03-26T00:00:00Z");
  expect(usualComparison(here, [provisional, before, here])?.id).toBe("before");
  expect(usualComparison(provisional, [provisional, before, here])?.id).toBe("before");
  expect(usualComparison(here, [provisional, here])?.id).toBe("provisional");
});

test("without an earlier as-of it is the window before, of the same length where there is one", () => {
  const late = line("late", FIRST, "2026-04-02T00:00:00Z");
  const day = line("day", week("03", "04"), "2026-04-02T00:00:00Z");
  expect(usualComparison(here, [line("first", FIRST, "2026-03-09T00:00:00Z"), late, day, here])?.id).toBe("late");
  expect(usualComparison(here, [day, here])?.id).toBe("day");
  expect(usualComparison(here, [here, line("next", THIRD, "2026-04-02T00:00:00Z")])?.id).toBe("next");
  const edited = line("edited", SECOND, here.asOf);
  expect(usualComparison(here, [day, edited, here])?.id).toBe("edited");
  expect(usualComparison(here, [late, edited, here])?.id).toBe("late");
  expect(usualComparison(here, [here])).toBeNull();
});

test("months are of one length, days and weeks are not; so are readings of all rows", () => {
  const month = (from: string, to: string) => line(from, [`${from}-01T00:00:00Z`, `${to}-01T00:00:00Z`], "");
  expect(isSameLength(month("2026-02", "2026-03"), month("2026-01", "2026-02"))).toBe(true);
  expect(
    byLength(here, [line("a", FIRST, ""), line("b", DAY, ""), line("c", THIRD, "")]).map((part) => part.length),
  ).toEqual([2, 1]);
  expect(isSameLength(line("a", null, ""), line("b", null, ""))).toBe(true);
  expect(isSameLength(line("a", null, ""), here)).toBe(false);
});

test("a line goes through the windows of the most frequent length", () => {
  const days = [line("a", week("01", "02"), ""), line("b", week("02", "03"), ""), line("c", week("03", "04"), "")];
  expect(mostOfOneLength([here, ...days, line("d", FIRST, "")])).toEqual(days);
  expect(mostOfOneLength([])).toEqual([]);
});

test("as-ofs are told to the minute, and to the second where minutes do not tell them apart", () => {
  const text = asOfTexts(
    ["2026-03-29T10:02:05Z", "2026-03-29T10:02:48Z", "2026-03-29T10:03:00Z", "2026-03-29T10:03:00Z"],
    "UTC",
  );
  expect(text("2026-03-29T10:02:05Z")).toBe("29 Mar 2026, 10:02:05");
  expect(text("2026-03-29T10:02:48Z")).toBe("29 Mar 2026, 10:02:48");
  expect(text("2026-03-29T10:03:00Z")).toBe("29 Mar 2026, 10:03");
});
