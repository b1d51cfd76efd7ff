import { type Table, tableFromIPC } from "@uwdata/flechette";
import { DECODING, type JsonValue, jsonValue } from "./json-value.ts";

export type TextFormat = "json" | "csv";

const PIECE_CHARACTERS = 64_000;

/**
 * The first `rows` rows of an Arrow stream as JSON (an array of row objects) or CSV, in pieces. In CSV a text value that a
 * spreadsheet would take for a formula gets an apostrophe before it; numbers keep their minus sign.
 */
export function* rowText(arrow: Uint8Array, format: TextFormat, rows = Number.POSITIVE_INFINITY): Generator<string> {
  const table = tableFromIPC(arrow, DECODING);
  const count = Math.min(rows, table.numRows);
  switch (format) {
    case "json":
      yield* jsonText(table, count);
      break;
    case "csv":
      yield* csvText(table, count);
      break;
  }
}

/** All rows as objects, for results that are known to be small. */
export function rowObjects(arrow: Uint8Array): Record<string, JsonValue>[] {
  const table = tableFromIPC(arrow, DECODING);
  const rows: Record<string, JsonValue>[] = [];
  for (let at = 0; at < table.numRows; at += 1) rows.push(rowObject(table, at));
  return rows;
}

/** Name and DuckDB type of each column, and how many rows there are. */
export function columnsOf(arrow: Uint8Array): { columns: { name: string; type: string }[]; rowCount: number } {
  const { schema, numRows } = tableFromIPC(arrow, DECODING);
  const columns = schema.fields.map((field) => ({ name: field.name, type: field.metadata?.get("duckdb:type") ?? "" }));
  return { columns, rowCount: numRows };
}

function rowObject(table: Table, at: number): Record<string, JsonValue> {
  // fromEntries defines own properties: a column called __proto__ is data like any other.
  return Object.fromEntries(
    table.schema.fields.map((field, column) => [field.name, jsonValue(table.getChildAt(column).at(at), field.type)]),
  );
}

function* jsonText(table: Table, count: number): Generator<string> {
  let piece = "[";
  for (let at = 0; at < count; at += 1) {
    piece += (at === 0 ? "\n" : ",\n") + JSON.stringify(rowObject(table, at));
    if (piece.length > PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  yield `${piece}${count === 0 ? "" : "\n"}]\n`;
}

function* csvText(table: Table, count: number): Generator<string> {
  const { fields } = table.schema;
  let piece = `${fields.map((field) => csvCell(field.name)).join(",")}\r\n`;
  const columns = fields.map((_, column) => table.getChildAt(column));
  for (let at = 0; at < count; at += 1) {
    piece += `${columns.map((column, index) => csvValue(column.at(at), jsonValue(column.at(at), fields[index]!.type))).join(",")}\r\n`;
    if (piece.length > PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

function csvValue(raw: unknown, value: JsonValue): string {
  if (value === null) return "";
  // Numbers that became text (decimals, wide integers) begin with their sign and are no formula.
  if (typeof raw === "bigint" || typeof raw === "number") return String(value);
  return csvCell(typeof value === "object" ? JSON.stringify(value) : String(value));
}

export function csvCell(text: string): string {
  const guarded = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
