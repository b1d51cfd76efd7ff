/**
 * `node bench/daily-series.ts [rows=2000000]`: a drift cell with `every: 1 day` over 365 days and 60 columns, first from
 * rows, then from the profiles that it kept of each day; both must give the same bytes.
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Reading } from "../cells/results/reading.ts";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import type { Profiles } from "../kernels/monitoring/profiles.ts";
import { runDrift } from "../kernels/monitoring/run-drift.ts";
import { asking, benchContext, benchEngine, secondsOf } from "./bench-engine.ts";

const ROWS = Number(process.argv[2] ?? 2_000_000);
const numeric = Array.from({ length: 50 }, (_, at) => `n${at}`);
const categorical = Array.from({ length: 10 }, (_, at) => `c${at}`);
const folder = path.join(tmpdir(), `driftbook-bench-days-${process.pid}`);
mkdirSync(path.join(folder, "data"), { recursive: true });
const bare = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" })).connect();
try {
  await bare.run(`COPY (SELECT range AS id, TIMESTAMPTZ '2024-12-01 00:00:00Z' + to_milliseconds(range * ${Math.floor((396 * 86_400_000) / ROWS)}) AS decided_at,
    ${numeric.map((name, at) => `round(-ln(((hash(range, ${at}) % 1000003) + 1) / 1000004.0), 2)::DOUBLE AS ${name}`).join(", ")},
    ${categorical.map((name, at) => `'value ' || (hash(range, ${at + 100}) % ${10 * (at + 1)}) AS ${name}`).join(", ")}
    FROM range(${ROWS})) TO '${path.join(folder, "data", "year.parquet")}'`);
  const engine = await benchEngine(folder);
  const kept = new Map<string, Uint8Array>();
  const profiles: Profiles = {
    contentOf: () => "unchanged",
    load: async (key) => kept.get(key) ?? null,
    keep: async (key, bytes) => void kept.set(key, bytes),
  };
  const context = {
    ...benchContext,
    window: { start: "2025-01-01T00:00:00.000Z", end: "2026-01-01T00:00:00.000Z" },
    resolveWindow: () => ({ start: "2024-12-01T00:00:00.000Z", end: "2025-01-01T00:00:00.000Z" }),
  };
  const spec = {
    from: "data/year.parquet",
    reference: "31 days before",
    every: "1 day",
    columns: [...numeric, ...categorical],
    metrics: { numeric: ["psi"], categorical: ["psi"] },
  };
  const measure = async (): Promise<readonly Reading[]> => {
    const steps = asking(engine);
    const { readings } = await runDrift({ ...steps, profiles }, spec as never, context);
    steps.done();
    return readings;
  };
  let [fromRows, fromProfiles]: (readonly Reading[])[] = [[], []];
  const first = await secondsOf(async () => {
    fromRows = await measure();
  });
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1)
    times.push(
      await secondsOf(async () => {
        fromProfiles = await measure();
      }),
    );
  if (JSON.stringify(fromRows) !== JSON.stringify(fromProfiles))
    throw new Error("Profiles give other readings than rows.");
  console.log(
    `365 days × 60 columns, ${ROWS} rows, ${fromRows!.length} readings: from rows ${first.toFixed(1)} s, from profiles ${Math.min(...times).toFixed(2)} s`,
  );
  await engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
