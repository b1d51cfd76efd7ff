/**
 * `node bench/drift.ts [rows=10000000]`: drift of 50 numeric and 10 categorical columns, the same number of rows on both
 * sides in Parquet files: psi, js, hellinger, binned ks and wasserstein, by a drift cell in a real engine process; against
 * bare DuckDB computing count, min, max, avg and std of the same columns on both sides. Prints the ratio and the engine's
 * highest memory. Needs about 3 GB of disk for ten million rows.
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import type { ChildSqlEngine } from "../kernels/engine/child-sql-engine.ts";
import type { Profiles } from "../kernels/monitoring/profiles.ts";
import { runDrift } from "../kernels/monitoring/run-drift.ts";
import { asking, benchContext, benchEngine, highestMemory, secondsOf } from "./bench-engine.ts";
import { CATEGORICAL_COLUMNS, NUMERIC_COLUMNS, writeDriftSide } from "./drift-data.ts";

const ROWS = Number(process.argv[2] ?? 10_000_000);
const folder = path.join(tmpdir(), `driftbook-bench-drift-${process.pid}`);
mkdirSync(path.join(folder, "data"), { recursive: true });

const columns = [...NUMERIC_COLUMNS, ...CATEGORICAL_COLUMNS];
const bare = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" })).connect();

const file = (side: string): string => path.join(folder, "data", `${side}.parquet`);

async function moments(side: string): Promise<void> {
  const list = [
    ...NUMERIC_COLUMNS.flatMap((name) => [
      `count(${name})`,
      `min(${name})`,
      `max(${name})`,
      `avg(${name})`,
      `stddev_pop(${name})`,
    ]),
    ...CATEGORICAL_COLUMNS.flatMap((name) => [`count(${name})`, `min(${name})`, `max(${name})`]),
  ];
  await (await bare.run(`SELECT ${list.join(", ")} FROM '${file(side)}'`)).getRows();
}

/** The engine's answers about the reference file are kept, those about the current one never. */
function referenceProfiles(): Profiles {
  const kept = new Map<string, Uint8Array>();
  return {
    contentOf: (source) => (source.type === "file" && source.path.includes("reference") ? "unchanged" : null),
    load: async (key) => kept.get(key) ?? null,
    keep: async (key, bytes) => void kept.set(key, bytes),
  };
}

const spec = {
  from: "data/current.parquet",
  reference: { from: "data/reference.parquet" },
  metrics: ["psi", "js", "hellinger", "ks", "wasserstein"],
  columns,
};

async function measure(engine: ChildSqlEngine, profiles: Profiles | null): Promise<void> {
  const steps = asking(engine);
  const { readings } = await runDrift({ ...steps, profiles }, spec as never, benchContext);
  steps.done();
  const drifted = readings.filter(({ verdict }) => verdict !== "ok");
  if (readings.length < NUMERIC_COLUMNS.length * 6 || drifted.length > 0)
    throw new Error(`${readings.length} readings, ${drifted.length} of them not ok.`);
}

try {
  const writing = await secondsOf(async () => {
    await writeDriftSide(bare, file("reference"), ROWS, 1);
    await writeDriftSide(bare, file("current"), ROWS, 2);
  });
  console.log(`${ROWS} rows × ${columns.length} columns written twice in ${writing.toFixed(0)} s`);
  const engine = await benchEngine(folder);
  const profiles = referenceProfiles();
  let highest = 0;
  for (let round = 0; round < 2; round += 1) {
    const theirs = await secondsOf(async () => {
      await moments("reference");
      await moments("current");
    });
    const ours = await secondsOf(async () => {
      highest = Math.max(highest, (await highestMemory(engine.pid!, () => measure(engine, null))).bytes);
    });
    if (round === 0) await measure(engine, profiles);
    const kept = await secondsOf(() => measure(engine, profiles));
    console.log(
      `bare count, min, max, avg, std: ${theirs.toFixed(1)} s; drift cell: ${ours.toFixed(1)} s, ratio ${(ours / theirs).toFixed(2)}; with the reference's profile ${kept.toFixed(1)} s, ratio ${(kept / theirs).toFixed(2)}`,
    );
  }
  console.log(`highest memory of the engine process: ${(highest / 1e9).toFixed(2)} GB`);
  await engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
