const UNITS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

/** `45 days`, `1 hour` as milliseconds; null when the text is none. */
export function durationMillis(text: string): number | null {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week)s?\s*$/.exec(text);
  const unit = UNITS[found?.[2] ?? ""];
  return found === null || unit === undefined ? null : Number(found[1]) * unit;
}

const SIZES: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `4 GB` as bytes (powers of 1000); null when the text is none. */
export function sizeBytes(text: string): number | null {
  const found = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?B)\s*$/i.exec(text);
  const unit = SIZES[(found?.[2] ?? "").toUpperCase()];
  return found === null || unit === undefined ? null : Math.round(Number(found[1]) * unit);
}
