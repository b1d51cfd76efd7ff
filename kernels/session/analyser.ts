import { type Cell, findCell } from "../../cells/document/document.ts";
import type { Analysis, Operation } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { digest } from "../../cells/staleness/digest.ts";

export interface AnalyserParts {
  readonly state: () => SessionState;
  readonly dispatch: (operation: Operation) => void;
  readonly analyse: (cell: Cell) => Analysis | Promise<Analysis>;
  readonly failed: (error: unknown, cell: string) => void;
}

/**
 * Keeps analyses up to date: of several edits of one cell only the last is analysed, and an analysis whose text is
 * already gone is not told. `settled` resolves when every text of the moment is analysed.
 */
export class Analyser {
  readonly #parts: AnalyserParts;
  readonly #waiting = new Set<string>();
  #working: Promise<void> | null = null;

  constructor(parts: AnalyserParts) {
    this.#parts = parts;
  }

  add(cell: string): void {
    this.#waiting.add(cell);
    // One turn later: an edit and what follows from it at once are one analysis.
    this.#working ??= Promise.resolve().then(() => this.#work());
  }

  async settled(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const cells = [...this.#waiting];
        this.#waiting.clear();
        await Promise.all(cells.map((id) => this.#one(id)));
      }
    } finally {
      this.#working = null;
    }
  }

  async #one(id: string): Promise<void> {
    const cell = findCell(this.#parts.state().document, id);
    if (cell === undefined) return;
    const analysis = await this.#analysisOf(cell);
    const present = findCell(this.#parts.state().document, id);
    if (present === undefined || sourceHash(present) !== analysis.sourceHash) return;
    const known = this.#parts.state().analyses[id];
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(analysis)) return;
    this.#parts.dispatch({ type: "analysed", cell: id, analysis });
  }

  /** An analysis that breaks is a problem of that cell, and of ours: it is logged as well. */
  async #analysisOf(cell: Cell): Promise<Analysis> {
    try {
      return await this.#parts.analyse(cell);
    } catch (error) {
      this.#parts.failed(error, cell.id);
      const message = `This cell could not be analysed: ${error instanceof Error ? error.message : String(error)}`;
      const defines = cell.name === null ? [] : [cell.name];
      return { sourceHash: sourceHash(cell), defines, reads: [], relations: [], problem: { message } };
    }
  }
}

/** Of all that an analysis depends on. */
export function sourceHash(cell: Cell): string {
  return digest(`${cell.kind}\n${cell.name ?? ""}\n${cell.source}`);
}
