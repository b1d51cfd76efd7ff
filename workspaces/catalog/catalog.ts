import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrateCatalog } from "./catalog-schema.ts";
import type { CatalogSnapshot, ImportRow, LogState, Part } from "./catalog-snapshot.ts";

/** How long a writer waits for another process's transaction. All transactions here are tiny. */
const BUSY_MILLIS = 10_000;

/** Opens `.driftbook/workspace.db`, creating and migrating it. Synchronous = FULL: a commit that was told survives. */
export function openCatalogDatabase(folder: string): DatabaseSync {
  const file = path.join(folder, ".driftbook", "workspace.db");
  mkdirSync(path.dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: BUSY_MILLIS });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  migrateCatalog(database, file);
  return database;
}

type Row = Record<string, unknown>;
const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));

/** Everything a reader needs, of one moment: one read transaction. */
export function catalogSnapshot(database: DatabaseSync): CatalogSnapshot {
  database.exec("BEGIN");
  try {
    return readSnapshot(database);
  } finally {
    database.exec("COMMIT");
  }
}

/** As `catalogSnapshot`, inside of the caller's transaction. */
export function readSnapshot(database: DatabaseSync): CatalogSnapshot {
  const logs = database.prepare("SELECT * FROM lake_logs").all().map(toLog);
  const parts = database
    .prepare("SELECT * FROM lake_parts WHERE replaced_at_millis IS NULL ORDER BY event_min_micros, id")
    .all()
    .map(toPart);
  const imports = database.prepare("SELECT * FROM lake_imports ORDER BY number").all().map(toImport);
  const firstLive = new Map(
    database
      .prepare("SELECT stream, recorded_micros FROM lake_first_live")
      .all()
      .map((row) => [String(row.stream), Number(row.recorded_micros)]),
  );
  return { logs, parts, imports, firstLiveMicros: firstLive, takenAtMillis: Date.now() };
}

function toLog(row: Row): LogState {
  return {
    stream: String(row.stream),
    log: row.log as LogState["log"],
    watermarkMicros: Number(row.watermark_micros),
    lastRecordedMicros: number(row.last_recorded_micros),
    eventMaxMicros: number(row.event_max_micros),
  };
}

function toPart(row: Row): Part {
  return {
    id: Number(row.id),
    stream: String(row.stream),
    log: row.log as Part["log"],
    path: String(row.path),
    day: row.day === null ? null : String(row.day),
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    crc32: number(row.crc32),
    eventMinMicros: number(row.event_min_micros),
    eventMaxMicros: number(row.event_max_micros),
    recordedMinMicros: number(row.recorded_min_micros),
    recordedMaxMicros: number(row.recorded_max_micros),
    importNumber: number(row.import_number),
    columns: JSON.parse(String(row.columns)) as Part["columns"],
    problem: row.problem === null ? null : String(row.problem),
  };
}

export function toImport(row: Row): ImportRow {
  return {
    number: Number(row.number),
    id: String(row.id),
    stream: String(row.stream),
    log: row.log as ImportRow["log"],
    state: row.state as ImportRow["state"],
    files: JSON.parse(String(row.files)) as string[],
    select: row.select_sql === null ? null : String(row.select_sql),
    history: Number(row.history) === 1,
    accepted: Number(row.accepted),
    duplicates: Number(row.duplicates),
    quarantined: Number(row.quarantined),
    startedMicros: Number(row.started_micros),
    endedMicros: number(row.ended_micros),
    recordedMicros: number(row.recorded_micros),
    withdrawnMicros: number(row.withdrawn_micros),
    problem: row.problem === null ? null : String(row.problem),
  };
}
