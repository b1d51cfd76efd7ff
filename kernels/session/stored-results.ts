import { type Document, lastingId } from "../../cells/document/document.ts";
import type { RestoredSession } from "../../cells/session/open-session.ts";
import type { CellRun, SessionState } from "../../cells/session/state.ts";
import type { ResultsStore } from "./ports.ts";

/** Rows of a result that are kept on disk, so that its table can be paged after a restart. */
export const KEPT_ROWS = 10_000;

/** The piece called `session`: what the results depend on, and which run each cell shows, by the cell's lasting id. */
interface Index {
  readonly format: 1;
  readonly asOf: string | null;
  readonly surroundings: string;
  readonly window: SessionState["window"];
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly runs: Readonly<Record<string, string>>;
  /** The newest run, so that a list of notebooks reads only this. */
  readonly lastRun: LastRun | null;
}

export interface LastRun {
  readonly at: string;
  readonly status: CellRun["status"];
}

export function newestRun(runs: Readonly<Record<string, Pick<CellRun, "startedAt" | "status">>>): LastRun | null {
  let newest: LastRun | null = null;
  for (const { startedAt, status } of Object.values(runs))
    if (newest === null || startedAt > newest.at) newest = { at: startedAt, status };
  return newest;
}

/** When a notebook that nobody has open was last run, and how that ended; null when that is not known. */
export async function lastRun(store: ResultsStore): Promise<LastRun | null> {
  const bytes = await store.load(INDEX);
  if (bytes === null) return null;
  try {
    return (JSON.parse(decoder.decode(bytes)) as Partial<Index>).lastRun ?? null;
  } catch {
    return null; // Torn by a power cut: results can be made again.
  }
}

const INDEX = "session";
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const encode = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/**
 * Results that outlive the session. The index is written last, so that it never names a run that is not there; what it
 * no longer names is removed after. Writes are serial on purpose: they replace each other.
 */
export class StoredResults {
  readonly #store: ResultsStore;
  #turn: Promise<void> = Promise.resolve();
  #known: Readonly<Record<string, string>> = {};

  constructor(store: ResultsStore) {
    this.#store = store;
  }

  /** What an earlier session of this notebook left; null when there is nothing, or nothing that can be read. */
  async load(document: Document): Promise<RestoredSession | null> {
    const index = await this.#read<Index>(INDEX);
    if (index?.format !== 1) return null;
    this.#known = index.runs;
    const runs: Record<string, CellRun> = {};
    const inputs: Record<string, unknown> = {};
    for (const cell of document.cells) {
      const name = lastingId(cell);
      const id = Object.hasOwn(index.runs, name) ? index.runs[name] : undefined;
      const run = id === undefined ? null : await this.#read<CellRun>(`run-${id}`);
      if (run !== null) runs[cell.id] = run;
      if (cell.kind === "input" && Object.hasOwn(index.inputs, name)) inputs[cell.id] = index.inputs[name];
    }
    const { asOf, surroundings, window } = index;
    return { runs, inputs, asOf, surroundings, window };
  }

  /** The first rows of a kept result as Arrow. */
  table(run: string): Promise<Uint8Array | null> {
    return this.#store.load(`table-${run}`);
  }

  /** Keeps the state's runs; `cell` is the one that changed, `table` its first rows if it has some. */
  keep(state: SessionState, cell: string, table: Uint8Array | null): Promise<void> {
    const turn = this.#turn.then(async () => {
      const run = state.runs[cell];
      if (run !== undefined && run.status !== "running") {
        if (table !== null) await this.#store.keep(`table-${run.run}`, table);
        await this.#store.keep(`run-${run.run}`, encode(run));
      }
      await this.#keepIndex(state);
    });
    this.#turn = turn.catch(() => undefined); // Told by the caller's promise; the next write goes on.
    return turn;
  }

  async #keepIndex(state: SessionState): Promise<void> {
    const runs: Record<string, string> = {};
    const inputs: Record<string, unknown> = {};
    for (const cell of state.document.cells) {
      const name = lastingId(cell);
      const run = state.runs[cell.id];
      // While a cell runs again its earlier result stays the kept one.
      if (run !== undefined && run.status !== "running") runs[name] = run.run;
      else if (run !== undefined && Object.hasOwn(this.#known, name)) runs[name] = this.#known[name]!;
      if (Object.hasOwn(state.inputs, cell.id)) inputs[name] = state.inputs[cell.id];
    }
    const { asOf, surroundings, window } = state;
    const index: Index = { format: 1, asOf, surroundings, window, inputs, runs, lastRun: newestRun(state.runs) };
    await this.#store.keep(INDEX, encode(index));
    const named = new Set(Object.values(runs));
    const gone = Object.values(this.#known).filter((run) => !named.has(run));
    this.#known = runs;
    for (const run of gone) {
      await this.#store.keep(`run-${run}`, null);
      await this.#store.keep(`table-${run}`, null);
    }
  }

  async #read<Piece>(name: string): Promise<Piece | null> {
    const bytes = await this.#store.load(name);
    if (bytes === null) return null;
    try {
      return JSON.parse(decoder.decode(bytes)) as Piece;
    } catch (error) {
      // Written by another version or cut short: such a result is not shown, and its cell runs again.
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
}
