import { type DuckDBType, DuckDBTypeId, type DuckDBValue } from "../../../kernels/duckdb/duckdb.ts";

/** The parts of DuckDB's value classes, by name; which are there depends on the type. */
interface Parts {
  readonly value: DuckDBValue;
  readonly tag: string;
  readonly bytes: Uint8Array;
  readonly items: readonly DuckDBValue[];
  readonly entries: readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[];
  readonly days: number;
  readonly months: number;
  readonly seconds: bigint;
  readonly millis: bigint;
  readonly micros: bigint;
  readonly nanos: bigint;
}

/**
 * What flechette must give (bigint, decimal as integer, Map, numbers for times) for a value that DuckDB's own binding
 * read: an independent statement of the encoding, value by value.
 */
export function expectedValue(type: DuckDBType, value: DuckDBValue): unknown {
  if (value === null) return null;
  const v = value as never as Parts;
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return v.value;
    case DuckDBTypeId.DATE:
      return v.days * 86_400_000;
    case DuckDBTypeId.TIME:
      return v.micros;
    case DuckDBTypeId.TIME_NS:
      return v.nanos;
    case DuckDBTypeId.TIMESTAMP_S:
      return Number(v.seconds) * 1000;
    case DuckDBTypeId.TIMESTAMP_MS:
      return Number(v.millis);
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return millisFrom(v.micros, 1000n);
    case DuckDBTypeId.TIMESTAMP_NS:
      return millisFrom(v.nanos, 1_000_000n);
    case DuckDBTypeId.INTERVAL:
      return [v.months, v.days, Number(v.micros) * 1000];
    case DuckDBTypeId.BLOB:
    case DuckDBTypeId.GEOMETRY:
      return [...v.bytes];
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return v.items.map((item) => expectedValue(type.valueType, item));
    case DuckDBTypeId.STRUCT: {
      const entries = v.entries as never as Record<string, DuckDBValue>;
      return type.entryNames.map((name, i) => [name, expectedValue(type.entryTypes[i]!, entries[name]!)]);
    }
    case DuckDBTypeId.MAP:
      return v.entries.map((entry) => [
        expectedValue(type.keyType, entry.key),
        expectedValue(type.valueType, entry.value),
      ]);
    case DuckDBTypeId.UNION:
      return expectedValue(type.memberTypeForTag(v.tag), v.value);
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.BIT:
    case DuckDBTypeId.TIME_TZ:
    case DuckDBTypeId.BIGNUM:
      return String(value);
    default:
      return value;
  }
}

function millisFrom(ticks: bigint, perMilli: bigint): number {
  return Number(ticks / perMilli) + Number(ticks % perMilli) / Number(perMilli);
}

/** flechette's value in the same plain form. */
export function plainValue(type: DuckDBType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.typeId) {
    case DuckDBTypeId.BLOB:
    case DuckDBTypeId.GEOMETRY:
      return [...(value as Uint8Array)];
    case DuckDBTypeId.INTERVAL:
      return [...(value as Float64Array)];
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return Array.from(value as Iterable<unknown>, (item) => plainValue(type.valueType, item));
    case DuckDBTypeId.STRUCT:
      return type.entryNames.map((name, i) => [
        name,
        plainValue(type.entryTypes[i]!, (value as Record<string, unknown>)[name]),
      ]);
    case DuckDBTypeId.MAP:
      return Array.from(value as Iterable<[unknown, unknown]>, ([key, item]) => [
        plainValue(type.keyType, key),
        plainValue(type.valueType, item),
      ]);
    case DuckDBTypeId.UNION:
      // Members of the random unions are leaves.
      return value instanceof Uint8Array || value instanceof Float64Array ? [...value] : value;
    default:
      return value;
  }
}
