import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { readSnapshot } from "./catalog.ts";
import type { CatalogSnapshot } from "./catalog-snapshot.ts";
import { inTransaction } from "./catalog-writer.ts";

export interface HeldSnapshot {
  readonly snapshot: CatalogSnapshot;
  /** May be called again, and after the database was closed. */
  readonly release: () => void;
}

/**
 * What is in the lake now. Its files stay on disk until `release`, whatever replaces them and however long that takes:
 * a notebook reads one moment for as long as it is open.
 */
export function holdSnapshot(database: DatabaseSync, nowMillis: number): HeldSnapshot {
  const id = randomBytes(9).toString("base64url");
  const snapshot = unflushed(database, () =>
    inTransaction(database, () => {
      database.prepare("INSERT INTO lake_leases SELECT ?, ?, coalesce(max(id), 0) FROM lake_parts").run(id, nowMillis);
      return readSnapshot(database);
    }),
  );
  return {
    snapshot,
    release: () => {
      if (database.isOpen) unflushed(database, () => database.prepare("DELETE FROM lake_leases WHERE id = ?").run(id));
    },
  };
}

/** As `holdSnapshot`; what `make` makes of it gives it back. Where that fails it is given back here. */
export function holdFor<T>(database: DatabaseSync, make: (held: HeldSnapshot) => T): T {
  const held = holdSnapshot(database, Date.now());
  try {
    return make(held);
  } catch (error) {
    held.release();
    throw error;
  }
}

/** For who has just come to own the workspace: nobody who held files before can read any more. */
export function endLeases(database: DatabaseSync): void {
  database.exec("DELETE FROM lake_leases");
}

/** Files that were replaced before `beforeMillis` and that no lease holds. */
export function replacedFiles(
  database: DatabaseSync,
  beforeMillis: number,
): readonly { readonly id: number; readonly path: string }[] {
  return database
    .prepare(
      `SELECT id, path FROM lake_parts AS part WHERE replaced_at_millis < ? AND NOT EXISTS (
         SELECT 1 FROM lake_leases WHERE last_part >= part.id AND taken_millis <= part.replaced_at_millis)`,
    )
    .all(beforeMillis)
    .map(({ id, path }) => ({ id: Number(id), path: String(path) }));
}

/** A lease that a power failure undoes was of a process that the failure ended: it need not wait for the disk. */
function unflushed<T>(database: DatabaseSync, write: () => T): T {
  database.exec("PRAGMA synchronous = NORMAL");
  try {
    return write();
  } finally {
    database.exec("PRAGMA synchronous = FULL");
  }
}
