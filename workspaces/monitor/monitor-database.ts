import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

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
  const { begin, commit, rollback } = bracketsOf(database);
  begin.run();
  try {
    const value = work();
    commit.run();
    return value;
  } catch (error) {
    if (database.isTransaction) rollback.run(); // A full disk may have ended it already.
    throw error;
  }
}

interface Brackets {
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly rollback: StatementSync;
}
const brackets = new WeakMap<DatabaseSync, Brackets>();

/** Prepared once: small transactions are many, and reading the words costs as much as a small write. */
function bracketsOf(database: DatabaseSync): Brackets {
  let known = brackets.get(database);
  if (known === undefined) {
    const [begin, commit, rollback] = ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].map((words) => database.prepare(words));
    known = { begin: begin!, commit: commit!, rollback: rollback! };
    brackets.set(database, known);
  }
  return known;
}
