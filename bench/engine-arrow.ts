/**
 * One million rows of ten mixed columns out of DuckDB: the bare fetch of data chunks, the same as an Arrow IPC stream,
 * and as JSON objects. Prints the two ratios that docs/performance.md names. `node bench/engine-arrow.ts [rows]`
 */
import { ArrowStreamEncoder, joined, pieceLength } from "../kernels/arrow/arrow-stream.ts";
import { type DuckDBConnection, DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { mixedRows } from "./mixed-rows.ts";

const rows = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 5;

const TABLE = `CREATE TABLE mixed AS ${mixedRows(rows)}`;

async function bareFetch(connection: DuckDBConnection): Promise<number> {
  const result = await connection.stream("FROM mixed");
  let count = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    // As bare as node-api allows while each column is still looked at.
    for (let i = 0; i < chunk.columnCount; i += 1) chunk.getColumnVector(i);
    count += chunk.rowCount;
  }
  return count;
}

async function arrow(connection: DuckDBConnection): Promise<number> {
  const result = await connection.stream("FROM mixed");
  const encoder = new ArrowStreamEncoder(result.columnNames(), result.columnTypes());
  let bytes = pieceLength(encoder.start());
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    bytes += joined(encoder.push(chunk) ?? []).length;
  return bytes + joined(encoder.end()).length;
}

async function jsonObjects(connection: DuckDBConnection): Promise<number> {
  const result = await connection.stream("FROM mixed");
  let bytes = 0;
  for await (const objects of result.yieldRowObjectJson()) bytes += JSON.stringify(objects).length;
  return bytes;
}

async function bestMillis(work: () => Promise<number>, rounds: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
await connection.run(TABLE);
const bareMillis = await bestMillis(() => bareFetch(connection), ROUNDS);
const arrowMillis = await bestMillis(() => arrow(connection), ROUNDS);
const jsonMillis = await bestMillis(() => jsonObjects(connection), 1);
console.log(
  JSON.stringify({
    bench: "engine-arrow",
    rows,
    columns: 10,
    bareFetchMillis: Math.round(bareMillis),
    arrowMillis: Math.round(arrowMillis),
    jsonObjectsMillis: Math.round(jsonMillis),
    arrowToBareFetch: Number((arrowMillis / bareMillis).toFixed(2)),
    jsonToArrow: Number((jsonMillis / arrowMillis).toFixed(2)),
  }),
);
