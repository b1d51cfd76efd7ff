const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const integer = (value: number): string => whole.format(value);
/** "1 row", "183 rows". */
export const counted = (count: number, noun: string): string =>
  `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;
export const compact = (value: number): string => short.format(value);

export function duration(millis: number): string {
  if (millis < 1) return "<1 ms";
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  return `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1000)} s`;
}

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

/** In the reader's words: "10:02", "yesterday 17:02", "3 Mar 2026". The ISO text belongs into a title. */
export function moment(iso: string, zone: string, nowMillis: number = Date.now()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const day = (millis: number): string =>
    new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short" }).format(millis);
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(at);
  if (day(at.getTime()) === day(nowMillis)) return time;
  if (day(at.getTime()) === day(nowMillis - 86_400_000)) return `yesterday ${time}`;
  return `${new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", year: "numeric" }).format(at)} ${time}`;
}

export function ago(iso: string, nowMillis: number = Date.now()): string {
  const seconds = Math.max(0, (nowMillis - Date.parse(iso)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return `${days} day${days === 1 ? "" : "s"} ago`;
}
