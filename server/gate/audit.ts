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

  /** Newest first; `before` is the id to continue below. */
  list(limit: number, before: number | null): AuditEntry[] {
    const rows = this.#database
      .prepare("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?")
      .all(before ?? Number.MAX_SAFE_INTEGER, limit);
    return rows.map((row) => ({
      id: Number(row.id),
      at: new Date(Number(row.at_millis)).toISOString(),
      actor: String(row.actor),
      action: String(row.action),
      target: String(row.target),
      address: String(row.address),
      requestId: String(row.request_id),
      details: JSON.parse(String(row.details)),
    }));
  }
}
