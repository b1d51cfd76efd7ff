import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * `.driftbook/monitor.db`: versions, ticks, runs, their readings, alerts, outbox and reports, so that what belongs
 * together changes in one transaction. Written by the server alone; every store makes its own tables.
 */
export function openMonitorDatabase(folder: string): DatabaseSync {
  mkdirSync(path.join(folder, ".driftbook"), { recursive: true });
  const database = new DatabaseSync(path.join(folder, ".driftbook", "monitor.db"), { timeout: 10_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  return database;
}

/** All of `work` or nothing. Inside another transaction it joins that one. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  database.exec("BEGIN IMMEDIATE");
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
