import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance, rawColumn, vectorData } from "../../kernels/duckdb/duckdb.ts";

/** The loader's DuckDB: in memory, bounded, spilling to a folder of its own that is emptied at start. */
export interface LakeEngine {
  readonly connection: DuckDBConnection;
  readonly scratch: string;
  /** A second connection for work beside loading. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

const MEMORY_LIMIT = "300MB";

export async function openLakeEngine(scratch: string, threads: number): Promise<LakeEngine> {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(path.join(scratch, "spill"), { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(threads),
    memory_limit: MEMORY_LIMIT,
    temp_directory: path.join(scratch, "spill"),
    // What is freed goes back to the system at once: this process lives for months.
    allocator_background_threads: "true",
    allocator_flush_threshold: "16MB",
    allocator_bulk_deallocation_flush_threshold: "64MB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  const connection = await connect();
  return {
    connection,
    scratch,
    connect,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Rows as plain objects; for small answers only. HUGEINT and DECIMAL come as text. */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJson();
}

/** Columns of fixed width, copied together from all chunks: per column its bytes, `widths[i]` for each row. */
export async function fixedColumns(
  connection: DuckDBConnection,
  sql: string,
  widths: readonly number[],
): Promise<{ readonly count: number; readonly columns: readonly Uint8Array[] }> {
  const result = await connection.run(sql);
  const pieces: Uint8Array[][] = widths.map(() => []);
  let count = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const [index, width] of widths.entries())
      pieces[index]!.push(vectorData(rawColumn(chunk, index), chunk.rowCount * width).slice());
    count += chunk.rowCount;
  }
  return { count, columns: pieces.map((list) => concatenate(list)) };
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
