import { expect, test } from "vitest";
import { nextTimes, parseSchedule } from "../../../cells/jobs/schedule.ts";

test.each([
  ["0 6 * * *", "0 6 * * *"],
  ["  0  6 * *  * ", "0 6 * * *"],
  ["every day at 06:00", "0 6 * * *"],
  ["every Monday at 7:30", "30 7 * * 1"],
  ["every weekday at 18:05", "5 18 * * 1-5"],
  ["every hour", "0 * * * *"],
  ["every 15 minutes", "*/15 * * * *"],
  ["every 6 hours", "0 */6 * * *"],
  ["0 0 29 2 *", "0 0 29 2 *"],
])("%j is %s", (text, cron) => {
  expect(parseSchedule(text)).toEqual({ ok: true, cron });
});

test.each([
  ["0 0 6 * * *", "has 6 fields"],
  ["@daily", "has one field"],
  ["0 0 30 2 *", "never comes"],
  ["61 0 * * *", "minute"],
  ["every mnday at 06:00", "did you mean monday?"],
  ["every day at 25:00", "is no schedule"],
  ["every 7 minutes", "is no schedule"],
  ["", "has one field"],
])("%j is refused: %s", (text, reason) => {
  const read = parseSchedule(text);
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.problem).toContain(reason);
});

const local = (times: readonly string[], zone: string): string[] =>
  times.map((iso) => new Date(iso).toLocaleString("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }));

test.each([
  // Skipped by the clock: at the end of the gap. The day after it is half past two again.
  ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29 03:00", "2026-03-30 02:30"]],
  ["30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08 03:00", "2026-03-09 02:30"]],
  ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", ["2026-10-04 02:30", "2026-10-05 02:15"]],
  // Shown twice: once.
  ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25 02:30", "2026-10-26 02:30"]],
  ["30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", ["2026-11-01 01:30", "2026-11-02 01:30"]],
  ["45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", ["2026-04-05 01:45", "2026-04-06 01:45"]],
])("%s in %s when the clocks change", (cron, zone, after, expected) => {
  expect(local(nextTimes(cron, zone, after, 2), zone)).toEqual(expected);
});

test("every half hour stays every half hour through both changes of the clocks", () => {
  for (const [zone, after] of [
    ["Europe/Berlin", "2026-10-24T20:00:00Z"],
    ["Europe/Berlin", "2026-03-28T20:00:00Z"],
    ["America/New_York", "2026-10-31T20:00:00Z"],
  ] as const) {
    const times = nextTimes("*/30 * * * *", zone, after, 30).map((iso) => Date.parse(iso));
    expect(new Set(times.slice(1).map((time, at) => time - times[at]!))).toEqual(new Set([1_800_000]));
  }
});
