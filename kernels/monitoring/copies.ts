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
 * what the engine is given reads the copies.
 */
export class Copies {
  readonly #engine: SqlEngine;
  readonly #signal: AbortSignal;
  readonly #sides: readonly { readonly clause: string; readonly table: string; readonly sql: string }[];
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(
    { engine, signal }: { readonly engine: SqlEngine; readonly signal: AbortSignal },
    copied: readonly Copied[],
  ) {
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
      let coming = this.#made.get(table);
      if (coming === undefined) {
        coming = this.#engine.materialise({ name: table, runId: table, sql: copy, signal: this.#signal });
        this.#made.set(table, coming);
      }
      await coming;
      // Further conditions are of the same rows: all others have gone into the copy.
      text = `${first}${rest.map((part) => `FROM ${dialect.name(table)}${part.replace(/^ AND\b/, " WHERE")}`).join("")}`;
    }
    return text;
  }

  async drop(): Promise<void> {
    for (const [table, coming] of this.#made) {
      const [outcome] = await Promise.allSettled([coming]);
      // What could not be made is not there; whoever asked was told why.
      if (outcome.status === "fulfilled") await this.#engine.drop(table);
    }
  }
}
