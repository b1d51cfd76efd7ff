import { ArrowStreamEncoder, joined } from "../../../kernels/arrow/arrow-stream.ts";
import type { DuckDBConnection } from "../../../kernels/duckdb/duckdb.ts";

/** The whole result of a query as one Arrow IPC stream. */
export async function encodeQuery(connection: DuckDBConnection, sql: string): Promise<Uint8Array> {
  const result = await connection.stream(sql);
  const encoder = new ArrowStreamEncoder(result.columnNames(), result.columnTypes());
  const pieces = [joined(encoder.start())];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const piece = encoder.push(chunk);
    if (piece !== null) pieces.push(joined(piece));
  }
  pieces.push(joined(encoder.end()));
  return Buffer.concat(pieces);
}
