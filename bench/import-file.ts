/**
 * `node bench/import-file.ts [rows=3000000]`: `driftbook ingest` of one Parquet file, checked, deduplicated and in the
 * lake: rows/s of the whole command, and beside it bare DuckDB that only copies the file sorted by time.
 */
import { rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { driftbook } from "../test/support/server.ts";
import { workspaceFolder } from "../test/support/workspace-folder.ts";

const ROWS = Number(process.argv[2] ?? 3_000_000);
const folder = await workspaceFolder();
const file = path.join(folder, "history.parquet");
const bare = await (await DuckDBInstance.create(":memory:", { threads: String(availableParallelism()) })).connect();
await bare.run(`COPY (SELECT 'payment-' || lpad(range::VARCHAR, 12, '0') AS decision_id,
  TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_milliseconds(range * 21037) AS decided_at,
  ['approve', 'review', 'block'][1 + (hash(range) % 3)::INT] AS decision,
  (hash(range) % 1000)::DOUBLE / 1000 AS score, 'gbm' AS model, '7' AS model_version,
  'a-' || (hash(range) % 50021) AS account_id, ((hash(range) % 90000) / 100)::DECIMAL(12, 2) AS amount, 'DE' AS country
  FROM range(${ROWS})) TO '${file}'`);
const copied = performance.now();
await bare.run(
  `COPY (SELECT * FROM '${file}' ORDER BY decided_at) TO '${file}.copy' (FORMAT parquet, COMPRESSION zstd)`,
);
const copyMillis = performance.now() - copied;
rmSync(`${file}.copy`);
writeFileSync(path.join(folder, "driftbook.yaml"), "zone: UTC\n");
try {
  for (const words of [["--dry-run"], []]) {
    const began = performance.now();
    const done = await driftbook(["ingest", "card_fraud", "decisions", file, "--history", ...words], { cwd: folder });
    const seconds = (performance.now() - began) / 1000;
    if (done.code !== 0) throw new Error(done.stderr);
    console.log(
      `driftbook ingest ${words.join(" ")}: ${done.stdout.split("\n")[0]} ${seconds.toFixed(1)} s, ${Math.round(ROWS / seconds)} rows/s`,
    );
  }
  console.log(`bare sorted copy to Parquet: ${Math.round(ROWS / (copyMillis / 1000))} rows/s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
