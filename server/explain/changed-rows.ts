import path from "node:path";
import { tableFromIPC } from "@uwdata/flechette";
import type { SqlEngine } from "../../kernels/engine/sql-engine.ts";
import {
  changesFrom,
  changesOf,
  changesSql,
  isCause,
  type RowCause,
} from "../../workspaces/views/compared-relations.ts";

/** Rows that are shown of each cause. */
const MOST_ROWS = 10;

/** What happened to the rows of the streams between two moments, by cause, in the order in which causes are told. */
export interface ChangedRows {
  /** Makes the changes visible to another engine that has the compared relations. */
  readonly statements: readonly string[];
  readonly causes: readonly CountedCause[];
}

export interface CountedCause {
  readonly cause: RowCause;
  readonly rowCount: number;
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

const ORDER = ["decisions-added", "decisions-withdrawn", "labels-arrived", "labels-changed"] as const;

/** Writes the changes of each stream into `folder`, which must be the engine's scratch folder. */
export async function changedRows(
  engine: SqlEngine,
  comparison: readonly string[],
  streams: readonly string[],
  window: { readonly start: string; readonly end: string } | null,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<ChangedRows> {
  await engine.setRelations({ statements: comparison });
  const statements: string[] = [];
  for (const [at, stream] of streams.entries()) {
    const file = path.join(folder, `changes-${at}.parquet`);
    await engine.export({ sql: changesSql(stream, window), format: "parquet", file, signal });
    statements.push(changesFrom(stream, file));
  }
  await engine.setRelations({ statements: [...comparison, ...statements] });
  const ask = async (sql: string): Promise<Record<string, unknown>[]> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of engine.query({ sql, signal })) pieces.push(Uint8Array.from(piece));
    return tableFromIPC(Buffer.concat(pieces), { useBigInt: false }).toArray() as Record<string, unknown>[];
  };
  const all = streams.map((stream) => `SELECT * FROM ${changesOf(stream)}`).join(" UNION ALL ");
  const counted = await ask(
    `SELECT what, CASE WHEN what = 'labels-arrived' THEN source END AS source, count(*)::INTEGER AS n FROM (${all}) GROUP BY ALL ORDER BY source`,
  );
  const causes: CountedCause[] = [];
  for (const what of ORDER)
    for (const row of counted.filter((one) => one.what === what)) {
      const cause: RowCause = what === "labels-arrived" ? { what, source: String(row.source) } : { what };
      const sample = await ask(
        `SELECT decision_id, strftime(decided_at, '%Y-%m-%d %H:%M') AS decided, label_before, label_after, coalesce(source, source_before) AS source
         FROM (${all}) WHERE ${isCause([cause])} ORDER BY decided_at DESC, decision_id LIMIT ${MOST_ROWS}`,
      );
      causes.push({ cause, rowCount: Number(row.n), rows: sample.map(asText) });
    }
  return { statements, causes };
}

const asText = (row: Record<string, unknown>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value == null ? null : String(value)]));
