import { type Cell, findCell } from "../../cells/document/document.ts";
import { KINDS } from "../../cells/kinds/kinds.ts";
import { judgedReadings, type Reading } from "../../cells/results/reading.ts";
import { sessionGraph } from "../../cells/session/derived.ts";
import { inputSpecOf, inputValue } from "../../cells/session/input-value.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import { collect, resultName } from "./execution.ts";
import type { Access } from "./managed-process.ts";
import { CellProblem } from "./outcome.ts";
import type { KernelValue, SessionKernel } from "./session-kernel.ts";

/** A SQL result that is larger does not travel to TypeScript. */
export const TABLE_LIMIT = { rows: 1_000_000, bytes: 256 * 1024 * 1024 };

export interface ScopeParts {
  readonly state: () => SessionState;
  readonly engine: Access<SqlEngine>;
  readonly kernel: Access<SessionKernel>;
  /** Why the session's window means nothing, as a sentence; null when it does. */
  readonly windowProblem: () => string | null;
  /** What a window's notation means in this session. */
  readonly resolveWindow: (text: string) => { readonly window: ResolvedWindow | null; readonly problem: string | null };
}

/**
 * Keeps the two processes' names in step with the session: what a cell reads is brought to where it runs, once per
 * content. What was brought is remembered per process, by identity, so that a new process gets everything again.
 */
export class Scope {
  readonly #parts: ScopeParts;
  readonly #assigned = new WeakMap<SessionKernel, Map<string, string>>();
  readonly #registered = new WeakMap<SqlEngine, Map<string, string>>();

  constructor(parts: ScopeParts) {
    this.#parts = parts;
  }

  /** The value of an input, the window or the as-of, without any process; undefined for every other name. */
  plain(name: string): KernelValue | undefined {
    const state = this.#parts.state();
    if (name === "asOf") return { type: "time", iso: state.asOf ?? "" };
    if (name === "window") return this.#window(state);
    const cell = this.#definer(state, name);
    return cell?.kind === "input" ? this.#input(state, cell) : undefined;
  }

  /** Brings what `names` mean to the kernel, where they live elsewhere. */
  async bringToKernel(names: readonly string[], kernel: SessionKernel, signal: AbortSignal): Promise<void> {
    const state = this.#parts.state();
    const known = this.#assigned.get(kernel) ?? new Map<string, string>();
    this.#assigned.set(kernel, known);
    for (const name of names) {
      const plain = this.plain(name);
      if (plain !== undefined) {
        const content = JSON.stringify(plain);
        if (known.get(name) === content) continue;
        await kernel.assign(name, plain);
        known.set(name, content);
        continue;
      }
      const cell = this.#definer(state, name);
      if (cell === undefined || !KINDS[cell.kind].givesTable) continue;
      const run = state.runs[cell.id];
      if (run?.result?.table == null || known.get(name) === run.run) continue;
      const arrow = await this.#table(cell, run.result.table.rowCount, signal);
      const properties = cell.kind === "kpi" ? wholeValues(run.result.readings) : {};
      await kernel.assign(name, { type: "table", arrow, properties });
      known.set(name, run.run);
    }
  }

  /** Whether a SQL cell reads names of TypeScript cells, as relations or in `${…}`. */
  readsTypeScript({ id }: Cell): boolean {
    const state = this.#parts.state();
    return (state.analyses[id]?.reads ?? []).some(
      (name) => this.#definer(state, this.#asDefined(state, name))?.kind === "ts",
    );
  }

  /** Brings tables and arrays that TypeScript cells define to the engine, as relations. */
  async bringToEngine(names: readonly string[], engine: SqlEngine): Promise<void> {
    const state = this.#parts.state();
    const known = this.#registered.get(engine) ?? new Map<string, string>();
    this.#registered.set(engine, known);
    for (const written of names) {
      const name = this.#asDefined(state, written);
      const cell = this.#definer(state, name);
      if (cell?.kind === "input")
        throw new CellProblem(`"${name}" is an input, not a table.`, `Use its value as \${${name}}.`);
      if (cell?.kind !== "ts") continue;
      const run = state.runs[cell.id]?.run ?? "";
      if (known.get(name) === run) continue;
      const kernel = await this.#parts.kernel.acquire();
      await engine.register(name, await kernel.exportTable(name));
      known.set(name, run);
    }
  }

  /** The kernel lost all names without ending: everything is brought again. */
  kernelForgot(kernel: SessionKernel): void {
    this.#assigned.delete(kernel);
  }

  /** Names that no cell defines any more. */
  async forget(names: readonly string[]): Promise<void> {
    const { engine, kernel } = this.#parts;
    if (kernel.present !== null) {
      for (const name of names) this.#assigned.get(kernel.present)?.delete(name);
      await kernel.present.forget(names);
    }
    if (engine.present !== null)
      for (const name of names) {
        this.#registered.get(engine.present)?.delete(name);
        await engine.present.drop(name);
      }
  }

  async renameResult(from: string, to: string): Promise<void> {
    await this.#parts.engine.present?.rename(from, to);
  }

  async #table(cell: Cell, rows: number, signal: AbortSignal): Promise<Uint8Array> {
    const name = resultName(cell);
    if (rows > TABLE_LIMIT.rows)
      throw new CellProblem(
        `"${name}" has ${rows.toLocaleString("en")} rows; TypeScript cells get at most ${TABLE_LIMIT.rows.toLocaleString("en")}.`,
        `Aggregate in SQL first, or read a part of it with sql\`SELECT … FROM ${name}\`.`,
      );
    const engine = await this.#parts.engine.acquire();
    return collect(
      engine.query({
        sql: `SELECT * FROM ${quoted(name)}`,
        signal,
        maxRows: TABLE_LIMIT.rows,
        maxBytes: TABLE_LIMIT.bytes,
      }),
    );
  }

  /** SQL finds a relation whatever the case of its letters. */
  #asDefined(state: SessionState, name: string): string {
    const { definedBy } = sessionGraph(state);
    if (definedBy.has(name)) return name;
    return [...definedBy.keys()].find((defined) => defined.toLowerCase() === name.toLowerCase()) ?? name;
  }

  #definer(state: SessionState, name: string): Cell | undefined {
    const id = sessionGraph(state).definedBy.get(name)?.[0];
    return id === undefined ? undefined : findCell(state.document, id);
  }

  #input(state: SessionState, cell: Cell): KernelValue {
    const value = inputValue(state, cell);
    const type = inputSpecOf(cell)?.type;
    if (type === "date" && typeof value === "string") return { type: "date", iso: value };
    if (type !== "window") return { type: "json", value };
    if (typeof value !== "string") return this.#window(state);
    const { window, problem } = this.#parts.resolveWindow(value);
    if (window === null) throw new CellProblem(`The window "${value}" of "${resultName(cell)}": ${problem}.`);
    return { type: "window", ...window };
  }

  #window(state: SessionState): KernelValue {
    const { resolved } = state.window;
    if (resolved !== null) return { type: "window", ...resolved };
    const problem = this.#parts.windowProblem();
    throw new CellProblem(
      problem === null
        ? "This cell reads the window, and the notebook has none."
        : `The notebook's window: ${problem}.`,
      "Set one in the head bar, for instance: last 28 days.",
    );
  }
}

/** A kpi's values over all rows of its whole window, by metric: they come before those of slices and chunks. */
function wholeValues(readings: readonly Reading[]): Record<string, number | null> {
  const found: Record<string, number | null> = {};
  for (const { metric, slice, value } of judgedReadings(readings))
    if (slice === null && !Object.hasOwn(found, metric)) found[metric] = value;
  return found;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
