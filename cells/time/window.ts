import { readInstant } from "./instant.ts";

export const UNITS = ["minute", "hour", "day", "week", "month", "quarter", "year"] as const;
export type Unit = (typeof UNITS)[number];

/** A stretch of event time as written, not yet resolved. */
export type Window =
  /** A calendar unit by name, as `2026-03`: `date` is its first day. */
  | { readonly type: "calendar"; readonly unit: Exclude<Unit, "minute" | "hour">; readonly date: string }
  /** `A/B`, half-open; both as `parseInstant` or a calendar unit (its first moment). */
  | { readonly type: "between"; readonly start: string; readonly end: string }
  /** Up to the moment that it is resolved at: `last 7 days`. */
  | { readonly type: "last"; readonly count: number; readonly unit: Unit }
  /** The whole unit that this moment lies in: `today`, `this month`. */
  | { readonly type: "this"; readonly unit: Unit }
  /** Whole units before the one that it lies in: `yesterday`, `previous month`. */
  | { readonly type: "previous"; readonly count: number; readonly unit: Unit }
  /** Up to the start of the measured window, for references: `28 days before`. */
  | { readonly type: "before"; readonly count: number; readonly unit: Unit }
  /** The newest units up to it whose labels have arrived: `mature 4 weeks`. */
  | { readonly type: "mature"; readonly count: number; readonly unit: Unit };

export type WindowRead =
  | { readonly ok: true; readonly window: Window }
  | { readonly ok: false; readonly problem: string };

const MOST_UNITS = 100_000;

/** Reads the one notation for windows; capitals and spaces do not matter. Never throws. */
export function parseWindow(text: string): WindowRead {
  const trimmed = text.trim().replace(/\s+/g, " ");
  const found = literal(trimmed) ?? relative(trimmed.toLowerCase());
  if (found === null) {
    const examples = "2026-03, 2026-W11, 2026-03-01/2026-04-01, last 7 days, yesterday, previous month";
    return { ok: false, problem: `${JSON.stringify(text)} is no window; expected one such as ${examples}` };
  }
  return typeof found === "string" ? { ok: false, problem: found } : { ok: true, window: found };
}

/** Whether the window means the same whenever it is resolved. */
export function isLiteralWindow(window: Window): boolean {
  return window.type === "calendar" || window.type === "between";
}

function literal(text: string): Window | string | null {
  const parts = text.split("/");
  if (parts.length === 2) {
    const [start, end] = parts.map((part) => calendarUnit(part.trim())?.date ?? part.trim());
    for (const point of [start!, end!]) {
      const instant = readInstant(point, "UTC");
      if (typeof instant === "string") return instant;
    }
    return { type: "between", start: start!, end: end! };
  }
  const unit = calendarUnit(text);
  if (unit === null) return null;
  const first = readInstant(unit.date, "UTC");
  return typeof first === "string" ? `${JSON.stringify(text)} is not in the calendar` : unit;
}

function calendarUnit(text: string): Extract<Window, { type: "calendar" }> | null {
  const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?|-W(\d\d)|-Q([1-4]))?$/i.exec(text);
  if (found === null) return null;
  const [, year, month, day, week, quarter] = found;
  if (week !== undefined) {
    const monday = mondayOfWeek(Number(year), Number(week));
    return monday === null ? null : { type: "calendar", unit: "week", date: monday };
  }
  if (quarter !== undefined) {
    const first = String(Number(quarter) * 3 - 2).padStart(2, "0");
    return { type: "calendar", unit: "quarter", date: `${year}-${first}-01` };
  }
  if (day !== undefined) return { type: "calendar", unit: "day", date: text };
  if (month !== undefined) return { type: "calendar", unit: "month", date: `${text}-01` };
  return { type: "calendar", unit: "year", date: `${year}-01-01` };
}

/** ISO 8601: week 1 holds January 4th; null where the year has no such week. */
function mondayOfWeek(year: number, week: number): string | null {
  const fourth = new Date(0);
  fourth.setUTCFullYear(year, 0, 4);
  const monday = (number: number) => {
    const date = new Date(fourth);
    date.setUTCDate(4 - ((fourth.getUTCDay() + 6) % 7) + (number - 1) * 7);
    return date;
  };
  const thursday = monday(week);
  thursday.setUTCDate(thursday.getUTCDate() + 3);
  if (week < 1 || thursday.getUTCFullYear() !== year) return null;
  return monday(week).toISOString().slice(0, 10);
}

function relative(text: string): Window | string | null {
  if (text === "today") return { type: "this", unit: "day" };
  if (text === "yesterday") return { type: "previous", count: 1, unit: "day" };
  const found = /^(?:(last|this|previous|mature) )?(?:(\d+) )?([a-z]+?)s?( before)?$/.exec(text);
  if (found === null) return null;
  const unit = UNITS.find((candidate) => candidate === found[3]);
  if (unit === undefined) return null;
  const count = Number(found[2] ?? 1);
  if (count < 1 || count > MOST_UNITS) return `${JSON.stringify(text)}: expected from 1 to ${MOST_UNITS} ${unit}s`;
  const [word, before] = [found[1], found[4] !== undefined];
  if (before) return word === undefined && found[2] !== undefined ? { type: "before", count, unit } : null;
  if (word === "this") return found[2] === undefined ? { type: "this", unit } : null;
  if (word === "last" || word === "previous" || word === "mature") return { type: word, count, unit };
  return null;
}
