import type { DatabaseSync } from "node:sqlite";

/** To a table that an earlier version of the program made: last, as where the table is made now. */
export function addMissingColumn(database: DatabaseSync, table: string, column: string, type: string): void {
  const columns = database.prepare(`PRAGMA table_info(${table})`).all();
  if (!columns.some(({ name }) => name === column)) database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
}
