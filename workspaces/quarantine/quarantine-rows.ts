import { catalogSnapshot } from "../catalog/catalog.ts";
import { PartInspector } from "../lake/part-problems.ts";
import { quoteText } from "../lake/sql-text.ts";
import { QUARANTINE_COLUMNS } from "../lake/stream-shape.ts";
import { rowsOf } from "../loader/lake-engine.ts";
import type { LoaderService } from "../loader/loader-service.ts";
import { partRelation } from "../views/part-relation.ts";
import type { QuarantineDetail } from "../workspace-port.ts";

const EXCERPT_CHARACTERS = 200;
const MOST_SHOWN = 10_000;

interface Wish {
  readonly ids?: readonly string[] | null;
  readonly reason?: string | null;
  readonly limit?: number;
  readonly offset?: number;
}

/** Events in a stream's quarantine, newest first; those of withdrawn imports are left out. */
export async function quarantined(
  service: LoaderService,
  stream: string,
  wish: Wish,
): Promise<{ total: number; details: QuarantineDetail[] }> {
  const { database, engine, lakeFolder } = service.context;
  const snapshot = new PartInspector(service.options.folder).inspect(catalogSnapshot(database));
  const relation = partRelation({
    parts: snapshot.parts.filter(
      (part) => part.stream === stream && part.log === "quarantine" && part.problem === null,
    ),
    lakeFolder,
    columns: QUARANTINE_COLUMNS,
    rule: {
      asOfMicros: Number.MAX_SAFE_INTEGER,
      firstLiveMicros: 0,
      imports: new Map(snapshot.imports.map((row) => [row.number, row])),
    },
  });
  const conditions = [
    ...(wish.ids == null ? [] : [`quarantine_id IN (${wish.ids.map(quoteText).join(", ")})`]),
    ...(wish.reason == null ? [] : [`starts_with(reason, ${quoteText(wish.reason)})`]),
  ];
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const from = `FROM (${relation})${where}`;
  const [counted] = await rowsOf(engine.connection, `SELECT count(*)::DOUBLE AS total ${from}`);
  const rows = await rowsOf(
    engine.connection,
    `SELECT quarantine_id, log, strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS recorded_at, kind, reason, source, raw, raw_is_base64
     ${from} ORDER BY recorded_at DESC, quarantine_id LIMIT ${wish.limit ?? MOST_SHOWN} OFFSET ${wish.offset ?? 0}`,
  );
  const replayed = new Set(
    database
      .prepare("SELECT id FROM lake_replayed WHERE stream = ?")
      .all(stream)
      .map((row) => String(row.id)),
  );
  const details = rows.map((row): QuarantineDetail => {
    const raw = String(row.raw ?? "");
    const isBase64 = row.raw_is_base64 === true;
    return {
      id: String(row.quarantine_id),
      stream,
      log: row.log as QuarantineDetail["log"],
      recordedAt: String(row.recorded_at),
      reason: String(row.reason),
      kind: row.kind as QuarantineDetail["kind"],
      source: String(row.source),
      replayed: replayed.has(String(row.quarantine_id)),
      excerpt: raw.slice(0, EXCERPT_CHARACTERS),
      raw: isBase64 ? Buffer.from(raw, "base64").toString("latin1") : raw,
      rawBase64: isBase64 ? raw : null,
    };
  });
  return { total: Number(counted?.total ?? 0), details };
}

/** Sent in again as new events: they stay in the quarantine, marked. */
export function markReplayed(service: LoaderService, stream: string, ids: readonly string[]): void {
  const { database } = service.context;
  const insert = database.prepare("INSERT OR IGNORE INTO lake_replayed VALUES (?, ?, ?)");
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const id of ids) insert.run(stream, id, Date.now() * 1000);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
