import { expect, test } from "vitest";
import { sentenceParts, sentenceText } from "../../../cells/views/sentence-times.ts";
import { zonedMomentText } from "../../../cells/views/time-text.ts";

test.each([
  ["pay has no events yet.", "pay has no events yet."],
  [
    "pay ends at 2026-11-28T23:22:04.810Z; the window ends at 2026-11-29T00:00:00.000Z.",
    "pay ends at 29 Nov 2026, 00:22 CET; the window ends at 29 Nov 2026, 01:00 CET.",
  ],
  ["It is waited for until 2026-07-01T08:00+02:00.", "It is waited for until 1 Jul 2026, 08:00 CEST."],
  ["2026-07-01T06:00:00Z/2026-07-02T06:00:00Z", "1 Jul 2026, 08:00 CEST/2 Jul 2026, 08:00 CEST"],
  ["2026-99-01T06:00:00Z is no time, nor is 2026-07-01.", "2026-99-01T06:00:00Z is no time, nor is 2026-07-01."],
  ["", ""],
])("times in %j are told in the zone", (stored, expected) => {
  expect(sentenceText(stored, "Europe/Berlin")).toBe(expected);
});

test("a page has each time as it was stored too", () => {
  expect(sentenceParts("It waits until 2026-11-28T23:22:04.810Z.", "UTC")).toEqual([
    "It waits until ",
    { iso: "2026-11-28T23:22:04.810Z", text: "28 Nov 2026, 23:22" },
    ".",
  ]);
});

test("a zone without a short name is told by its offset", () => {
  const at = "2026-01-15T12:00:00Z";
  expect(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"].map((zone) => zonedMomentText(at, zone))).toEqual(
    ["15 Jan 2026, 12:00 UTC", "15 Jan 2026, 12:00 GMT", "15 Jan 2026, 07:00 GMT-5", "15 Jan 2026, 17:30 GMT+5:30"],
  );
});
