import type { DatabaseSync } from "node:sqlite";

/**
 * The lake's tables in `.driftbook/workspace.db`. Written by the loader process alone (or by a command that holds the
 * workspace lock); everyone may read. Times are epoch microseconds of recorded or event time, as the names say.
 *
 * `PRAGMA user_version` counts the steps taken. A step is never edited once released: a change is another step.
 */
const STEPS: readonly string[] = [
  `
CREATE TABLE lake_logs (
  stream TEXT NOT NULL, log TEXT NOT NULL,
  segment TEXT, segment_offset INTEGER NOT NULL DEFAULT 0,
  watermark_micros INTEGER NOT NULL DEFAULT 0,
  last_recorded_micros INTEGER,
  event_max_micros INTEGER,
  PRIMARY KEY (stream, log)
) STRICT, WITHOUT ROWID;
CREATE TABLE lake_first_live (stream TEXT PRIMARY KEY, recorded_micros INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lake_parts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  stream TEXT NOT NULL, log TEXT NOT NULL, path TEXT NOT NULL UNIQUE, day TEXT,
  rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
  event_min_micros INTEGER, event_max_micros INTEGER, recorded_min_micros INTEGER, recorded_max_micros INTEGER,
  import_number INTEGER, columns TEXT NOT NULL,
  problem TEXT, replaced_at_millis INTEGER
) STRICT;
CREATE INDEX lake_parts_live ON lake_parts (stream, log) WHERE replaced_at_millis IS NULL;
CREATE TABLE lake_id_runs (
  position INTEGER PRIMARY KEY, stream TEXT NOT NULL, log TEXT NOT NULL, file TEXT NOT NULL UNIQUE,
  entries INTEGER NOT NULL
) STRICT;
CREATE TABLE lake_imports (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, stream TEXT NOT NULL, log TEXT NOT NULL,
  state TEXT NOT NULL, files TEXT NOT NULL, select_sql TEXT, history INTEGER NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0, quarantined INTEGER NOT NULL DEFAULT 0,
  started_micros INTEGER NOT NULL, ended_micros INTEGER, recorded_micros INTEGER, withdrawn_micros INTEGER, problem TEXT
) STRICT;
CREATE TABLE lake_counters (
  stream TEXT NOT NULL, log TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (stream, log, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE lake_rates (
  stream TEXT NOT NULL, log TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (stream, log, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE lake_supersedes (
  stream TEXT NOT NULL, feedback_id TEXT NOT NULL, supersedes TEXT NOT NULL, import_number INTEGER NOT NULL,
  PRIMARY KEY (stream, feedback_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE lake_replayed (
  stream TEXT NOT NULL, id TEXT NOT NULL, at_micros INTEGER NOT NULL, PRIMARY KEY (stream, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE lake_leases (
  id TEXT PRIMARY KEY, taken_millis INTEGER NOT NULL, until_millis INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
  // Checksum of the whole file; null for parts written before there was one.
  "ALTER TABLE lake_parts ADD COLUMN crc32 INTEGER;",
  // Written by whoever holds the workspace. Windows are ISO 8601 UTC: they may lie beyond what micros hold.
  `
CREATE TABLE marks (
  id TEXT PRIMARY KEY, stream TEXT NOT NULL, window_start TEXT NOT NULL, window_end TEXT NOT NULL, note TEXT NOT NULL,
  excludes INTEGER NOT NULL, made_micros INTEGER NOT NULL, made_by TEXT NOT NULL, removed_micros INTEGER
) STRICT, WITHOUT ROWID;
`,
  // A lease lasts until it is given back, or until another process owns the workspace. Part ids ascend.
  `
DROP TABLE lake_leases;
CREATE TABLE lake_leases (
  id TEXT PRIMARY KEY, taken_millis INTEGER NOT NULL, last_part INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
];

/** Steps known to this program; a workspace.db with more belongs to a newer one. */
export const CATALOG_VERSION: number = STEPS.length;

/**
 * Brings the tables to the present form, each step in its own transaction.
 * @throws Error when the database was written by a newer program.
 */
export function migrateCatalog(database: DatabaseSync, file: string): void {
  const found = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (found > CATALOG_VERSION)
    throw new Error(
      `${JSON.stringify(file)} has catalog version ${found}; this Driftbook reads versions up to ${CATALOG_VERSION}. ` +
        "Open the workspace with the newer Driftbook that wrote it, or restore a backup made by this one.",
    );
  for (let version = found; version < CATALOG_VERSION; version++) {
    database.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have taken the step while this one waited for the lock.
      const now = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
      if (now === version) database.exec(`${STEPS[version]!} PRAGMA user_version = ${version + 1};`);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }
}
