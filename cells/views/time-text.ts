import { offsetAt, wallTimeOf } from "../time/zone.ts";

export type WindowPair = readonly [string, string];

/** Day first and without a comma, as everywhere in the interface. */
const LOCALE = "en-GB";
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
const MINUTE: Intl.DateTimeFormatOptions = { ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const PRECISIONS = { day: DAY, minute: MINUTE, zone: { timeZoneName: "short" } } as const;

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(precision: keyof typeof PRECISIONS, zone: string): Intl.DateTimeFormat {
  const key = `${precision} ${zone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(LOCALE, { ...PRECISIONS[precision], timeZone: zone });
    formats.set(key, format);
  }
  return format;
}

/** "29 Mar 2026, 10:02". Text that is no time stays as it is. */
export function momentText(iso: string, zone: string): string {
  const millis = Date.parse(iso);
  return Number.isNaN(millis) ? iso : formatOf("minute", zone).format(millis);
}

/** "29 Mar 2026, 10:02 CET", for where nothing else says which zone it is. */
export function zonedMomentText(iso: string, zone: string): string {
  const millis = Date.parse(iso);
  return Number.isNaN(millis) ? iso : `${momentText(iso, zone)} ${zoneName(millis, zone)}`;
}

/** "CET", or "GMT-5" where the locale has no name of its own. */
function zoneName(millis: number, zone: string): string {
  return formatOf("zone", zone)
    .formatToParts(millis)
    .find(({ type }) => type === "timeZoneName")!.value;
}

/** "1–28 Mar 2026" for whole days, with hours otherwise; the window is half-open, the words name its last day. */
export function windowText(window: WindowPair | null, zone: string): string {
  if (window === null) return "all rows";
  const [start, end] = window.map((iso) => Date.parse(iso)) as [number, number];
  if (Number.isNaN(start) || Number.isNaN(end)) return `${window[0]} to ${window[1]}`;
  if (end <= start) return momentText(window[0], zone);
  const whole = isMidnight(start, zone) && isMidnight(end, zone);
  const text = whole
    ? formatOf("day", zone).formatRange(start, end - 1)
    : formatOf("minute", zone).formatRange(start, end);
  return text.replace(/[\u2009\u202f]/g, " ").replace(/^(\d+) – (?=\d+ )/, "$1–");
}

function isMidnight(millis: number, zone: string): boolean {
  const { hour, minute, second, millisecond } = wallTimeOf(millis, zone);
  return hour === 0 && minute === 0 && second === 0 && millisecond === 0;
}

/** For hovering: the instants as stored, and the zone with its offset. */
export function windowTitle(window: WindowPair | null, zone: string): string | null {
  return window === null ? null : `${window[0]}/${window[1]}, shown in ${zone} (${offsetText(window[0], zone)})`;
}

export function momentTitle(iso: string, zone: string): string {
  return `${iso}, shown in ${zone} (${offsetText(iso, zone)})`;
}

function offsetText(iso: string, zone: string): string {
  const millis = Date.parse(iso);
  if (Number.isNaN(millis)) return "UTC";
  const minutes = Math.round(offsetAt(millis, zone) / 60_000);
  const size = Math.abs(minutes);
  const part = (value: number): string => String(value).padStart(2, "0");
  return `UTC${minutes < 0 ? "−" : "+"}${part(Math.floor(size / 60))}:${part(size % 60)}`;
}

/** Plot's axes know UTC only: the instant moved so that its UTC fields show the zone's clock. */
export function wallDate(millis: number, zone: string): Date {
  return new Date(millis + offsetAt(millis, zone));
}
