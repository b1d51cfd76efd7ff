/**
 * SQL through the engine process against the same SQL on bare DuckDB over the same Parquet: what the process, the gate,
 * the materialised result and its first page cost. Prints p50 of a trivial query and the ratio of an aggregate that
 * takes about a second. `node bench/engine-query.ts [rows]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "../kernels/duckdb/duckdb.ts";
import { ChildSqlEngine } from "../kernels/engine/child-sql-engine.ts";
import { times } from "./times.ts";

const rows = Number(process.argv[2] ?? 6_000_000);
const TRIVIAL = "SELECT count(*) AS n, max(amount) AS most FROM decisions WHERE id < 1000";
const AGGREGATE = `SELECT segment, count(*) AS n, avg(score) AS mean, quantile_cont(score, 0.95) AS p95, count(DISTINCT customer) AS customers, count(DISTINCT id) AS ids
  FROM decisions GROUP BY segment ORDER BY segment`;

const root = await mkdtemp(join(tmpdir(), "driftbook-bench-"));
const file = join(root, "decisions.parquet");
const threads = availableParallelism();
const bare = await (await DuckDBInstance.create(":memory:", { threads: String(threads) })).connect();
await bare.run(`COPY (SELECT range AS id, hash(range) % 1000 / 1000 AS score, hash(range) % 300000 AS customer,
  (hash(range) % 100000)::DOUBLE / 100 AS amount, 'segment ' || (hash(range) % 40) AS segment FROM range(${rows})) TO '${file}'`);
await bare.run("SET parquet_metadata_cache = true");
const view = `CREATE VIEW decisions AS FROM read_parquet(['${file}'])`;
await bare.run(view);

const engine = new ChildSqlEngine({
  workspaceFolder: root,
  allowedDirectories: [root],
  scratchFolder: join(root, "scratch"),
  memoryLimitBytes: 2 * 1024 ** 3,
  tempLimitBytes: 4 * 1024 ** 3,
  threads,
  timeZone: "UTC",
  timeoutMillis: 600_000,
  resultLimit: { rows: 1_000_000, bytes: 256 * 1024 ** 2 },
});
const startStarted = performance.now();
await engine.start();
const startMillis = performance.now() - startStarted;
await engine.setRelations({ statements: [view] });

const onBare = async (sql: string): Promise<void> => {
  await (await bare.run(sql)).getRows();
};
/** What a SQL cell costs: materialised under a name, its first page fetched. */
const onEngine = async (sql: string): Promise<void> => {
  await engine.materialise({ name: "cell", runId: "1", sql });
  await engine.page({ name: "cell", offset: 0, limit: 100 });
};

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)]!;
const rounded = (value: number): number => Number(value.toFixed(2));

await onBare(TRIVIAL);
await onEngine(TRIVIAL);
const trivialBare = median(await times(() => onBare(TRIVIAL), 100));
const trivialEngine = median(await times(() => onEngine(TRIVIAL), 100));
const aggregateBare = median(await times(() => onBare(AGGREGATE), 5));
const aggregateEngine = median(await times(() => onEngine(AGGREGATE), 5));
console.log(
  JSON.stringify({
    bench: "engine-query",
    rows,
    engineStartMillis: rounded(startMillis),
    trivialBareMillis: rounded(trivialBare),
    trivialEngineMillis: rounded(trivialEngine),
    trivialAddedMillis: rounded(trivialEngine - trivialBare),
    aggregateBareMillis: rounded(aggregateBare),
    aggregateEngineMillis: rounded(aggregateEngine),
    aggregateRatio: rounded(aggregateEngine / aggregateBare),
  }),
);
await engine.close();
bare.closeSync();
await rm(root, { recursive: true, force: true });
