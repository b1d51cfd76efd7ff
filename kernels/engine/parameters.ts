import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from "../duckdb/duckdb.ts";
import { SqlError, type SqlParameter } from "./sql-engine.ts";

export interface BoundValue {
  readonly value: DuckDBValue;
  readonly type: DuckDBType;
}

/**
 * A parameter as DuckDB binds it. Whole numbers become INTEGER or BIGINT, others DOUBLE; an ISO time with zone
 * TIMESTAMPTZ, without one TIMESTAMP; a list takes the widest type of its items.
 * @throws SqlError when a time is not ISO 8601 or a list mixes types.
 */
export function boundValue(parameter: SqlParameter): BoundValue {
  if (parameter === null) return { value: null, type: SQLNULL };
  if (typeof parameter === "boolean") return { value: parameter, type: BOOLEAN };
  if (typeof parameter === "string") return { value: parameter, type: VARCHAR };
  if (typeof parameter === "bigint")
    return { value: parameter, type: BigInt.asIntN(64, parameter) === parameter ? BIGINT : HUGEINT };
  if (typeof parameter === "number") return boundNumber(parameter);
  switch (parameter.type) {
    case "date":
      return {
        value: new DuckDBDateValue(Number(microsOf(parameter.iso, "T00:00:00Z") / MICROS_PER_DAY)),
        type: DATE,
      };
    case "timestamp": {
      const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(parameter.iso);
      const micros = microsOf(parameter.iso, zoned ? "" : "Z");
      if (zoned) return { value: new DuckDBTimestampTZValue(micros), type: TIMESTAMPTZ };
      return { value: new DuckDBTimestampValue(micros), type: TIMESTAMP };
    }
    case "list":
      return boundList(parameter.items.map(boundValue));
    default:
      return parameter satisfies never;
  }
}

function boundNumber(value: number): BoundValue {
  if (!Number.isSafeInteger(value)) return { value, type: DOUBLE };
  if (value >= -(2 ** 31) && value < 2 ** 31) return { value, type: INTEGER };
  return { value: BigInt(value), type: BIGINT };
}

/** From narrow to wide; a list of several of these takes the widest. */
const NUMBERS: readonly DuckDBType[] = [INTEGER, BIGINT, HUGEINT, DOUBLE];

function boundList(items: readonly BoundValue[]): BoundValue {
  const present = items.filter((item) => item.value !== null);
  const types = [...new Set(present.map((item) => item.type))];
  const texts = new Set(types.map(String));
  const first = types[0];
  if (first === undefined) return { value: listValue(items.map(() => null)), type: LIST(SQLNULL) };
  if (texts.size === 1) return { value: listValue(items.map((item) => item.value)), type: LIST(first) };
  const widest = Math.max(...types.map((type) => NUMBERS.indexOf(type)));
  if (types.some((type) => !NUMBERS.includes(type)))
    throw new SqlError("failed", {
      message: `A list parameter holds ${[...texts].join(" and ")}; its items must be of one type.`,
    });
  const type = NUMBERS[widest]!;
  const convert = (value: DuckDBValue): DuckDBValue =>
    value === null
      ? null
      : type === DOUBLE
        ? Number(value)
        : type === INTEGER
          ? value
          : BigInt(value as number | bigint);
  return { value: listValue(items.map((item) => convert(item.value))), type: LIST(type) };
}

const MICROS_PER_DAY = 86_400_000_000n;

/** Microseconds since 1970 of an ISO 8601 time with `rest` after it; digits beyond microseconds are cut. */
function microsOf(iso: string, rest: string): bigint {
  const millis = Date.parse(`${iso}${rest}`);
  if (Number.isNaN(millis))
    throw new SqlError("failed", {
      message: `A time parameter is ${JSON.stringify(iso)}; it must be ISO 8601, like 2026-03-01T10:00:00Z.`,
    });
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? "";
  const micros = fraction.slice(3, 6).padEnd(3, "0");
  return BigInt(millis) * 1000n + BigInt(micros);
}
