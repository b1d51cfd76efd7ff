/*
 * How numbers and times are written, in cells as in the interface. The locale is fixed on purpose: a cell gives the same
 * text in the browser, in a job and on the command line. A dash stands for what is missing or not a number.
 */

const LOCALE = "en-US";
const MISSING = "–";

/** Numbers as tables give them: wide integers may be bigint, decimals text. */
export type Numeric = number | bigint | string | null | undefined;

/** A share as percent: `percent(0.1234)` is `12.3%`. `digits` after the point. */
export function percent(share: Numeric, digits = 1): string {
  return write(share, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Three significant digits and a letter: `compact(1234567)` is `1.23M`. */
export function compact(value: Numeric): string {
  return write(value, { notation: "compact", maximumSignificantDigits: 3 });
}

/** With thousands parted; `digits` after the point, by default up to three. */
export function decimal(value: Numeric, digits?: number): string {
  const fraction = digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return write(value, fraction);
}

/** Rounded to a whole number, thousands parted. */
export function integer(value: Numeric): string {
  return write(value, { maximumFractionDigits: 0 });
}

/** An amount of a currency named by its ISO 4217 code. @throws RangeError for a code that is none */
export function money(amount: Numeric, currency = "EUR"): string {
  return write(amount, { style: "currency", currency });
}

/** A duration in its two largest units: `2 h 5 min`, `340 ms`. */
export function duration(millis: Numeric): string {
  const value = toNumber(millis);
  if (typeof value !== "number" || !Number.isFinite(value)) return MISSING;
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 60_000) return `${sign}${Math.round(size / 100) / 10} s`;
  const [large, small, perLarge, perSmall] =
    size < 3_600_000
      ? ["min", "s", 60_000, 1000]
      : size < 86_400_000
        ? ["h", "min", 3_600_000, 60_000]
        : ["d", "h", 86_400_000, 3_600_000];
  const smalls = Math.round(size / perSmall);
  const perUnit = perLarge / perSmall;
  const rest = smalls % perUnit;
  return `${sign}${Math.floor(smalls / perUnit)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/** Bytes in powers of 1000: `bytes(4e9)` is `4 GB`. */
export function bytes(count: Numeric): string {
  const value = Number(toNumber(count) ?? Number.NaN);
  if (!Number.isFinite(value)) return MISSING;
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)));
  // 999 999 rounds to 1 000 kB, which is 1 MB.
  if (Math.abs(value) / 1000 ** power >= 999.5 && power < units.length - 1) power++;
  return write(value / 1000 ** power, { style: "unit", unit: units[power]!, maximumSignificantDigits: 3 });
}

/** A date in a zone: `Mar 1, 2026`. Takes ISO text, milliseconds or a `Date`. */
export function date(at: string | number | Date | null | undefined, zone = "UTC"): string {
  return writeTime(at, { dateStyle: "medium", timeZone: zone });
}

/** Date and time in a zone: `Mar 1, 2026, 10:15`. */
export function dateTime(at: string | number | Date | null | undefined, zone = "UTC"): string {
  return writeTime(at, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23", timeZone: zone });
}

function write(value: Numeric, options: Intl.NumberFormatOptions): string {
  const number = toNumber(value);
  if (number === null || Number.isNaN(number)) return MISSING;
  if (number === Number.POSITIVE_INFINITY) return "∞";
  if (number === Number.NEGATIVE_INFINITY) return "-∞";
  return numberFormat(options).format(number);
}

function toNumber(value: Numeric): number | bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "string") return value;
  if (value.trim() === "") return null;
  return /^-?\d{16,}$/.test(value) ? BigInt(value) : Number(value);
}

function writeTime(at: string | number | Date | null | undefined, options: Intl.DateTimeFormatOptions): string {
  if (at === null || at === undefined) return MISSING;
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? MISSING : new Intl.DateTimeFormat(LOCALE, options).format(time);
}

// Making a format costs a hundred times its use, and a table writes thousands of numbers with one.
const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE, options);
    formats.set(key, format);
  }
  return format;
}
