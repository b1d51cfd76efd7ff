import { type Table, tableFromIPC } from "@uwdata/flechette";
import { csvCell, csvLine } from "../../cells/values/csv-cell.ts";
import type { JsonValue } from "../../cells/values/to-json.ts";
import { DECODING, jsonValue } from "./json-value.ts";

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
  let piece = csvLine(fields.map((field) => csvCell(field.name)));
  const columns = fields.map((_, column) => table.getChildAt(column));
  for (let at = 0; at < count; at += 1) {
    piece += csvLine(
      columns.map((column, index) => {
        const raw: unknown = column.at(at);
        return csvCell(jsonValue(raw, fields[index]!.type), typeof raw === "bigint" || typeof raw === "number");
      }),
    );
    if (piece.length > PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}
