import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

/** Statements of one database, each prepared once: preparing costs more than most of them. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #known = new Map<string, StatementSync>();
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#of(sql).all(...values) as Row[];
  }

  get(sql: string, ...values: SQLInputValue[]): Row | null {
    return (this.#of(sql).get(...values) as Row | undefined) ?? null;
  }

  /** @returns how many rows it changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#of(sql).run(...values).changes);
  }

  #of(sql: string): StatementSync {
    let statement = this.#known.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#known.set(sql, statement);
    }
    return statement;
  }
}
