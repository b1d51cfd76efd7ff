import type { DatabaseSync } from "node:sqlite";
import type { AuditEntry } from "../../cells/wire/http-settings.ts";

export interface AuditRecord {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly address: string;
  readonly requestId: string;
  readonly details?: unknown;
}

const MOST_ABOUT = 500;

/** Who did what, on what, from where; grows only. */
export class Audit {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  record(entry: AuditRecord, nowMillis: number = Date.now()): void {
    this.#database
      .prepare(
        "INSERT INTO audit (at_millis, actor, action, target, address, request_id, details) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        nowMillis,
        entry.actor,
        entry.action,
        entry.target,
        entry.address,
        entry.requestId,
        JSON.stringify(entry.details ?? null),
      );
  }

  /** The newest entries about these targets, oldest first. */
  about(targets: readonly string[]): AuditEntry[] {
    const marks = targets.map(() => "?").join(", ");
    return this.#database
      .prepare(`SELECT * FROM audit WHERE target IN (${marks}) ORDER BY id DESC LIMIT ${MOST_ABOUT}`)
      .all(...targets)
      .map(toEntry)
      .reverse();
  }

  /** Newest first; `before` is the id to continue below. */
  list(limit: number, before: number | null): AuditEntry[] {
    const rows = this.#database
      .prepare("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?")
      .all(before ?? Number.MAX_SAFE_INTEGER, limit);
    return rows.map(toEntry);
  }
}

const toEntry = (row: Record<string, unknown>): AuditEntry => ({
  id: Number(row.id),
  at: new Date(Number(row.at_millis)).toISOString(),
  actor: String(row.actor),
  action: String(row.action),
  target: String(row.target),
  address: String(row.address),
  requestId: String(row.request_id),
  details: JSON.parse(String(row.details)),
});
