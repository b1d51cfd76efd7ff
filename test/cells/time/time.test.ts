import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareInstants, formatInstant, isDate, parseInstant, readInstant } from "../../../cells/time/instant.ts";
import { resolveWindow, type WindowContext } from "../../../cells/time/resolve-window.ts";
import { isLiteralWindow, parseWindow } from "../../../cells/time/window.ts";
import { isZone, wallTimeOf, wallToMillis } from "../../../cells/time/zone.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
];
const zone = fc.constantFrom(...ZONES);
// 1975 to 2035: all of the zones change their clocks somewhere in it.
const millis = fc.integer({ min: 157_766_400_000, max: 2_051_222_400_000 });

function resolve(text: string, context: Partial<WindowContext> = {}) {
  const read = parseWindow(text);
  if (!read.ok) return read.problem;
  const resolution = resolveWindow(read.window, { at: "2026-03-18T09:30:00Z", zone: "Europe/Berlin", ...context });
  if (!resolution.ok) return resolution.problem;
  return `${resolution.window.start} ${resolution.window.end}`.replaceAll(".000Z", "Z").replaceAll(":00Z", "Z");
}

function edgesOf(text: string, context: WindowContext) {
  const read = parseWindow(text);
  if (!read.ok) throw new Error(read.problem);
  const resolution = resolveWindow(read.window, context);
  if (!resolution.ok) throw new Error(resolution.problem);
  return resolution.window;
}

