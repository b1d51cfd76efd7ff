import { nearest } from "../yaml/nearest.ts";

/** What a clock on a wall shows. Months and days count from 1; fields beyond their range carry over. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const DAY_MILLIS = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** What is wrong with the name of a zone that is none. */
export function zoneProblem(zone: string): string {
  const near = nearest(zone, Intl.supportedValuesOf("timeZone"));
  return `"${zone}" is no IANA zone such as Europe/Berlin${near === null ? "" : `; did you mean ${near}?`}`;
}

/** Whether the zone is one that `Intl` knows, such as `Europe/Berlin`. */
export function isZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch {
    // `Intl` throws a RangeError for a name that it does not know: that is the answer.
    return false;
  }
}

/** What the clock shows in the zone. @throws RangeError for an unknown zone */
export function wallTimeOf(millis: number, zone: string): WallTime {
  const shown = new Date(millis + offsetAt(millis, zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    millisecond: shown.getUTCMilliseconds(),
  };
}

/**
 * The instant at which the clock shows this. A time that the zone shows twice is the first of the two; one that it skips
 * is read with the offset before the gap, which lands as far behind the gap as the time was into it.
 */
export function wallToMillis(wall: WallTime, zone: string): number {
  const asUtc = utcMillis(wall);
  if (zone === "UTC") return asUtc;
  const before = offsetAt(asUtc - DAY_MILLIS, zone);
  const after = offsetAt(asUtc + DAY_MILLIS, zone);
  const fitting = [asUtc - before, asUtc - after].filter((millis) => millis + offsetAt(millis, zone) === asUtc);
  return fitting.length > 0 ? Math.min(...fitting) : asUtc - before;
}

/** Local time minus UTC at an instant, in milliseconds. */
export function offsetAt(millis: number, zone: string): number {
  if (zone === "UTC") return 0;
  const whole = Math.floor(millis / 1000) * 1000;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(whole)) {
    if (type === "era") parts.era = value.startsWith("B") ? -1 : 1;
    else if (type !== "literal") parts[type] = Number(value);
  }
  const year = parts.era === -1 ? 1 - parts.year! : parts.year!;
  const wall = { year, month: parts.month!, day: parts.day!, hour: parts.hour!, minute: parts.minute! };
  return utcMillis({ ...wall, second: parts.second!, millisecond: 0 }) - whole;
}

function utcMillis(wall: WallTime): number {
  // setUTCFullYear and not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(wall.year, wall.month - 1, wall.day);
  date.setUTCHours(wall.hour, wall.minute, wall.second, wall.millisecond);
  return date.getTime();
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}
