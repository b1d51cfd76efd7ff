import { type WallTime, wallTimeOf, wallToMillis } from "./zone.ts";

/** A time to the microsecond: `micros` is 0..999 on top of milliseconds since 1970 UTC. Years 1 to 9999. */
export interface Instant {
  readonly millis: number;
  readonly micros: number;
}

export type InstantRead =
  | { readonly ok: true; readonly instant: string }
  | { readonly ok: false; readonly problem: string };

const EARLIEST_MILLIS = -62_135_596_800_000;
const LATEST_MILLIS = 253_402_300_799_999;

const NOTATION = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * A point in time as people write it: `2026-03-01` (its first moment in the zone), `2026-03-01T10:15`, with seconds and
 * fraction to the microsecond (finer digits are cut), with `Z` or an offset or else in the zone. Gives ISO 8601 UTC.
 */
export function parseInstant(text: string, zone: string): InstantRead {
  const instant = readInstant(text.trim(), zone);
  return typeof instant === "string" ? { ok: false, problem: instant } : { ok: true, instant: formatInstant(instant) };
}

/** As `parseInstant`, to a value; a string is the problem. */
export function readInstant(text: string, zone: string): Instant | string {
  const found = NOTATION.exec(text);
  const expected = `${JSON.stringify(text)} is no time; expected one such as 2026-03-01 or 2026-03-01T10:15:00+01:00`;
  if (found === null) return expected;
  const part = (index: number) => Number(found[index] ?? 0);
  const fraction = (found[7] ?? "").padEnd(6, "0").slice(0, 6);
  const wall: WallTime = {
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
    millisecond: Number(fraction.slice(0, 3)),
  };
  if (!isWallTime(wall))
    return `${JSON.stringify(text)} is not in the calendar; expected a real date and a time up to 23:59:59`;
  const offset = found[8] === undefined ? null : offsetMillis(found[8]);
  if (Number.isNaN(offset)) return `${JSON.stringify(text)}: expected an offset between -23:59 and +23:59`;
  const millis = offset === null ? wallToMillis(wall, zone) : wallToMillis(wall, "UTC") - offset;
  const instant = { millis, micros: Number(fraction.slice(3)) };
  return isInRange(instant) ? instant : `${JSON.stringify(text)} is out of range; expected the years 1 to 9999`;
}

export function isInRange({ millis }: Instant): boolean {
  return millis >= EARLIEST_MILLIS && millis <= LATEST_MILLIS;
}

/** ISO 8601 UTC as `Date` writes it, with six digits where microseconds matter. */
export function formatInstant({ millis, micros }: Instant): string {
  const text = new Date(millis).toISOString();
  return micros === 0 ? text : `${text.slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}

/** Negative, zero or positive as `a` is before, at or after `b`; both ISO 8601 with offset. Their texts do not sort. */
export function compareInstants(a: string, b: string): number {
  const [first, second] = [readInstant(a, "UTC"), readInstant(b, "UTC")];
  if (typeof first === "string") throw new RangeError(first);
  if (typeof second === "string") throw new RangeError(second);
  return first.millis - second.millis || first.micros - second.micros;
}

/** A date of the calendar, `2026-03-01`. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && typeof readInstant(text, "UTC") !== "string";
}

function isWallTime(wall: WallTime): boolean {
  if (wall.year < 1 || wall.hour > 23 || wall.minute > 59 || wall.second > 59) return false;
  const again = wallTimeOf(wallToMillis(wall, "UTC"), "UTC");
  return again.month === wall.month && again.day === wall.day;
}

function offsetMillis(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(":", "") || 0);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
