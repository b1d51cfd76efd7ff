/**
 * How each DuckDB type is told in Arrow. The rule: no value changes. Where Arrow has no equal type, the value travels
 * as the text that DuckDB itself prints, and the field's metadata `duckdb:type` names the type it had.
 *
 *   HUGEINT → decimal128(38, 0) and UHUGEINT → decimal256(39, 0): all bits are there, readers get exact integers
 *   UUID, BIT, TIME WITH TIME ZONE, BIGNUM, VARIANT → text; GEOMETRY → its well-known binary
 *   ENUM → dictionary; UNION → sparse union; TIMESTAMP WITH TIME ZONE → microseconds in UTC
 *   INTERVAL → months, days, nanoseconds; microseconds that do not fit (over 292 years) are carried into days of 24 hours
 */
import { DuckDBStructType, type DuckDBType, DuckDBTypeId } from "../duckdb/duckdb.ts";
import { typeText } from "./type-text.ts";

/** How values lie in DuckDB's vector and what is done with them; `bytes` is the width of one value there. */
export type Layout =
  | { readonly kind: "null" }
  | { readonly kind: "bool" }
  /** Copied as it is. */
  | { readonly kind: "fixed"; readonly bytes: 1 | 2 | 4 | 8 | 16 }
  /** A signed integer made wider to 16 bytes. */
  | { readonly kind: "widened"; readonly bytes: 2 | 4 | 8 }
  /** An unsigned 16-byte integer made wider to 32 bytes. */
  | { readonly kind: "unsigned-widened" }
  | { readonly kind: "interval" }
  | { readonly kind: "string" }
  | { readonly kind: "uuid" }
  /** Values read one by one and printed: for rare types. */
  | { readonly kind: "text" }
  | { readonly kind: "list" }
  | { readonly kind: "array"; readonly length: number }
  | { readonly kind: "struct" }
  | { readonly kind: "union" };

/** An Arrow type as FlatBuffer union tag and its parameters. */
export type ArrowType =
  | { readonly tag: 1 | 4 | 5 | 6 | 12 | 13 }
  | { readonly tag: 2; readonly bits: number; readonly signed: boolean }
  | { readonly tag: 3; readonly precision: 1 | 2 }
  | { readonly tag: 7; readonly precision: number; readonly scale: number; readonly bits: 128 | 256 }
  | { readonly tag: 8 }
  | { readonly tag: 9; readonly unit: 2 | 3 }
  | { readonly tag: 10; readonly unit: 0 | 1 | 2 | 3; readonly zone: string | null }
  | { readonly tag: 11 }
  | { readonly tag: 14; readonly members: number }
  | { readonly tag: 16; readonly length: number }
  | { readonly tag: 17 };

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  /** The values of an ENUM; `type` is then that of the indexes. */
  readonly dictionary: { readonly id: number; readonly values: readonly string[] } | null;
  readonly children: readonly ArrowField[];
  readonly layout: Layout;
  readonly duckdbType: DuckDBType;
  /** SQL text of the type, sent as metadata `duckdb:type`. */
  readonly typeText: string;
}

const integer = (bytes: 1 | 2 | 4 | 8, signed: boolean): { type: ArrowType; layout: Layout } => ({
  type: { tag: 2, bits: bytes * 8, signed },
  layout: { kind: "fixed", bytes },
});
const timestamp = (unit: 0 | 1 | 2 | 3, zone: string | null): { type: ArrowType; layout: Layout } => ({
  type: { tag: 10, unit, zone },
  layout: { kind: "fixed", bytes: 8 },
});
const printed = { type: { tag: 5 }, layout: { kind: "text" } } as const;

/** The fields of a result; dictionaries are numbered in the order of the fields. */
export function arrowFields(names: readonly string[], types: readonly DuckDBType[]): ArrowField[] {
  let dictionaries = 0;
  const field = (name: string, duckdbType: DuckDBType): ArrowField => {
    const children = childTypes(duckdbType).map(([childName, child]) => field(childName, child));
    const dictionary =
      duckdbType.typeId === DuckDBTypeId.ENUM ? { id: dictionaries++, values: duckdbType.values } : null;
    return { name, ...shape(duckdbType), dictionary, children, duckdbType, typeText: typeText(duckdbType) };
  };
  return names.map((name, i) => field(name, types[i]!));
}

function childTypes(type: DuckDBType): readonly (readonly [string, DuckDBType])[] {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return [["item", type.valueType]];
    case DuckDBTypeId.STRUCT:
      return type.entryNames.map((name, i) => [name, type.entryTypes[i]!]);
    case DuckDBTypeId.UNION:
      return type.memberTags.map((name, i) => [name, type.memberTypes[i]!]);
    case DuckDBTypeId.MAP:
      return [["entries", new DuckDBStructType(["key", "value"], [type.keyType, type.valueType])]];
    default:
      return [];
  }
}

