import { Column, columnFromArray, type Table, tableFromColumns, tableFromIPC, tableToIPC } from "@uwdata/flechette";

// Plot reads a column with missing values through `toJSON`, which Arrow's own library has and this one has not.
if (!("toJSON" in Column.prototype))
  Object.defineProperty(Column.prototype, "toJSON", {
    value(this: Iterable<unknown>): unknown[] {
      return [...this];
    },
  });

/** Arrow tables as cells see them: rows as objects, times as `Date`, integers as numbers where a number holds them. */
export function decodeTable(bytes: Uint8Array): Table {
  return tableFromIPC(bytes, { useDate: true });
}

export function isTable(value: unknown): value is Table {
  return (
    typeof value === "object" &&
    value !== null &&
    "numRows" in value &&
    "getChild" in value &&
    typeof (value as Table).getChild === "function"
  );
}

/** An array of objects: what SQL can read beside tables. */
export function isRows(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))
  );
}

/** A table or an array of objects as one Arrow IPC stream; null when the value is neither. */
export function encodeTable(value: unknown): Uint8Array | null {
  const table = isTable(value) ? value : isRows(value) ? tableFromRows(value) : null;
  return table === null ? null : (tableToIPC(table, { format: "stream" }) as Uint8Array);
}

function tableFromRows(rows: readonly Readonly<Record<string, unknown>>[]): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return tableFromColumns(Object.fromEntries(names.map((name) => [name, columnFromArray(columnValues(rows, name))])));
}

/** One type a column: where values differ in kind, all become text, which loses nothing that can be seen. */
function columnValues(rows: readonly Readonly<Record<string, unknown>>[], name: string): unknown[] {
  const values = rows.map((row) => {
    const value = row[name];
    return value === undefined || typeof value === "function" || typeof value === "symbol" ? null : value;
  });
  const kinds = new Set(
    values.filter((value) => value !== null).map((value) => (value instanceof Date ? "date" : typeof value)),
  );
  if (kinds.size <= 1 && !kinds.has("object"))
    return values.every((value) => value === null) ? values.map(() => null as string | null) : values;
  return values.map((value) =>
    value === null
      ? null
      : value instanceof Date
        ? value.toISOString()
        : typeof value === "object"
          ? JSON.stringify(value)
          : String(value),
  );
}
