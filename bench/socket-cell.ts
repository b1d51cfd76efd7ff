/**
 * What a user at a notebook waits for, over a real server process and its socket: `node bench/socket-cell.ts`. Prints
 * `serve` to the first cell's result, a trivial query and a one-second aggregate against bare DuckDB over the same
 * Parquet file, `1+1` in TypeScript, and a million rows of ten columns as Arrow against the bare fetch of the chunks and
 * against JSON objects.
 */
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { tableFromIPC } from "@uwdata/flechette";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { opened, openNotebook, operation, runCell } from "../test/support/notebook-line.ts";
import { startServer } from "../test/support/server.ts";
import { workspaceFolder } from "../test/support/workspace-folder.ts";
import { mixedRows } from "./mixed-rows.ts";
import { percentile } from "./percentile.ts";
import { times } from "./times.ts";

const ROWS = 6_000_000;
const TRIVIAL = "SELECT count(*) AS n, max(amount) AS most FROM FILE WHERE id < 1000";
const AGGREGATE = `SELECT segment, count(*) AS n, avg(score) AS mean, quantile_cont(score, 0.95) AS p95, count(DISTINCT customer) AS customers, count(DISTINCT id) AS ids
FROM FILE GROUP BY segment ORDER BY segment`;
const MIXED = mixedRows(1_000_000);

const notebook = `---
driftbook: 1
---
\`\`\`sql name=first
SELECT 1 AS one
\`\`\`

\`\`\`sql name=trivial run=manual
${TRIVIAL.replace("FILE", "'data/decisions.parquet'")}
\`\`\`

\`\`\`sql name=aggregate run=manual
${AGGREGATE.replace("FILE", "'data/decisions.parquet'")}
\`\`\`

\`\`\`sql name=mixed run=manual
${MIXED}
\`\`\`

\`\`\`ts id=two run=manual
1+1
\`\`\`
`;
const folder = await workspaceFolder({ "bench.nb.md": notebook });
mkdirSync(path.join(folder, "data"));
const file = path.join(folder, "data", "decisions.parquet");
const instance = await DuckDBInstance.create(":memory:", { threads: String(availableParallelism()) });
const bare = await instance.connect();
await bare.run(`COPY (SELECT range AS id, hash(range) % 1000 / 1000 AS score, hash(range) % 300000 AS customer,
  (hash(range) % 100000)::DOUBLE / 100 AS amount, 'segment ' || (hash(range) % 40) AS segment FROM range(${ROWS})) TO '${file}'`);
await bare.run("SET parquet_metadata_cache = true");
const onBare = async (sql: string): Promise<void> => {
  await (await bare.run(sql.replace("FILE", `'${file}'`))).getRows();
};

const shown = (sorted: readonly number[]): string =>
  `p50 ${percentile(sorted, 0.5).toFixed(1)} ms, p95 ${percentile(sorted, 0.95).toFixed(1)} ms`;

const began = performance.now();
const server = await startServer({ folder });
const ready = performance.now() - began;
const store = openNotebook(server, "bench.nb.md");
try {
  await opened(store);
  await runCell(store, "first");
  console.log(
    `serve to first cell result: ${Math.round(performance.now() - began)} ms (link printed after ${Math.round(ready)} ms)`,
  );

  const page = async (cell: string, limit: number) => {
    const run = store.state!.runs[cell]!.run;
    return store.rows({ cell, run, sort: [], filters: [] }, 0, limit);
  };
  const cellAndPage = async (cell: string): Promise<void> => {
    await runCell(store, cell);
    await page(cell, 100);
  };
  await times(() => cellAndPage("trivial"), 5);
  await times(() => onBare(TRIVIAL), 5);
  const [socketTrivial, bareTrivial] = [
    await times(() => cellAndPage("trivial"), 60),
    await times(() => onBare(TRIVIAL), 60),
  ];
  console.log(
    `trivial query: socket ${shown(socketTrivial)}; bare ${shown(bareTrivial)}; +${(percentile(socketTrivial, 0.5) - percentile(bareTrivial, 0.5)).toFixed(1)} ms`,
  );
  const pairs: [number, number][] = [];
  for (let at = 0; at < 5; at += 1)
    pairs.push([(await times(() => cellAndPage("aggregate"), 1))[0]!, (await times(() => onBare(AGGREGATE), 1))[0]!]);
  const ratios = pairs.map(([ours, theirs]) => ours / theirs).sort((a, b) => a - b);
  console.log(
    `aggregate: socket ${Math.round(pairs[0]![0])} ms, bare ${Math.round(pairs[0]![1])} ms; ratio, median of 5: ${ratios[2]!.toFixed(2)}`,
  );

  await runCell(store, "two");
  console.log(`1+1 in TypeScript, request to idle: ${shown(await times(() => runCell(store, "two"), 200))}`);
  const restarts = await times(async () => {
    const idle = operation(
      store,
      "process-changed",
      ({ process, view }) => process === "kernel" && view.phase === "idle",
    );
    const restarted = performance.now();
    await store.request({ type: "restart" });
    await store.request({ type: "run", cells: ["two"] });
    await idle;
    return performance.now() - restarted;
  }, 5);
  console.log(`kernel: restart asked to ready: ${shown(restarts)}`);

  await runCell(store, "mixed");
  await bare.run(`CREATE TABLE mixed AS ${MIXED}`);
  const chunks = async (): Promise<void> => {
    const result = await bare.stream("FROM mixed");
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
      for (let column = 0; column < chunk.columnCount; column += 1) chunk.getColumnVector(column);
  };
  const arrow = async (): Promise<void> => {
    const { arrow: bytes } = await page("mixed", 1_000_000);
    if (tableFromIPC(bytes, { useBigInt: true }).numRows !== 1_000_000) throw new Error("Rows are missing.");
  };
  // Rows as JSON objects, made and parsed, without any way between.
  const json = async (): Promise<void> => {
    const result = await bare.stream("FROM mixed");
    let count = 0;
    for await (const objects of result.yieldRowObjectJson())
      count += (JSON.parse(JSON.stringify(objects)) as unknown[]).length;
    if (count !== 1_000_000) throw new Error("Rows are missing.");
  };
  await arrow();
  const [fetched, arrived, objects] = [await times(chunks, 5), await times(arrow, 5), await times(json, 1)];
  console.log(
    `1M rows x 10 columns: bare chunk fetch ${Math.round(fetched[2]!)} ms; Arrow over the socket ${Math.round(arrived[2]!)} ms (${(arrived[2]! / fetched[2]!).toFixed(2)}x); JSON objects, made and parsed only, ${Math.round(objects[0]!)} ms (Arrow is ${(objects[0]! / arrived[2]!).toFixed(1)}x faster)`,
  );
} finally {
  store.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
