/**
 * `node bench/conformance/side-by-side.ts <folder> [rows=1000000]`: writes the data of `bench/drift.ts` into an empty
 * folder and measures the drift cell over it, three times. `side_by_side.py` measures other libraries over the same files.
 */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { DuckDBInstance } from "../../kernels/duckdb/duckdb.ts";
import { runDrift } from "../../kernels/monitoring/run-drift.ts";
import { asking, benchContext, benchEngine, secondsOf } from "../bench-engine.ts";
import { CATEGORICAL_COLUMNS, NUMERIC_COLUMNS, writeDriftSide } from "../drift-data.ts";
import { memoryByProgram } from "../process-memory.ts";

const [folder, rowsText = "1000000"] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node bench/conformance/side-by-side.ts <folder> [rows]");
const data = path.join(path.resolve(folder), "data");
mkdirSync(data, { recursive: true });
const duck = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" })).connect();
for (const [at, side] of ["reference", "current"].entries())
  await writeDriftSide(duck, path.join(data, `${side}.parquet`), Number(rowsText), at + 1);
duck.closeSync();

const engine = await benchEngine(path.resolve(folder));
const spec = {
  from: "data/current.parquet",
  reference: { from: "data/reference.parquet" },
  metrics: ["psi", "js", "hellinger", "ks", "wasserstein"],
  columns: [...NUMERIC_COLUMNS, ...CATEGORICAL_COLUMNS],
};
/** Of this process and the engine's, which is below it. */
const bytesNow = (): number => [...memoryByProgram(process.pid).values()].reduce((sum, one) => sum + one, 0);
const cpuSeconds = (): number => processorSeconds(process.pid) + processorSeconds(engine.pid!);

for (let round = 0; round < 3; round++) {
  let bytes = bytesNow();
  const before = cpuSeconds();
  const watch = setInterval(() => {
    bytes = Math.max(bytes, bytesNow());
  }, 100);
  const seconds = await secondsOf(async () => {
    const steps = asking(engine);
    const { readings } = await runDrift(steps, spec as never, benchContext);
    steps.done();
    if (readings.length < 340) throw new Error(`${readings.length} readings.`);
  });
  clearInterval(watch);
  console.log(
    `driftbook: ${rowsText} rows a side, ${seconds.toFixed(1)} s (processor ${(cpuSeconds() - before).toFixed(1)} s), at most ${(bytes / 1e9).toFixed(2)} GB`,
  );
}
await engine.close();

/** User and system time of a process; Linux only. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
