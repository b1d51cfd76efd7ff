import path from "node:path";
import { relationsOf } from "../../cells/analysis/sql/relations-of.ts";
import type { DuckDBConnection } from "../../kernels/duckdb/duckdb.ts";
import { inspectStatement } from "../../kernels/engine/statement-gate.ts";
import { quoteText } from "../lake/sql-text.ts";
import { rowsOf } from "../loader/lake-engine.ts";
import { ImportRefused } from "./import-refused.ts";

const READERS: Readonly<Record<string, (files: string) => string>> = {
  ".parquet": (files) => `read_parquet(${files}, union_by_name = true)`,
  // A wide sample: a column whose first fraction or text stands late would be guessed wrong.
  ".csv": (files) => `read_csv(${files}, sample_size = 100000, union_by_name = true)`,
  ".ndjson": (files) => `read_json(${files}, format = 'newline_delimited', union_by_name = true, sample_size = 100000)`,
  ".jsonl": (files) => `read_json(${files}, format = 'newline_delimited', union_by_name = true, sample_size = 100000)`,
  ".json": (files) => `read_json(${files}, union_by_name = true, sample_size = 100000)`,
};

/** Makes the view `input` over files of one format. @throws Error naming the file that cannot be read. */
export async function openInput(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  const endings = new Set(files.map((file) => path.extname(file).toLowerCase()));
  const [ending = ""] = endings;
  const reader = READERS[ending];
  if (reader === undefined || endings.size > 1)
    throw new ImportRefused(
      `${files.map((file) => JSON.stringify(path.basename(file))).join(", ")}: expected files of one format, ending in ${Object.keys(READERS).join(", ")}.`,
    );
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP VIEW input AS SELECT * FROM ${reader(`[${files.map(quoteText).join(", ")}]`)}`,
    );
    await connection.run("SELECT * FROM input LIMIT 1");
  } catch (error) {
    throw new ImportRefused(
      `${files.map((file) => path.basename(file)).join(", ")} cannot be read: ${withoutFolders(firstLine(error), files)}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * The SELECT over `input` that an import names, checked: one statement that reads `input` and the workspace's own
 * relations, and no file. @throws Error with the sentence.
 */
export async function admitSelect(connection: DuckDBConnection, sql: string): Promise<string> {
  const serialise = async (text: string): Promise<string> => {
    const [row] = await rowsOf(connection, `SELECT json_serialize_sql(${quoteText(text)})::VARCHAR AS tree`);
    return String(row?.tree);
  };
  const { inspection, text } = await inspectStatement(sql, {
    serialise,
    countStatements: async (several) => (await connection.extractStatements(several)).count,
    ownTableMacros: new Set(),
  });
  if (!inspection.ok)
    throw new ImportRefused(
      `The SELECT is not accepted: ${inspection.problem.message} ${inspection.problem.hint ?? ""}`.trim(),
    );
  if (inspection.statement !== "select")
    throw new ImportRefused("The SELECT is not accepted: EXPLAIN yields no rows to load.");
  const found = relationsOf(inspection.ast);
  if (!found.ok) throw new ImportRefused(`The SELECT is not accepted: ${found.message}`);
  if (found.files.length > 0)
    throw new ImportRefused(
      `The SELECT reads ${JSON.stringify(found.files[0])}; it may read the relation input and streams. Name files on the command instead.`,
    );
  return text.replace(/;\s*$/, "");
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!.replace(/^[A-Za-z ]+ Error: /, "");
}

/** A message that speaks of files by their names only: where they lie is nobody's business. */
export function withoutFolders(message: string, files: readonly string[]): string {
  return files.reduce((text, file) => text.replaceAll(file, path.basename(file)), message);
}
