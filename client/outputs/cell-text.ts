import { moment } from "../format.ts";

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/;
export const isNumeric = (type: string): boolean => NUMERIC.test(type);
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });

/** What a value of a DuckDB type looks like in a table: numbers by the reader's rules, never rounded when whole. */
export function cellText(value: unknown, type: string, zone: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "bigint") return /^DECIMAL/.test(type) ? decimalText(value, type) : grouped.format(value);
  if (typeof value === "number") {
    if (type.startsWith("TIMESTAMP")) return timeText(value, zone);
    if (type === "DATE") return new Date(value).toISOString().slice(0, 10);
    return Number.isFinite(value) ? grouped.format(value) : String(value);
  }
  return plainText(value);
}

/** What is copied: ISO times, digits without grouping. */
export function copyText(value: unknown, type: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "bigint") return /^DECIMAL/.test(type) ? decimalText(value, type) : String(value);
  if (typeof value === "number" && type.startsWith("TIMESTAMP")) return new Date(value).toISOString();
  if (typeof value === "number" && type === "DATE") return new Date(value).toISOString().slice(0, 10);
  return plainText(value);
}

function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
}

function decimalText(value: bigint, type: string): string {
  const scale = Number(/,\s*(\d+)\)/.exec(type)?.[1] ?? 0);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function timeText(millis: number, zone: string): string {
  const iso = new Date(millis).toISOString();
  if (zone !== "UTC") return moment(iso, zone);
  return iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : `${iso.slice(0, 19).replace("T", " ")}`;
}
