import { fromClause, type Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import { copyStatement } from "./brought-together.ts";

const dialect = duckdbDialect;

/** A cell may measure twice at once, and copies of one name would take each other's place. Names are nowhere shown or kept. */
let made = 0;

export interface Copied {
  readonly selection: Selection;
  /** Of the table. */
  readonly name: string;
  /** What its statements name columns by. */
  readonly texts: readonly string[];
}

/**
 * Rows that a dozen statements read, as tables of the engine, made when the first of them is asked: a dozen statements
 * over a table cost less than over the files. Statements are written, shown and known by the selections themselves; only
 * what the engine is given reads the copies. Of more than `mostRows` there is none, and the files are read.
 */
export class Copies {
  readonly #engine: SqlEngine;
  readonly #signal: AbortSignal;
  readonly #sides: readonly { readonly clause: string; readonly table: string; readonly sql: string }[];
  readonly #mostRows: number;
  /** Whether there is a table of that name, once that is known. */
  readonly #made = new Map<string, Promise<boolean>>();

  constructor(
    { engine, signal }: { readonly engine: SqlEngine; readonly signal: AbortSignal },
    copied: readonly Copied[],
    mostRows: number,
  ) {
    this.#mostRows = mostRows;
    this.#engine = engine;
    this.#signal = signal;
    made += 1;
    const number = made;
    this.#sides = copied
      .map(({ selection, name, texts }) => ({ clause: fromClause(selection, dialect), name, selection, texts }))
      // One may be the beginning of the other.
      .toSorted((a, b) => b.clause.length - a.clause.length)
      .map(({ clause, name, selection, texts }) => ({
        clause,
        table: `(rows of ${name}, copy ${number})`,
        sql: copyStatement(selection, texts),
      }));
  }

  /** The statement over the copies of what it reads. */
  async over(sql: string): Promise<string> {
    let text = sql;
    for (const { clause, table, sql: copy } of this.#sides) {
      const [first, ...rest] = text.split(clause) as [string, ...string[]];
      if (rest.length === 0) continue;
      const coming = this.#made.get(table) ?? this.#make(table, copy);
      this.#made.set(table, coming);
      if (!(await coming)) continue;
      // Further conditions are of the same rows: all others have gone into the copy.
      text = `${first}${rest.map((part) => `FROM ${dialect.name(table)}${part.replace(/^ AND\b/, " WHERE")}`).join("")}`;
    }
    return text;
  }

  /** How many rows there are is known when one more than wanted has come: counting them first would read the files twice. */
  async #make(table: string, copy: string): Promise<boolean> {
    const sql = `${copy} LIMIT ${this.#mostRows + 1}`;
    const { rowCount } = await this.#engine.materialise({ name: table, runId: table, sql, signal: this.#signal });
    if (rowCount <= this.#mostRows) return true;
    await this.#engine.drop(table);
    return false;
  }

  async drop(): Promise<void> {
    for (const [table, coming] of this.#made) {
      // What could not be made is not there; whoever asked was told why.
      if (await coming.catch(() => false)) await this.#engine.drop(table);
    }
    this.#made.clear();
  }
}
