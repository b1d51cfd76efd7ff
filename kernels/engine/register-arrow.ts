/**
 * A table from TypeScript: Arrow IPC into a DuckDB table. Only Arrow's own types decide; metadata of the stream is
 * text from a user's program and is never made part of a statement.
 */
import { type Column as ArrowColumn, type DataType, tableFromIPC } from "@uwdata/flechette";
import {
  ARRAY,
  arrayValue,
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  HUGEINT,
  INTEGER,
  INTERVAL,
  LIST,
  listValue,
  MAP,
  mapValue,
  SMALLINT,
  STRUCT,
  structValue,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UHUGEINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
  VECTOR_SIZE,
} from "../duckdb/duckdb.ts";
import { identifier } from "./named-results.ts";
import { SqlError } from "./sql-engine.ts";

interface Conversion {
  readonly type: DuckDBType;
  /** From flechette's value to DuckDB's; never called with null. */
  readonly convert: (value: never) => DuckDBValue;
}

/** Fills a new table `schema.name` and counts its rows, from an Arrow IPC stream. @throws SqlError naming a column that SQL cannot hold. */
export async function createTableFromArrow(
  connection: DuckDBConnection,
  table: string,
  arrow: Uint8Array,
): Promise<number> {
  const source = tableFromIPC(arrow, { useBigInt: true, useDecimalInt: true, useMap: true, useDate: false });
  const names = uniqueNames(source.schema.fields.map((field) => field.name));
  const conversions = source.schema.fields.map((field) => conversionFor(field.type, field.name));
  if (names.length === 0)
    throw new SqlError("failed", { message: "A table without columns cannot become a SQL table." });
  const columns = names.map((name, i) => `${identifier(name)} ${conversions[i]!.type.toString()}`);
  await connection.run(`CREATE TABLE ${table} (${columns.join(", ")})`);
  const [schema, name] = table.split(".") as [string, string];
  const appender = await connection.createAppender(name, schema);
  const types = conversions.map((conversion) => conversion.type);
  for (let start = 0; start < source.numRows; start += VECTOR_SIZE) {
    const count = Math.min(VECTOR_SIZE, source.numRows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [i, conversion] of conversions.entries())
      chunk.setColumnValues(i, valuesOf(source.getChildAt(i), conversion, start, count));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  return source.numRows;
}

function valuesOf(column: ArrowColumn<unknown>, { convert }: Conversion, start: number, count: number): DuckDBValue[] {
  return Array.from({ length: count }, (_, i) => {
    const value = column.at(start + i);
    return value === null || value === undefined ? null : convert(value as never);
  });
}

/** SQL does not tell "A" from "a": later ones get a number. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name === "" ? "column" : name;
    for (let n = 1; taken.has(unique.toLowerCase()); n += 1) unique = `${name}_${n}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

const plain = (type: DuckDBType): Conversion => ({ type, convert: (value: DuckDBValue) => value });
const INTEGERS: Readonly<Record<string, DuckDBType>> = {
  ...{ i8: TINYINT, i16: SMALLINT, i32: INTEGER, i64: BIGINT },
  ...{ u8: UTINYINT, u16: USMALLINT, u32: UINTEGER, u64: UBIGINT },
};
const TICKS_PER_MICRO = { 0: 1_000_000, 1: 1000, 2: 1, 3: 0.001 } as const;

/** Type ids of Arrow as in its format. */
function conversionFor(type: DataType, column: string): Conversion {
  switch (type.typeId) {
    case -1:
      return conversionFor(type.dictionary, column);
    case 1:
      return plain(INTEGER);
    case 2:
      return plain(INTEGERS[`${type.signed ? "i" : "u"}${type.bitWidth}`]!);
    case 3:
      return plain(type.precision === 2 ? DOUBLE : FLOAT);
    case 4:
    case 15:
    case 19:
    case 23:
      return { type: BLOB, convert: (value: Uint8Array) => blobValue(value) };
    case 5:
    case 20:
    case 24:
      return plain(VARCHAR);
    case 6:
      return plain(BOOLEAN);
    case 7:
      return decimal(type.precision, type.scale, type.bitWidth);
    case 8:
      return { type: DATE, convert: (millis: number) => new DuckDBDateValue(Math.floor(millis / 86_400_000)) };
    case 9:
      return {
        type: TIME,
        convert: (ticks: number | bigint) => new DuckDBTimeValue(microsFrom(ticks, TICKS_PER_MICRO[type.unit])),
      };
    case 10: {
      const zoned = type.timezone !== null && type.timezone !== undefined;
      const micros = (millis: number): bigint => BigInt(Math.round(millis * 1000));
      return zoned
        ? { type: TIMESTAMPTZ, convert: (millis: number) => new DuckDBTimestampTZValue(micros(millis)) }
        : { type: TIMESTAMP, convert: (millis: number) => new DuckDBTimestampValue(micros(millis)) };
    }
    case 11:
      if (type.unit !== 2) break;
      return {
        type: INTERVAL,
        convert: ([months, days, nanos]: readonly number[]) =>
          new DuckDBIntervalValue(months!, days!, BigInt(Math.round(nanos! / 1000))),
      };
    case 12:
    case 21: {
      const item = conversionFor(type.children[0]!.type, column);
      return { type: LIST(item.type), convert: (values: Iterable<unknown>) => listValue(items(values, item)) };
    }
    case 16: {
      const item = conversionFor(type.children[0]!.type, column);
      return {
        type: ARRAY(item.type, type.stride),
        convert: (values: Iterable<unknown>) => arrayValue(items(values, item)),
      };
    }
    case 13: {
      const members = type.children.map((child) => [child.name, conversionFor(child.type, column)] as const);
      return {
        type: STRUCT(Object.fromEntries(members.map(([name, member]) => [name, member.type]))),
        convert: (value: Record<string, unknown>) =>
          structValue(Object.fromEntries(members.map(([name, member]) => [name, one(value[name], member)]))),
      };
    }
    case 17: {
      const entries = type.children[0]!.type as { children?: readonly { readonly type: DataType }[] };
      const key = conversionFor(entries.children![0]!.type, column);
      const value = conversionFor(entries.children![1]!.type, column);
      return {
        type: MAP(key.type, value.type),
        convert: (map: Iterable<readonly [unknown, unknown]>) =>
          mapValue([...map].map(([k, v]) => ({ key: one(k, key), value: one(v, value) }))),
      };
    }
    default:
      break;
  }
  throw new SqlError("failed", {
    message: `Column ${JSON.stringify(column)} has an Arrow type (number ${type.typeId}) that SQL cannot hold here.`,
    hint: "Turn its values into numbers, text, dates, lists or objects first.",
  });
}

/** What this program's own encoder makes of HUGEINT and UHUGEINT comes back as such. */
function decimal(precision: number, scale: number, bits: number): Conversion {
  if (scale === 0 && precision === 38) return plain(HUGEINT);
  if (bits === 256 && scale === 0 && precision === 39) return plain(UHUGEINT);
  const width = Math.min(precision, 38);
  return {
    type: DECIMAL(width, scale),
    convert: (value: bigint | number) => new DuckDBDecimalValue(BigInt(value), width, scale),
  };
}

const microsFrom = (ticks: number | bigint, factor: number): bigint =>
  typeof ticks === "bigint"
    ? factor < 1
      ? ticks / 1000n
      : ticks * BigInt(factor)
    : BigInt(Math.round(ticks * factor));

const one = (value: unknown, { convert }: Conversion): DuckDBValue =>
  value === null || value === undefined ? null : convert(value as never);
const items = (values: Iterable<unknown>, item: Conversion): DuckDBValue[] =>
  Array.from(values, (value) => one(value, item));
