import { formatInstant, type Instant, isInRange, readInstant } from "./instant.ts";
import type { Unit, Window } from "./window.ts";
import { type WallTime, wallTimeOf, wallToMillis } from "./zone.ts";

/** Half-open, ISO 8601 UTC. */
export interface ResolvedWindow {
  readonly start: string;
  readonly end: string;
}

export type WindowResolution =
  | { readonly ok: true; readonly window: ResolvedWindow }
  | { readonly ok: false; readonly problem: string };

export interface WindowContext {
  /** What relative windows count from: the as-of or, in a job's run, its due time. ISO 8601 with offset. */
  readonly at: string;
  readonly zone: string;
  /** The window that a reference stands before. */
  readonly measured?: ResolvedWindow;
  /** The newest `count` units whose maturity is at least 0.9, or null when there are none. */
  readonly mature?: (count: number, unit: Unit) => ResolvedWindow | null;
}

/**
 * What a window means at a moment. Days and longer units follow the zone's calendar (a day may have 23 or 25 hours),
 * hours and minutes are exact durations. `last` ends at the moment, `this` and `previous` are whole units, weeks begin
 * on Monday.
 */
export function resolveWindow(window: Window, context: WindowContext): WindowResolution {
  const { zone } = context;
  const at = readInstant(context.at, "UTC");
  if (typeof at === "string") return { ok: false, problem: at };
  switch (window.type) {
    case "calendar": {
      const start = pointIn(window.date, zone);
      return between(start, nextUnit(start, 1, window.unit, zone));
    }
    case "between":
      return between(pointIn(window.start, zone), pointIn(window.end, zone));
    case "last":
      return between(shift(at, -window.count, window.unit, zone), at);
    case "this": {
      const start = startOf(at, window.unit, zone);
      return between(start, nextUnit(start, 1, window.unit, zone));
    }
    case "previous": {
      const end = startOf(at, window.unit, zone);
      return between(nextUnit(end, -window.count, window.unit, zone), end);
    }
    case "before": {
      if (context.measured === undefined) {
        const problem = `"${window.count} ${window.unit}s before" needs a measured window to stand before; it is for references`;
        return { ok: false, problem };
      }
      const end = pointIn(context.measured.start, zone);
      return between(shift(end, -window.count, window.unit, zone), end);
    }
    case "mature": {
      if (context.mature === undefined) {
        return { ok: false, problem: `"mature ${window.count} ${window.unit}s" needs a stream whose labels mature` };
      }
      const found = context.mature(window.count, window.unit);
      if (found === null) return { ok: false, problem: `no ${window.unit} up to ${context.at} is mature yet` };
      return { ok: true, window: found };
    }
  }
}

function between(start: Instant, end: Instant): WindowResolution {
  if (!isInRange(start) || !isInRange(end)) {
    return { ok: false, problem: "the window reaches beyond the years 1 to 9999" };
  }
  const resolved = { start: formatInstant(start), end: formatInstant(end) };
  if ((start.millis - end.millis || start.micros - end.micros) >= 0) {
    return { ok: false, problem: `the window ends at ${resolved.end}, which is not after its start ${resolved.start}` };
  }
  return { ok: true, window: resolved };
}

/** A point that `parseWindow` has already accepted. */
function pointIn(text: string, zone: string): Instant {
  const instant = readInstant(text, zone);
  if (typeof instant === "string") throw new RangeError(instant);
  return instant;
}

/** Calendar units move the clock on the wall, so that 10:00 stays 10:00; the day of the month is kept or cut to its last. */
function shift(instant: Instant, count: number, unit: Unit, zone: string): Instant {
  const { millis, micros } = instant;
  const wall = () => wallTimeOf(millis, zone);
  switch (unit) {
    case "minute":
      return { millis: millis + count * 60_000, micros };
    case "hour":
      return { millis: millis + count * 3_600_000, micros };
    case "day":
      return { millis: wallToMillis(withDays(wall(), count), zone), micros };
    case "week":
      return { millis: wallToMillis(withDays(wall(), count * 7), zone), micros };
    case "month":
      return { millis: wallToMillis(withMonths(wall(), count), zone), micros };
    case "quarter":
      return { millis: wallToMillis(withMonths(wall(), count * 3), zone), micros };
    case "year":
      return { millis: wallToMillis(withMonths(wall(), count * 12), zone), micros };
  }
}

/** The start of the unit that begins `count` units after the one that begins at `start`; ISO 8601, UTC. */
export function unitAfter(start: string, count: number, unit: Unit, zone: string): string {
  return formatInstant(nextUnit(pointIn(start, "UTC"), count, unit, zone));
}

/** From the start of one unit to the start of another: where midnight is skipped, a day does not begin at 00:00. */
function nextUnit(start: Instant, count: number, unit: Unit, zone: string): Instant {
  return startOf(shift(start, count, unit, zone), unit, zone);
}

function withDays(wall: WallTime, days: number): WallTime {
  return { ...wall, day: wall.day + days };
}

function withMonths(wall: WallTime, months: number): WallTime {
  const month = wall.year * 12 + wall.month - 1 + months;
  const [year, monthOfYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const last = new Date(0);
  last.setUTCFullYear(year, monthOfYear + 1, 0);
  return { ...wall, year, month: monthOfYear + 1, day: Math.min(wall.day, last.getUTCDate()) };
}

/** The first moment of the unit that the instant lies in. */
function startOf(instant: Instant, unit: Unit, zone: string): Instant {
  const wall = wallTimeOf(instant.millis, zone);
  const midnight = { ...wall, hour: 0, minute: 0, second: 0, millisecond: 0 };
  const at = (start: WallTime): Instant => ({ millis: wallToMillis(start, zone), micros: 0 });
  switch (unit) {
    // Cut on the instant and not on the wall: where the clock shows an hour twice, both must stay apart.
    case "minute":
      return { millis: instant.millis - wall.second * 1000 - wall.millisecond, micros: 0 };
    case "hour":
      return { millis: instant.millis - wall.minute * 60_000 - wall.second * 1000 - wall.millisecond, micros: 0 };
    case "day":
      return at(midnight);
    case "week": {
      const weekday = new Date(wallToMillis(midnight, "UTC")).getUTCDay();
      return at({ ...midnight, day: wall.day - ((weekday + 6) % 7) });
    }
    case "month":
      return at({ ...midnight, day: 1 });
    case "quarter":
      return at({ ...midnight, month: Math.floor((wall.month - 1) / 3) * 3 + 1, day: 1 });
    case "year":
      return at({ ...midnight, month: 1, day: 1 });
  }
}