function shape(type: DuckDBType): { readonly type: ArrowType; readonly layout: Layout } {
  switch (type.typeId) {
    case DuckDBTypeId.SQLNULL:
      return { type: { tag: 1 }, layout: { kind: "null" } };
    case DuckDBTypeId.BOOLEAN:
      return { type: { tag: 6 }, layout: { kind: "bool" } };
    case DuckDBTypeId.TINYINT:
      return integer(1, true);
    case DuckDBTypeId.SMALLINT:
      return integer(2, true);
    case DuckDBTypeId.INTEGER:
      return integer(4, true);
    case DuckDBTypeId.BIGINT:
      return integer(8, true);
    case DuckDBTypeId.UTINYINT:
      return integer(1, false);
    case DuckDBTypeId.USMALLINT:
      return integer(2, false);
    case DuckDBTypeId.UINTEGER:
      return integer(4, false);
    case DuckDBTypeId.UBIGINT:
      return integer(8, false);
    case DuckDBTypeId.HUGEINT:
      return { type: { tag: 7, precision: 38, scale: 0, bits: 128 }, layout: { kind: "fixed", bytes: 16 } };
    case DuckDBTypeId.UHUGEINT:
      return { type: { tag: 7, precision: 39, scale: 0, bits: 256 }, layout: { kind: "unsigned-widened" } };
    case DuckDBTypeId.FLOAT:
      return { type: { tag: 3, precision: 1 }, layout: { kind: "fixed", bytes: 4 } };
    case DuckDBTypeId.DOUBLE:
      return { type: { tag: 3, precision: 2 }, layout: { kind: "fixed", bytes: 8 } };
    case DuckDBTypeId.DECIMAL:
      return {
        type: { tag: 7, precision: type.width, scale: type.scale, bits: 128 },
        layout: type.width > 18 ? { kind: "fixed", bytes: 16 } : { kind: "widened", bytes: decimalBytes(type.width) },
      };
    case DuckDBTypeId.VARCHAR:
      return { type: { tag: 5 }, layout: { kind: "string" } };
    case DuckDBTypeId.BLOB:
    case DuckDBTypeId.GEOMETRY:
      return { type: { tag: 4 }, layout: { kind: "string" } };
    case DuckDBTypeId.UUID:
      return { type: { tag: 5 }, layout: { kind: "uuid" } };
    case DuckDBTypeId.DATE:
      return { type: { tag: 8 }, layout: { kind: "fixed", bytes: 4 } };
    case DuckDBTypeId.TIME:
      return { type: { tag: 9, unit: 2 }, layout: { kind: "fixed", bytes: 8 } };
    case DuckDBTypeId.TIME_NS:
      return { type: { tag: 9, unit: 3 }, layout: { kind: "fixed", bytes: 8 } };
    case DuckDBTypeId.TIMESTAMP_S:
      return timestamp(0, null);
    case DuckDBTypeId.TIMESTAMP_MS:
      return timestamp(1, null);
    case DuckDBTypeId.TIMESTAMP:
      return timestamp(2, null);
    case DuckDBTypeId.TIMESTAMP_NS:
      return timestamp(3, null);
    case DuckDBTypeId.TIMESTAMP_TZ:
      return timestamp(2, "UTC");
    case DuckDBTypeId.INTERVAL:
      return { type: { tag: 11 }, layout: { kind: "interval" } };
    case DuckDBTypeId.ENUM: {
      const bytes =
        type.internalTypeId === DuckDBTypeId.UTINYINT ? 1 : type.internalTypeId === DuckDBTypeId.USMALLINT ? 2 : 4;
      return integer(bytes, false);
    }
    case DuckDBTypeId.LIST:
      return { type: { tag: 12 }, layout: { kind: "list" } };
    case DuckDBTypeId.MAP:
      return { type: { tag: 17 }, layout: { kind: "list" } };
    case DuckDBTypeId.ARRAY:
      return { type: { tag: 16, length: type.length }, layout: { kind: "array", length: type.length } };
    case DuckDBTypeId.STRUCT:
      return { type: { tag: 13 }, layout: { kind: "struct" } };
    case DuckDBTypeId.UNION:
      return { type: { tag: 14, members: type.memberTypes.length }, layout: { kind: "union" } };
    case DuckDBTypeId.BIT:
    case DuckDBTypeId.TIME_TZ:
    case DuckDBTypeId.BIGNUM:
    case DuckDBTypeId.VARIANT:
      return printed;
    case DuckDBTypeId.ANY:
    case DuckDBTypeId.STRING_LITERAL:
    case DuckDBTypeId.INTEGER_LITERAL:
      throw new Error(`A column of type ${type.toString()} cannot leave DuckDB: it is a type of expressions, cast it`);
    default:
      return type satisfies never;
  }
}

const decimalBytes = (width: number): 2 | 4 | 8 => (width <= 4 ? 2 : width <= 9 ? 4 : 8);
