import type { DuckDBConnection } from "../kernels/duckdb/duckdb.ts";

/** The columns that the drift benches compare. */
export const NUMERIC_COLUMNS = Array.from({ length: 50 }, (_, at) => `n${at}`);
export const CATEGORICAL_COLUMNS = Array.from({ length: 10 }, (_, at) => `c${at}`);

/** Skewed numbers with some thousand levels and a few gaps; categories with Zipf-like shares; to a Parquet file. */
export async function writeDriftSide(connection: DuckDBConnection, file: string, rows: number, seed: number) {
  const columns = [
    ...NUMERIC_COLUMNS.map(
      (name, at) =>
        `CASE WHEN h % 97 = ${at} THEN NULL ELSE round(-ln(((hash(i + ${at * 7919}, ${seed}) % 1000003) + 1) / 1000004.0) * ${at + 1}, 2) END::DOUBLE AS ${name}`,
    ),
    ...CATEGORICAL_COLUMNS.map(
      (name, at) =>
        `'value ' || floor(pow(((hash(i + ${at * 104729}, ${seed}) % 1000003) / 1000003.0), 3) * ${10 * (at + 1)})::INTEGER AS ${name}`,
    ),
  ];
  await connection.run(
    `COPY (SELECT i AS decision_id, ${columns.join(", ")} FROM (SELECT range AS i, hash(range, ${seed}) AS h FROM range(${rows}))) TO '${file}' (COMPRESSION zstd)`,
  );
}
