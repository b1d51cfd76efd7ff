import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Reading } from "../../cells/results/reading.ts";
import { DuckDBInstance } from "../../kernels/duckdb/duckdb.ts";
import type { ChildSqlEngine } from "../../kernels/engine/child-sql-engine.ts";
import { runDrift } from "../../kernels/monitoring/run-drift.ts";
import { Random } from "../../test/support/random.ts";
import { asking, benchContext, benchEngine } from "../bench-engine.ts";
import { SHAPES, type Shape, skewed } from "./random-samples.ts";

/** Rows of both sides, and how many tables of them. */
const TABLES: readonly (readonly [n: number, m: number, tables: number])[] = [
  [12, 10, 6],
  [60, 45, 6],
  [300, 200, 6],
  [1000, 900, 6],
  [5000, 3000, 3],
  [20_000, 20_000, 1],
  [100_000, 80_000, 1],
];
const EVIDENTLY = ["psi", "kl", "js", "hellinger"];
const NANNYML = ["js", "hellinger"];
const OF_NUMBERS = ["ks", "wasserstein", "energy", "cvm", "anderson_darling", "mann_whitney", "t_test"];
const OF_CATEGORIES = ["chi2", "g_test"];
/** Those of each convention, and of `driftbook` those that need no more than shares, values or counts. */
const METRICS = {
  driftbook: { numeric: [...EVIDENTLY, ...OF_NUMBERS], categorical: [...EVIDENTLY, ...OF_CATEGORIES] },
  evidently: { numeric: [...EVIDENTLY, "wasserstein"], categorical: EVIDENTLY },
  nannyml: { numeric: NANNYML, categorical: NANNYML },
} as const;
type Convention = keyof typeof METRICS;
const WHOLE: ReadonlySet<Shape> = new Set([
  "integers",
  "three integers",
  "seven integers",
  "wide integers",
  "near 2^53",
]);

interface Column {
  readonly name: string;
  /** As it is compared, whatever the number of distinct values. */
  readonly kind: "numeric" | "categorical";
  readonly type: "DOUBLE" | "BIGINT" | "VARCHAR" | "BOOLEAN";
  readonly value: (random: Random, side: "reference" | "current", shift: number) => number | string | boolean | null;
}

const COLUMNS: readonly Column[] = [
  ...(Object.keys(SHAPES) as Shape[]).map(
    (shape): Column => ({
      name: shape,
      kind: "numeric",
      type: WHOLE.has(shape) ? "BIGINT" : "DOUBLE",
      value: (random, side, shift) => SHAPES[shape](random, side === "current" ? shift : 0),
    }),
  ),
  {
    name: "with nulls",
    kind: "numeric",
    type: "DOUBLE",
    value: (random, side, shift) => (random.chance(0.2) ? null : SHAPES.normal(random, side === "current" ? shift : 0)),
  },
  {
    name: "whole with nulls",
    kind: "numeric",
    type: "BIGINT",
    value: (random) => (random.chance(0.2) ? null : random.integer(0, 2)),
  },
  { name: "skewed", kind: "categorical", type: "VARCHAR", value: (random) => `value ${skewed(random, 30)}` },
  {
    name: "new and unseen",
    kind: "categorical",
    type: "VARCHAR",
    value: (random, side) => `value ${skewed(random, 20) + (side === "current" ? 4 : 0)}`,
  },
  { name: "many", kind: "categorical", type: "VARCHAR", value: (random) => `value ${skewed(random, 400)}` },
  {
    name: "text with nulls",
    kind: "categorical",
    type: "VARCHAR",
    value: (random) => (random.chance(0.3) ? null : `${skewed(random, 4)}`),
  },
  {
    name: "flag",
    kind: "categorical",
    type: "BOOLEAN",
    value: (random, side) => random.chance(side === "current" ? 0.4 : 0.3),
  },
];

/** Random tables as Parquet files under `data/` of a folder, and what drift cells in a real engine process say of them. */
export async function cellCases(folder: string, seed: number) {
  const random = new Random(seed + 6);
  mkdirSync(path.join(folder, "data"), { recursive: true });
  const engine = await benchEngine(folder);
  const found: object[] = [];
  try {
    for (const [n, m, tables] of TABLES)
      for (let table = 0; table < tables; table++) {
        const name = `${n}-${table}`;
        const shift = [0, 0.2, 1][table % 3]!;
        await writeTable(folder, `${name}-reference`, n, (column) => column.value(random, "reference", shift));
        await writeTable(folder, `${name}-current`, m, (column) => column.value(random, "current", shift));
        for (const convention of Object.keys(METRICS) as Convention[])
          found.push(...(await readings(engine, name, convention)).map((reading) => figure(name, convention, reading)));
      }
  } finally {
    await engine.close();
  }
  return found;
}

async function writeTable(
  folder: string,
  name: string,
  rows: number,
  value: (column: Column) => unknown,
): Promise<void> {
  const lines = Array.from({ length: rows }, () =>
    JSON.stringify(Object.fromEntries(COLUMNS.map((column) => [column.name, value(column)]))),
  );
  const json = path.join(folder, `${name}.ndjson`);
  writeFileSync(json, lines.join("\n"));
  const duck = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const types = COLUMNS.map(({ name, type }) => `'${name}': '${type}'`).join(", ");
  await duck.run(
    `COPY (SELECT * FROM read_json('${json}', columns = {${types}}, format = 'newline_delimited')) TO '${path.join(folder, "data", `${name}.parquet`)}'`,
  );
  duck.closeSync();
  rmSync(json);
}

async function readings(engine: ChildSqlEngine, table: string, convention: Convention): Promise<readonly Reading[]> {
  const spec = {
    from: `data/${table}-current.parquet`,
    reference: { from: `data/${table}-reference.parquet` },
    columns: COLUMNS.map(({ name }) => name),
    types: Object.fromEntries(COLUMNS.map(({ name, kind }) => [name, kind])),
    metrics: METRICS[convention],
    convention,
  };
  const steps = asking(engine);
  const { readings } = await runDrift(steps, spec as never, benchContext);
  steps.done();
  const asked: readonly string[] = Object.values(METRICS[convention]).flat();
  return readings.filter(({ metric }) => asked.includes(metric));
}

/** Wasserstein distances are Evidently's in their normed form. */
function figure(table: string, convention: Convention, { subject, metric, value, details }: Reading) {
  const column = COLUMNS.find(({ name }) => name === subject)!;
  const isNormed = convention === "evidently" && metric === "wasserstein";
  return {
    table,
    convention,
    column: subject,
    kind: column.kind,
    type: column.type,
    metric,
    value: isNormed ? details.normed : value,
  };
}
