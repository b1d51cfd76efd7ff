import { type DataType, Type } from "@uwdata/flechette";
import type { JsonValue } from "../../cells/values/to-json.ts";

/**
 * A value as `tableFromIPC(…, DECODING)` gives it, by the rules of JSON tables: integers beyond 2^53 and decimals are
 * strings, times ISO 8601 UTC, NaN and infinities strings, bytes hexadecimal. Nested values follow their own types.
 */
export function jsonValue(value: unknown, type: DataType): JsonValue {
  if (value === null || value === undefined) return null;
  const nested = type as unknown as {
    children?: { name: string; type: DataType }[];
    scale?: number;
    dictionary?: DataType;
  };
  switch (type.typeId) {
    case Type.Dictionary:
      return jsonValue(value, nested.dictionary!);
    case Type.Decimal:
      return decimalText(BigInt(value as bigint | number), nested.scale ?? 0);
    case Type.Date:
      return dateText(value as number);
    case Type.Timestamp:
      return timestampText(value as number);
    case Type.Time:
      return timeText(Number(value), (type as unknown as { unit: number }).unit);
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
      return Array.from(value as Iterable<unknown>, (item) => jsonValue(item, nested.children![0]!.type));
    case Type.Struct:
      return Object.fromEntries(
        nested.children!.map((child) => [
          child.name,
          jsonValue((value as Record<string, unknown>)[child.name], child.type),
        ]),
      );
    case Type.Map:
      return mapValue(value as Iterable<readonly [unknown, unknown]>, nested.children![0]!.type);
    case Type.Binary:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
      return Buffer.from(value as Uint8Array).toString("hex");
    default:
      return plainValue(value);
  }
}

/** Decoding options that lose nothing which `jsonValue` keeps. */
export const DECODING = {
  useBigInt: true,
  useDecimalInt: true,
  useDate: false,
  useMap: false,
  useProxy: false,
} as const;

function mapValue(entries: Iterable<readonly [unknown, unknown]>, entryType: DataType): JsonValue {
  const [key, value] = (entryType as unknown as { children: { type: DataType }[] }).children;
  return Array.from(entries, ([k, v]) => ({ key: jsonValue(k, key!.type), value: jsonValue(v, value!.type) }));
}

function plainValue(value: unknown): JsonValue {
  switch (typeof value) {
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
    case "string":
      return value;
    default:
      // Unions and intervals: whatever plain data they decode to, its parts by the same rules.
      if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<number | bigint>, plainValue);
      if (Array.isArray(value)) return value.map((item) => (item === null ? null : plainValue(item)));
      return Object.fromEntries(
        Object.entries(value as object).map(([name, item]) => [name, item === null ? null : plainValue(item)]),
      );
  }
}

function decimalText(scaled: bigint, scale: number): string {
  if (scale === 0) return String(scaled);
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, "0");
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Years beyond 0000–9999 are written as ISO 8601 writes them, with sign and six digits. */
function dateText(millis: number): string {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? String(millis) : date.toISOString().replace(/T.*$/, "");
}

/** Milliseconds with a fraction of microseconds; DuckDB's infinities lie outside what a Date can say. */
function timestampText(millis: number): string {
  const whole = Math.floor(millis);
  const micros = Math.round((millis - whole) * 1000);
  const date = new Date(micros === 1000 ? whole + 1 : whole);
  if (Number.isNaN(date.getTime())) return millis > 0 ? "Infinity" : "-Infinity";
  const rest = micros === 1000 ? 0 : micros;
  return rest === 0 ? date.toISOString() : date.toISOString().replace("Z", `${String(rest).padStart(3, "0")}Z`);
}

const PER_SECOND = [1, 1e3, 1e6, 1e9] as const;

function timeText(count: number, unit: number): string {
  const perSecond = PER_SECOND[unit] ?? 1e6;
  const seconds = Math.floor(count / perSecond);
  const part = (value: number) => String(value).padStart(2, "0");
  const fraction = count - seconds * perSecond;
  const digits = String(perSecond).length - 1;
  const tail = fraction === 0 ? "" : `.${String(fraction).padStart(digits, "0")}`;
  return `${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}${tail}`;
}
