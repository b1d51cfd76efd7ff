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
import { ChildSqlEngine } from "../kernels/engine/child-sql-engine.ts";
import { runDrift } from "../kernels/monitoring/run-drift.ts";
import { memoryByProgram } from "./process-memory.ts";

const ROWS = Number(process.argv[2] ?? 10_000_000);
const NUMERIC = 50;
const CATEGORICAL = 10;
const folder = path.join(tmpdir(), `driftbook-bench-drift-${process.pid}`);
mkdirSync(path.join(folder, "data"), { recursive: true });

const numeric = Array.from({ length: NUMERIC }, (_, at) => `n${at}`);
const categorical = Array.from({ length: CATEGORICAL }, (_, at) => `c${at}`);
const bare = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" })).connect();

/** Skewed numbers with some thousand levels and a few gaps; categories with Zipf-like shares. */
async function write(side: string, seed: number): Promise<void> {
  const columns = [
    ...numeric.map(
      (name, at) =>
        `CASE WHEN h % 97 = ${at} THEN NULL ELSE round(-ln(((hash(i + ${at * 7919}, ${seed}) % 1000003) + 1) / 1000004.0) * ${at + 1}, 2) END::DOUBLE AS ${name}`,
    ),
    ...categorical.map(
      (name, at) =>
        `'value ' || floor(pow(((hash(i + ${at * 104729}, ${seed}) % 1000003) / 1000003.0), 3) * ${10 * (at + 1)})::INTEGER AS ${name}`,
    ),
  ];
  await bare.run(
    `COPY (SELECT i AS decision_id, ${columns.join(", ")} FROM (SELECT range AS i, hash(range, ${seed}) AS h FROM range(${ROWS}))) TO '${path.join(folder, "data", `${side}.parquet`)}' (COMPRESSION zstd)`,
  );
}
const file = (side: string): string => path.join(folder, "data", `${side}.parquet`);

async function moments(side: string): Promise<void> {
  const list = [
    ...numeric.flatMap((name) => [
      `count(${name})`,
      `min(${name})`,
      `max(${name})`,
      `avg(${name})`,
      `stddev_pop(${name})`,
    ]),
    ...categorical.flatMap((name) => [`count(${name})`, `min(${name})`, `max(${name})`]),
  ];
  await (await bare.run(`SELECT ${list.join(", ")} FROM '${file(side)}'`)).getRows();
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

try {
  console.log(
    `writing ${ROWS} rows × ${NUMERIC + CATEGORICAL} columns, twice: ${(
      await seconds(async () => {
        await write("reference", 1);
        await write("current", 2);
      })
    ).toFixed(0)} s`,
  );
  const engine = new ChildSqlEngine({
    workspaceFolder: folder,
    allowedDirectories: [path.join(folder, "data")],
    scratchFolder: path.join(folder, "scratch"),
    memoryLimitBytes: 1536 * 1024 * 1024,
    tempLimitBytes: 20 * 1024 ** 3,
    threads: 2,
    timeZone: "UTC",
    timeoutMillis: 3_600_000,
    resultLimit: { rows: 5_000_000, bytes: 1024 ** 3 },
  });
  await engine.start();
  let highest = 0;
  const watch = setInterval(() => {
    highest = Math.max(highest, memoryByProgram(engine.pid!).values().next().value ?? 0);
  }, 100);
  const measure = async (): Promise<void> => {
    const steps: { title: string; millis: number }[] = [];
    let last = { title: "", at: performance.now() };
    const asking = {
      engine,
      signal: new AbortController().signal,
      onProgress: (title: string) => {
        steps.push({ title: last.title, millis: performance.now() - last.at });
        last = { title, at: performance.now() };
      },
      asked: [],
    };
    const spec = {
      from: "data/current.parquet",
      reference: { from: "data/reference.parquet" },
      metrics: ["psi", "js", "hellinger", "ks", "wasserstein"],
      columns: [...numeric, ...categorical],
    };
    const context = {
      cell: "bench",
      asOf: "2026-01-01T00:00:00.000Z",
      zone: "UTC",
      window: null,
      streams: [],
      resolveWindow: () => {
        throw new Error("No window is needed.");
      },
    };
    const { readings } = await runDrift(asking, spec as never, context);
    steps.push({ title: last.title, millis: performance.now() - last.at });
    if (process.env.STEPS !== undefined)
      for (const { title, millis } of steps.filter((step) => step.millis > 200))
        console.log(`  ${title}: ${Math.round(millis)} ms`);
    const drifted = readings.filter(({ verdict }) => verdict !== "ok");
    if (readings.length < NUMERIC * 6 || drifted.length > 0)
      throw new Error(`${readings.length} readings, ${drifted.length} of them not ok.`);
  };
  const ratios: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const [theirs, ours] = [
      await seconds(async () => {
        await moments("reference");
        await moments("current");
      }),
      await seconds(measure),
    ];
    ratios.push(ours / theirs);
    console.log(
      `bare count, min, max, avg, std: ${theirs.toFixed(1)} s; drift cell: ${ours.toFixed(1)} s; ratio ${(ours / theirs).toFixed(2)}`,
    );
  }
  clearInterval(watch);
  console.log(`highest memory of the engine process: ${(highest / 1e9).toFixed(2)} GB`);
  await engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
