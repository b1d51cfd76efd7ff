import { tableFromIPC } from "@uwdata/flechette";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import { collect } from "./execution.ts";

/** How many rows the logs of a stream have at the as-of that the engine's relations are of. */
export interface StreamRows {
  readonly stream: string;
  readonly decisions: number;
  readonly feedback: number;
}

export async function countRows(engine: SqlEngine, streams: readonly string[]): Promise<StreamRows[]> {
  const counts = streams.map(
    (stream, at) =>
      `SELECT ${at} AS place, (SELECT count(*) FROM ${duckdbDialect.name(stream)}.decisions) AS decisions,
        (SELECT count(*) FROM ${duckdbDialect.name(stream)}.feedback) AS feedback`,
  );
  const rows = tableFromIPC(
    await collect(engine.query({ sql: `${counts.join(" UNION ALL ")} ORDER BY place` })),
  ).toArray();
  return rows.map(({ decisions, feedback }, at) => ({
    stream: streams[at]!,
    decisions: Number(decisions),
    feedback: Number(feedback),
  }));
}
