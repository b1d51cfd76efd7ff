/** How monitoring views write numbers. One locale, tabular lengths, a dash for what is missing. */
const MISSING = "–";
const LOCALE = "en";

export type Unit = "share" | "count" | "amount" | "number";

// A format costs a hundred times its use.
const formats = new Map<string, Intl.NumberFormat>();

function write(value: number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE, options);
    formats.set(key, format);
  }
  return format.format(value).replace("-", "−");
}

const fixed = (digits: number): Intl.NumberFormatOptions => ({
  minimumFractionDigits: digits,
  maximumFractionDigits: digits,
});

export function countText(value: number | null): string {
  return value === null ? MISSING : write(value, { maximumFractionDigits: 0 });
}

/** "71.4%"; two digits where one would say 0 or 100 of what is not. */
export function shareText(value: number | null): string {
  if (value === null) return MISSING;
  if (value === 0 || value === 1) return write(value, { style: "percent" });
  const near = Math.min(Math.abs(value), Math.abs(1 - value));
  if (near < 0.00005) return value < 0.5 ? "<0.01%" : ">99.99%";
  return write(value, { style: "percent", ...fixed(near < 0.01 ? 2 : 1) });
}

/** A distance or another bare number: three digits after the point where it is small. */
export function plainText(value: number | null): string {
  if (value === null) return MISSING;
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size < 0.0005) return value < 0 ? "−0.000" : "<0.001";
  if (size >= 1e6) return write(value, { notation: "compact", maximumSignificantDigits: 4 });
  return write(value, fixed(size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0));
}

function amountText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return write(value, { notation: "compact", maximumSignificantDigits: 4 });
  return write(value, size >= 1000 || Number.isInteger(value) ? { maximumFractionDigits: 0 } : fixed(2));
}

export function unitText(value: number | null, unit: Unit): string {
  if (value === null) return MISSING;
  if (unit === "share") return shareText(value);
  if (unit === "count") return countText(value);
  return unit === "amount" ? amountText(value) : plainText(value);
}

/** For axes: as short as the number allows. */
export function tickText(value: number, unit: Unit): string {
  if (unit === "share") return write(value, { style: "percent", maximumFractionDigits: 2 });
  const isLong = Math.abs(value) >= 10_000;
  return write(value, { notation: isLong ? "compact" : "standard", maximumSignificantDigits: isLong ? 3 : 4 });
}

/** As it was written: a bound is never rounded. */
export function exactText(value: number, unit: Unit): string {
  return write(
    value,
    unit === "share" ? { style: "percent", maximumFractionDigits: 10 } : { maximumSignificantDigits: 12 },
  );
}

const MOST_DIGITS = 4;

/** "68.2–74.4%", with as many digits as tell the ends apart; null where there is no interval. */
export function intervalText(lower: number | null, upper: number | null, unit: Unit): string | null {
  if (lower === null || upper === null) return null;
  let [low, high] = [unitText(lower, unit), unitText(upper, unit)];
  for (let digits = 2; unit === "share" && lower < upper && low === high && digits <= MOST_DIGITS; digits++)
    [low, high] = [lower, upper].map((end) => write(end, { style: "percent", ...fixed(digits) })) as [string, string];
  if (lower < 0) return `${low} to ${high}`;
  return low.endsWith("%") && high.endsWith("%") ? `${low.slice(0, -1)}–${high}` : `${low}–${high}`;
}

/** "<0.001", "0.412". */
export function pText(value: number | null): string {
  if (value === null) return MISSING;
  return value < 0.001 ? "<0.001" : write(value, fixed(3));
}

/** What changed between two values: percentage points of shares, percent of the rest; null for what rounds to nothing. */
export function changeText(before: number, now: number, unit: Unit): string | null {
  const difference = now - before;
  const text =
    unit === "share"
      ? `${write(difference * 100, fixed(1))} pp`
      : before === 0
        ? unitText(difference, unit)
        : write(difference / Math.abs(before), { style: "percent", ...fixed(1) });
  if (!/[1-9]/.test(text)) return null;
  return difference > 0 ? `+${text}` : text;
}

/** "1 row", "183 rows", "3 categories". */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`;
}
