import { open, stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { ArrowStreamEncoder } from "../arrow/arrow-stream.ts";
import type { DuckDBConnection } from "../duckdb/duckdb.ts";
import { identifier } from "./named-results.ts";
import type { Column, ExportFormat } from "./sql-engine.ts";
import { SqlError } from "./sql-engine.ts";

/** Spreadsheets run a cell that begins like this as a formula; an apostrophe before it makes them show it. */
const FORMULA_START = "^[=+@\\t\\r-]";

const COPY_OPTIONS: Record<Exclude<ExportFormat, "arrow">, string> = {
  csv: "FORMAT csv, HEADER true",
  json: "FORMAT json, ARRAY true",
  parquet: "FORMAT parquet, COMPRESSION zstd",
};

/** Writes the rows of `source` (text for FROM, checked already) to `file` in the scratch folder. */
export async function exportRows(
  connection: DuckDBConnection,
  source: { readonly from: string; readonly columns: readonly Column[] },
  format: ExportFormat,
  file: string,
): Promise<{ rowCount: number; bytes: number }> {
  const list = source.columns
    .map((column) => (format === "csv" ? harmless(column) : identifier(column.name)))
    .join(", ");
  const select = `SELECT ${list} FROM ${source.from}`;
  if (format === "arrow") return exportArrow(connection, select, file);
  const target = `'${file.replaceAll("'", "''")}'`;
  const result = await connection.run(`COPY (${select}) TO ${target} (${COPY_OPTIONS[format]})`);
  return { rowCount: Number((await result.getRows())[0]?.[0] ?? 0), bytes: (await stat(file)).size };
}

/** @throws SqlError when `file` is not inside `folder`. */
export function insideFolder(folder: string, file: string): string {
  const path = resolve(folder, file);
  const inside = relative(folder, path);
  if (inside === "" || inside.startsWith("..") || resolve(inside) === inside)
    throw new SqlError("refused", {
      message: `Exports go to the engine's scratch folder; ${JSON.stringify(file)} is not in it.`,
    });
  return path;
}

function harmless(column: Column): string {
  const name = identifier(column.name);
  if (!/^(?:VARCHAR|ENUM)/.test(column.type) || column.type.endsWith("]")) return name;
  return `CASE WHEN regexp_matches(${name}::VARCHAR, '${FORMULA_START}') THEN '''' || ${name}::VARCHAR ELSE ${name}::VARCHAR END AS ${name}`;
}

async function exportArrow(
  connection: DuckDBConnection,
  select: string,
  file: string,
): Promise<{ rowCount: number; bytes: number }> {
  const result = await connection.stream(select);
  const encoder = new ArrowStreamEncoder(result.columnNames(), result.columnTypes());
  const handle = await open(file, "w");
  let rowCount = 0;
  try {
    await handle.writev(encoder.start());
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      rowCount += chunk.rowCount;
      const piece = encoder.push(chunk);
      if (piece !== null) await handle.writev(piece);
    }
    await handle.writev(encoder.end());
  } finally {
    await handle.close();
  }
  return { rowCount, bytes: (await stat(file)).size };
}
