import { type Cell, type Document, EMPTY_DOCUMENT, findCell, lastingId } from "../../../cells/document/document.ts";
import { sessionFingerprints } from "../../../cells/session/derived.ts";
import { inputValue } from "../../../cells/session/input-value.ts";
import { openSession, type RestoredSession } from "../../../cells/session/open-session.ts";
import type { Analysis, Operation } from "../../../cells/session/operation.ts";
import { apply } from "../../../cells/session/reducer.ts";
import type { Effect, SessionState } from "../../../cells/session/state.ts";
import { formatFingerprint } from "../../../cells/staleness/fingerprint.ts";

/**
 * A session whose cells are a toy language, run by a toy interpreter: the source `b c data fails slow #1` reads b and
 * c and the data at the as-of, may fail, takes six seconds, and is version 1. A cell's value is its source with the
 * values of what it reads, so that two runs agree exactly when they read the same.
 */
export class Machine {
  state: SessionState;
  readonly operations: Operation[] = [];
  readonly values = new Map<string, string>();
  readonly ran: string[] = [];
  #starts = 0;
  #runs = 0;
  #asOf = 0;

  constructor(document: Document, restored: RestoredSession | null = null) {
    const opened = openSession("test.nb.md", document, restored);
    this.state = opened.state;
    for (const effect of opened.effects) this.#perform(effect);
  }

  apply(operation: Operation): void {
    const { state, effects } = apply(this.state, operation);
    this.state = state;
    this.operations.push(operation);
    for (const effect of effects) this.#perform(effect);
  }

  run(...cells: string[]): this {
    this.apply({ type: "run-requested", cells, force: true, by: "test", at: "" });
    return this;
  }

  edit(id: string, source: string): this {
    const cell = findCell(this.state.document, id)!;
    const revision = (this.state.revisions[id] ?? 0) + 1;
    const changes = [{ from: 0, to: cell.source.length, insert: source }];
    this.apply({ type: "cell-edited", cell: id, revision, changes, origin: "test" });
    return this;
  }

  /** Runs the head of the queue if the reducer asked for a start; false when there was nothing to do. */
  step(finish = true): boolean {
    const id = this.state.queue[0];
    if (this.#starts === 0 || id === undefined || this.state.running !== null) return false;
    this.#starts = 0;
    const run = `r${++this.#runs}`;
    const fingerprint = formatFingerprint(sessionFingerprints(this.state).get(id)!);
    this.apply({ type: "run-started", cell: id, run, fingerprint, at: "2026-01-01T00:00:00Z" });
    this.#begin = { id, run, cell: findCell(this.state.document, id)! };
    if (finish) this.finish();
    return true;
  }
  #begin: { id: string; run: string; cell: Cell } | null = null;

  finish(interrupted = false): void {
    if (this.#begin === null) return;
    const { id, run, cell } = this.#begin;
    this.#begin = null;
    this.ran.push(id);
    const words = cell.source.split(" ");
    const value = interrupted ? null : toyValue(this.state, cell, this.values);
    if (value !== null) this.values.set(id, value);
    this.apply({
      type: "run-ended",
      cell: id,
      run,
      status: interrupted ? "interrupted" : value === null ? "error" : "ok",
      durationMillis: words.includes("slow") ? 6000 : 10,
      at: "2026-01-01T00:00:01Z",
      result: value === null ? null : { table: null, variables: [], readings: [], texts: [] },
      error: value === null && !interrupted ? { message: "it fails" } : null,
    });
  }

  settle(): this {
    this.finish();
    for (let turn = 0; this.step(); turn++) if (turn > 10_000) throw new Error("the queue does not end");
    return this;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "analyse": {
        const cell = findCell(this.state.document, effect.cell);
        if (cell !== undefined) this.apply({ type: "analysed", cell: cell.id, analysis: analysisOf(cell) });
        return;
      }
      case "pin-as-of":
        this.apply({ type: "as-of-pinned", asOf: `as of ${++this.#asOf}`, surroundings: "", window: null });
        return;
      case "start-next":
        this.#starts++;
        return;
      case "interrupt":
        this.finish(true);
        return;
      case "forget":
      case "rename-result":
      case "restart":
      case "set-input":
      case "save":
      case "keep-results":
        return;
    }
  }
}

const WORDS = new Set(["data", "fails", "slow", "broken"]);

export function analysisOf(cell: Cell): Analysis {
  const defines = cell.name === null ? [] : [cell.name];
  if (cell.kind === "input") return { sourceHash: "", defines, reads: [], relations: [], problem: null };
  const words = cell.source.split(" ").filter((word) => word !== "" && !word.startsWith("#"));
  return {
    sourceHash: cell.source,
    defines: [...defines, ...words.filter((word) => word.startsWith("+")).map((word) => word.slice(1))],
    reads: words.filter((word) => !WORDS.has(word) && !/^[+=]/.test(word)),
    assigns: words.filter((word) => word.startsWith("=")).map((word) => word.slice(1)),
    relations: words.includes("data") ? ["s.decisions"] : [],
    problem: words.includes("broken") ? { message: "it does not parse" } : null,
  };
}

/** What a cell gives over the given values of its parents; null when it fails. */
export function toyValue(state: SessionState, cell: Cell, values: ReadonlyMap<string, string>): string | null {
  if (cell.source.split(" ").includes("fails")) return null;
  const { reads, relations } = analysisOf(cell);
  const read = reads.map((name) => {
    const parent = state.document.cells.find((other) => other.name === name);
    if (parent === undefined) return `${name}?`;
    return parent.kind === "input" ? String(inputValue(state, parent)) : (values.get(parent.id) ?? "nothing");
  });
  return `${lastingId(cell)}:${cell.source}(${read.join(",")})${relations.length > 0 ? state.asOf : ""}`;
}

/** Cells called by their names, from `{a: "", b: "a"}`; `slider` is an input. */
export function notebook(cells: Readonly<Record<string, string>>, run: "auto" | "manual" = "auto"): Document {
  return {
    ...EMPTY_DOCUMENT,
    frontMatter: { ...EMPTY_DOCUMENT.frontMatter, run },
    cells: Object.entries(cells).map(([id, source]) => ({
      id,
      kind: id.startsWith("slider") ? "input" : "ts",
      name: id,
      source: id.startsWith("slider") ? "type: number\ndefault: 1" : source,
      attributes: source.includes("manual") ? [["run", "manual"]] : [],
      layout: null,
    })),
  };
}
