import { findCell } from "../../cells/document/document.ts";
import type { CellRun, SessionState } from "../../cells/session/state.ts";
import type { ColumnSummary, TableView } from "../../cells/wire/socket.ts";
import { type ExportFormat, type SqlEngine, SqlError } from "../engine/sql-engine.ts";
import { collect, resultName } from "./execution.ts";
import type { Access } from "./managed-process.ts";
import { RequestRefused } from "./requests.ts";
import { quoted } from "./scope.ts";
import { KEPT_ROWS, type StoredResults } from "./stored-results.ts";

export interface ResultTablesParts {
  readonly state: () => SessionState;
  readonly engine: Access<SqlEngine>;
  /** Null where nothing is kept. */
  readonly stored: StoredResults | null;
}

/**
 * The rows behind SQL results, paged from the engine while they live there. After a restart the first rows, which were
 * kept on disk, are brought back under a name of their own, so that sorting and filtering work as before.
 */
export class ResultTables {
  readonly #parts: ResultTablesParts;
  readonly #broughtBack = new WeakMap<SqlEngine, Map<string, Promise<void>>>();

  constructor(parts: ResultTablesParts) {
    this.#parts = parts;
  }

  async rows({ cell, run, sort, filters }: TableView, offset: number, limit: number) {
    const { engine, name } = await this.#find(cell, run);
    return engine.page({ name, offset, limit, sort, filters });
  }

  /** The same in pieces, as they are made. */
  async rowPieces({ cell, run, sort, filters }: TableView, offset: number, limit: number) {
    const { engine, name } = await this.#find(cell, run);
    return engine.pages({ name, offset, limit, sort, filters });
  }

  async summarise(cell: string, run: string): Promise<readonly ColumnSummary[]> {
    const { engine, name } = await this.#find(cell, run);
    return engine.summarise(name);
  }

  async export({ cell, run, sort, filters }: TableView, format: ExportFormat, file: string) {
    const { engine, name } = await this.#find(cell, run);
    return engine.export({ name, sort, filters, format, file });
  }

  /** Keeps a run that ended, with the first rows of its table. */
  async keep(cell: string): Promise<void> {
    const { stored, state } = this.#parts;
    if (stored === null) return;
    const run = state().runs[cell];
    const table = run === undefined ? null : await this.#firstRows(cell, run);
    await stored.keep(state(), cell, table);
  }

  async #firstRows(cell: string, run: CellRun): Promise<Uint8Array | null> {
    const found = findCell(this.#parts.state().document, cell);
    const engine = this.#parts.engine.present;
    if (run.result?.table == null || found === undefined || engine === null || run.valuesLost) return null;
    try {
      return await collect(
        engine.query({ sql: `SELECT * FROM ${quoted(resultName(found))} LIMIT ${KEPT_ROWS}`, maxRows: KEPT_ROWS }),
      );
    } catch (error) {
      // An engine that went meanwhile took the rows; the rest of the result is worth keeping.
      if (error instanceof SqlError && (error.kind === "ended" || error.kind === "failed")) return null;
      throw error;
    }
  }

  async #find(cell: string, run: string): Promise<{ readonly engine: SqlEngine; readonly name: string }> {
    const state = this.#parts.state();
    const found = findCell(state.document, cell);
    const present = state.runs[cell];
    if (found === undefined || present?.run !== run || present.result?.table == null)
      throw new RequestRefused(
        "This result was replaced by a newer one.",
        "Ask for the rows of the cell's present run.",
      );
    const engine = await this.#parts.engine.acquire();
    if (!present.valuesLost) return { engine, name: resultName(found) };
    return { engine, name: await this.#bringBack(engine, present) };
  }

  async #bringBack(engine: SqlEngine, run: CellRun): Promise<string> {
    const names = this.#broughtBack.get(engine) ?? new Map<string, Promise<void>>();
    this.#broughtBack.set(engine, names);
    const name = `kept_${run.run}`;
    let coming = names.get(name);
    if (coming === undefined) {
      const kept = this.#parts.stored?.table(run.run) ?? Promise.resolve(null);
      coming = kept.then(async (arrow) => {
        if (arrow === null) throw new RequestRefused("The rows of this result are gone.", "Run the cell again.");
        await engine.register(name, arrow);
      });
      names.set(name, coming);
      coming.catch(() => names.delete(name));
    }
    await coming;
    return name;
  }
}
