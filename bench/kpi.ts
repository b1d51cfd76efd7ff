/**
 * `node bench/kpi.ts [rows=10000000]`: a kpi cell with curve, AUC, average precision, payoff and five slices over a Parquet
 * file of outcomes, in a real engine process; against bare `count(*) … GROUP BY` over the same columns.
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { runKpi } from "../kernels/monitoring/run-kpi.ts";
import { asking, benchContext, benchEngine, highestMemory, secondsOf } from "./bench-engine.ts";

const ROWS = Number(process.argv[2] ?? 10_000_000);
const folder = path.join(tmpdir(), `driftbook-bench-kpi-${process.pid}`);
mkdirSync(path.join(folder, "data"), { recursive: true });
const file = path.join(folder, "data", "outcomes.parquet");
const bare = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" })).connect();
try {
  await bare.run(`COPY (SELECT i AS id, score, (hash(i, 3) % 1000003) / 1000003.0 < score * score AS is_fraud, score >= 0.9 AS alerted,
    round((hash(i, 5) % 1000003) / 100.0, 2) AS amount, ['DE', 'FR', 'NL', 'ES', 'US'][1 + (hash(i, 7) % 5)::INTEGER] AS country
    FROM (SELECT range AS i, round(pow((hash(range, 1) % 1000003) / 1000003.0, 4), 6) AS score FROM range(${ROWS}))) TO '${file}'`);
  const engine = await benchEngine(folder);
  const groups = async (): Promise<void> => {
    const sql = `SELECT country, is_fraud, alerted, score, count(*), count(amount) FROM '${file}' GROUP BY ALL`;
    const result = await bare.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    );
  };
  const spec = {
    from: "data/outcomes.parquet",
    columns: { truth: "is_fraud", score: "score", decision: "alerted", amount: "amount" },
    metrics: ["precision", "recall", "roc_auc", "average_precision", "payoff_total", "best_threshold"],
    payoff: { tp: "amount", fp: -5, fn: "-amount", tn: 0 },
    by: "country",
  };
  for (let round = 0; round < 3; round += 1) {
    const theirs = await secondsOf(groups);
    let bytes = 0;
    const ours = await secondsOf(async () => {
      const steps = asking(engine);
      const measured = await highestMemory(engine.pid!, () => runKpi(steps, spec as never, benchContext));
      steps.done();
      bytes = measured.bytes;
      if (measured.result.readings.length !== 36) throw new Error(`${measured.result.readings.length} readings.`);
    });
    console.log(
      `bare count(*) … GROUP BY: ${theirs.toFixed(1)} s; kpi cell: ${ours.toFixed(1)} s; ratio ${(ours / theirs).toFixed(2)}; engine at most ${(bytes / 1e9).toFixed(2)} GB`,
    );
  }
  await engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
