/** SQL text for sorted and filtered views of a named result. Names come from the result's own columns, values are bound. */
import type { DuckDBValue } from "../duckdb/duckdb.ts";
import type { ResultColumn } from "./named-results.ts";
import { type RowFilter, type SortKey, SqlError } from "./sql-engine.ts";

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** @throws SqlError naming the columns there are. */
export function columnOf(columns: readonly ResultColumn[], name: string): ResultColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = columns.map((candidate) => candidate.name).join(", ");
  throw new SqlError("failed", { message: `The result has no column ${JSON.stringify(name)}; it has ${names}.` });
}

/** Missing values last in both directions; rows that are equal keep their own order. */
export function orderText(columns: readonly ResultColumn[], sort: readonly SortKey[]): string {
  const keys = sort.map(
    ({ column, descending }) => `${quote(columnOf(columns, column).stored)} ${descending ? "DESC" : "ASC"} NULLS LAST`,
  );
  return [...keys, "rowid"].join(", ");
}

export function whereText(
  columns: readonly ResultColumn[],
  filters: readonly RowFilter[],
): { readonly text: string; readonly values: readonly DuckDBValue[] } {
  const values: DuckDBValue[] = [];
  const conditions = filters.map((filter) =>
    filter.test === "search"
      ? searchText(columns, filter, values)
      : conditionText(columnOf(columns, filter.column), { ...filter, test: filter.test }, values),
  );
  return { text: conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`, values };
}

/** Compared in the column's own type; types whose values have no text form that casts back are compared as text. */
const COMPARED_AS_TEXT = /^(?:VARCHAR|JSON|ENUM|STRUCT|MAP|UNION|BLOB|VARIANT|GEOMETRY|BIT|"NULL")|\]$/;
const OPERATORS = { "=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

/** Whether any column, written as text, holds the value. */
function searchText(columns: readonly ResultColumn[], filter: RowFilter, values: DuckDBValue[]): string {
  values.push(valueText(filter));
  // A character that no search is for keeps the end of one column and the beginning of the next apart.
  const texts = columns.map(({ stored }) => `CAST(${quote(stored)} AS VARCHAR)`);
  return `contains(lower(concat_ws(chr(31), ${texts.join(", ")})), lower($${values.length}))`;
}

type ColumnFilter = RowFilter & { readonly test: Exclude<RowFilter["test"], "search"> };

function conditionText(column: ResultColumn, filter: ColumnFilter, values: DuckDBValue[]): string {
  const name = quote(column.stored);
  switch (filter.test) {
    case "is-null":
      return `${name} IS NULL`;
    case "is-not-null":
      return `${name} IS NOT NULL`;
    case "contains":
      values.push(valueText(filter));
      return `contains(lower(CAST(${name} AS VARCHAR)), lower($${values.length}))`;
    case "=":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=": {
      values.push(valueText(filter));
      const operator = OPERATORS[filter.test];
      if (COMPARED_AS_TEXT.test(column.type)) return `CAST(${name} AS VARCHAR) ${operator} $${values.length}`;
      return `${name} ${operator} CAST($${values.length} AS ${column.type})`;
    }
    default:
      return filter.test satisfies never;
  }
}

function valueText({ column, test, value }: RowFilter): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new SqlError("failed", {
    message: `The filter ${column} ${test} has the value ${JSON.stringify(value)}; it must be text, a number or a boolean.`,
  });
}