describe("windows", () => {
  test.each([
    // Berlin: +01:00 in winter, +02:00 from 2026-03-29 to 2026-10-25
    ["2026", "2025-12-31T23:00Z 2026-12-31T23:00Z"],
    ["2026-03", "2026-02-28T23:00Z 2026-03-31T22:00Z"],
    ["2026-Q2", "2026-03-31T22:00Z 2026-06-30T22:00Z"],
    ["2026-W11", "2026-03-08T23:00Z 2026-03-15T23:00Z"],
    ["2026-w01", "2025-12-28T23:00Z 2026-01-04T23:00Z"],
    ["2026-03-29", "2026-03-28T23:00Z 2026-03-29T22:00Z"],
    ["2026-10-25", "2026-10-24T22:00Z 2026-10-25T23:00Z"],
    ["2026-03-01/2026-04-01", "2026-02-28T23:00Z 2026-03-31T22:00Z"],
    ["2026-03 / 2026-05", "2026-02-28T23:00Z 2026-04-30T22:00Z"],
    ["2026-03-01T10:00/2026-03-01T12:30Z", "2026-03-01T09:00Z 2026-03-01T12:30Z"],
    ["2026-03-01T10:00+05:30/2026-03-02", "2026-03-01T04:30Z 2026-03-01T23:00Z"],
    ["last 7 days", "2026-03-11T09:30Z 2026-03-18T09:30Z"],
    ["Last  2 hours", "2026-03-18T07:30Z 2026-03-18T09:30Z"],
    ["last month", "2026-02-18T09:30Z 2026-03-18T09:30Z"],
    ["today", "2026-03-17T23:00Z 2026-03-18T23:00Z"],
    ["yesterday", "2026-03-16T23:00Z 2026-03-17T23:00Z"],
    ["previous day", "2026-03-16T23:00Z 2026-03-17T23:00Z"],
    ["previous week", "2026-03-08T23:00Z 2026-03-15T23:00Z"],
    ["previous month", "2026-01-31T23:00Z 2026-02-28T23:00Z"],
    ["previous 3 months", "2025-11-30T23:00Z 2026-02-28T23:00Z"],
    ["this month", "2026-02-28T23:00Z 2026-03-31T22:00Z"],
    ["this hour", "2026-03-18T09:00Z 2026-03-18T10:00Z"],
  ])("%s is %s at 10:30 in Berlin", (text, expected) => {
    expect(resolve(text)).toBe(expected);
  });

  test("a reference stands before the measured window, across a change of clocks", () => {
    const measured = { start: "2026-04-09T22:00:00Z", end: "2026-04-10T22:00:00Z" };
    expect(resolve("28 days before", { measured })).toBe("2026-03-12T23:00Z 2026-04-09T22:00Z");
    expect(resolve("28 days before")).toContain("needs a measured window");
  });

  test("a mature window is asked of its port", () => {
    expect(resolve("mature 4 weeks")).toContain("needs a stream whose labels mature");
    expect(resolve("mature 4 weeks", { mature: () => null })).toContain(
      "no week up to 2026-03-18T09:30:00Z is mature yet",
    );
    const found = { start: "2026-01-01T00:00:00Z", end: "2026-01-29T00:00:00Z" };
    expect(
      resolve("mature 4 weeks", { mature: (count, unit) => (count === 4 && unit === "week" ? found : null) }),
    ).toBe("2026-01-01T00:00Z 2026-01-29T00:00Z");
  });

  test.each([
    "",
    "soon",
    "2026-13",
    "2026-02-30",
    "2027-W53",
    "2026-W00",
    "last 0 days",
    "last x days",
    "last 7",
    "7 days",
    "before",
    "28 before",
    "2026-03-01/",
    "2026-03-01/2026-02-01/2026-01-01",
    "2026-03-01/2026-02-30",
    "2026-03-01T25:00/2026-04-01",
    "this 2 months",
    "last 999999999 days",
    "month",
    "previous fortnight",
    "\u0000",
    "2026-03-01/2026-03-01",
    "2026-04-01/2026-03-01",
    "last 100000 years",
  ])("%j is refused with a sentence", (text) => {
    const answer = resolve(text);
    expect(answer).toMatch(/ /);
    expect(answer).not.toMatch(/^\d{4}-.*Z \d{4}-.*Z$/);
  });

  test("only literal windows mean the same whenever they are resolved", () => {
    const literal = (text: string) => {
      const read = parseWindow(text);
      return read.ok && isLiteralWindow(read.window);
    };
    expect(["2026-03", "2026-W11", "2026-03-01/2026-04-01"].map(literal)).toEqual([true, true, true]);
    expect(["today", "last 7 days", "previous month", "28 days before"].map(literal)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test("no text makes reading throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseWindow(text)));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789-/WT: lastdy") }), (text) => void resolve(text)),
      { numRuns: 2000 },
    );
  });

  test("calendar units tile the calendar: each begins where the one before ends, in every zone", () => {
    fc.assert(
      fc.property(
        millis,
        zone,
        fc.constantFrom("day", "week", "month", "quarter", "year"),
        (millisOf, inZone, unit) => {
          const at = new Date(millisOf).toISOString();
          const edges = (text: string, when: string) => {
            return edgesOf(text, { at: when, zone: inZone });
          };
          const now = edges(`this ${unit}`, at);
          expect(edges(`previous ${unit}`, at).end).toBe(now.start);
          expect(compareInstants(now.start, at)).toBeLessThanOrEqual(0);
          expect(compareInstants(at, now.end)).toBeLessThan(0);
          // The next unit begins where this one ends, and the last moment still lies in this one.
          expect(edges(`this ${unit}`, now.end).start).toBe(now.end);
          const last = new Date(Date.parse(now.end) - 1).toISOString();
          expect(edges(`this ${unit}`, last)).toEqual(now);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("a year whose first midnight was skipped ends at the next year's midnight", () => {
    const context = { at: "1986-06-01T00:00:00Z", zone: "Asia/Kathmandu" };
    expect(resolve("this year", context)).toBe("1985-12-31T18:30Z 1986-12-31T18:15Z");
  });

  test("last n days keeps the time on the wall unless the clocks skipped it", () => {
    fc.assert(
      fc.property(millis, zone, fc.integer({ min: 1, max: 400 }), (at, inZone, days) => {
        const window = edgesOf(`last ${days} days`, { at: new Date(at).toISOString(), zone: inZone });
        const [from, to] = [wallTimeOf(Date.parse(window.start), inZone), wallTimeOf(at, inZone)];
        const utc = (wall: typeof from) => wallToMillis(wall, "UTC");
        const skipped = utc(from) - (utc(to) - days * 86_400_000);
        expect([0, 1_800_000, 3_600_000]).toContain(skipped);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("zones", () => {
  test("what a clock shows leads back to the instant, or to the first of two", () => {
    fc.assert(
      fc.property(millis, zone, (at, inZone) => {
        const back = wallToMillis(wallTimeOf(at, inZone), inZone);
        expect([0, 1_800_000, 3_600_000]).toContain(at - back);
        expect(wallTimeOf(back, inZone)).toEqual(wallTimeOf(at, inZone));
      }),
      { numRuns: 3_000 },
    );
  });

  test("gaps, overlaps and half-hour changes are exact", () => {
    const at = (text: string, inZone: string) => parseInstant(text, inZone);
    expect(at("2026-03-29T02:30", "Europe/Berlin")).toEqual({ ok: true, instant: "2026-03-29T01:30:00.000Z" });
    expect(at("2026-10-25T02:30", "Europe/Berlin")).toEqual({ ok: true, instant: "2026-10-25T00:30:00.000Z" });
    expect(at("2026-03-08T02:30", "America/New_York")).toEqual({ ok: true, instant: "2026-03-08T07:30:00.000Z" });
    expect(at("2026-10-04T02:15", "Australia/Lord_Howe")).toEqual({ ok: true, instant: "2026-10-03T15:45:00.000Z" });
    expect(at("2018-11-04", "America/Sao_Paulo")).toEqual({ ok: true, instant: "2018-11-04T03:00:00.000Z" });
  });

  test("unknown zones are known as such", () => {
    expect(ZONES.every(isZone)).toBe(true);
    expect(isZone("Mars/Olympus")).toBe(false);
    expect(isZone("")).toBe(false);
  });
});

describe("instants", () => {
  test("microseconds survive, and order does not depend on how many digits are written", () => {
    expect(parseInstant("2026-03-01T10:15:00.123456789+01:00", "UTC")).toEqual({
      ok: true,
      instant: "2026-03-01T09:15:00.123456Z",
    });
    expect(compareInstants("2026-03-01T00:00:00.000001Z", "2026-03-01T00:00:00.000Z")).toBeGreaterThan(0);
    expect(compareInstants("2026-03-01T01:00:00+01:00", "2026-03-01T00:00:00Z")).toBe(0);
    expect(isDate("2024-02-29")).toBe(true);
    expect(isDate("2026-02-29")).toBe(false);
  });

  test("what is written reads back the same", () => {
    fc.assert(
      fc.property(millis, fc.nat(999), zone, (at, micros, inZone) => {
        expect(readInstant(formatInstant({ millis: at, micros }), inZone)).toEqual({ millis: at, micros });
      }),
    );
  });

  test.each(["", "now", "2026-02-29", "2026-03-01T24:00", "0000-01-01", "2026-03-01T10:00+99:00", "12026-01-01"])(
    "%j is refused",
    (text) => {
      expect(parseInstant(text, "UTC").ok).toBe(false);
    },
  );
});
