import type { DatabaseSync } from "node:sqlite";
import { Statements } from "../monitor/statements.ts";
import { makeJobTables } from "./jobs-schema.ts";

/** Which notebooks were given other paths, and when: what was frozen names the path of its time. */
export class NotebookMoves {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    makeJobTables(database);
    this.#sql = new Statements(database);
  }

  record(from: string, to: string, atMillis: number): void {
    this.#sql.run(
      "INSERT INTO notebook_moves (moved_at_millis, from_path, to_path) VALUES (?, ?, ?)",
      atMillis,
      from,
      to,
    );
  }

  /** The path now of the notebook that had this one then. */
  since(path: string, thenMillis: number): string {
    return this.#sql
      .all("SELECT from_path, to_path FROM notebook_moves WHERE moved_at_millis >= ? ORDER BY number", thenMillis)
      .reduce((now, move) => (move.from_path === now ? String(move.to_path) : now), path);
  }
}
