/** A name as DuckDB reads it, whatever it holds. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** A text value as DuckDB reads it. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** An instant, exact to the microsecond, independent of the session's zone. */
export const instantSql = (micros: number): string => `make_timestamptz(${micros}::BIGINT)`;

/** Instants with microseconds as ISO 8601 UTC text, trailing zeros of the fraction left out below milliseconds. */
export function isoFromMicros(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const rest = micros - millis * 1000;
  const text = new Date(millis).toISOString();
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

/** @throws Error when `iso` is not an ISO 8601 instant with an offset. */
export function microsFromIso(iso: string): number {
  const match = /^(.*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/i.exec(iso);
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (match === null || Number.isNaN(seconds))
    throw new Error(`${JSON.stringify(iso)} is not an instant; write it like 2026-03-01T10:15:00Z.`);
  return seconds * 1000 + Number((match[2] ?? "").slice(0, 6).padEnd(6, "0"));
}
