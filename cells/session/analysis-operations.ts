import { findCell } from "../document/document.ts";
import { type Reducers, unchanged } from "./applied.ts";
import { sessionGraph } from "./derived.ts";
import { cellsWithRuns, keepRunning } from "./keep-running.ts";
import { descendants } from "./planning.ts";
import type { Effect, SessionState } from "./state.ts";

export const analysisOperations: Reducers<"analysed"> = {
  analysed: (state, { cell, analysis }) => {
    const found = findCell(state.document, cell);
    if (found === undefined) return unchanged(state);
    const next: SessionState = { ...state, analyses: { ...state.analyses, [cell]: analysis } };
    const before = state.analyses[cell]?.defines ?? [];
    const names = sessionGraph(next).definedBy;
    const gone = before.filter((name) => !names.has(name));
    const effects: Effect[] = gone.length > 0 ? [{ type: "forget", names: gone }] : [];
    if (found.kind !== "input") return keepRunning(next, effects, cellsWithRuns(next));
    // The text of an input is its default: who reads it may have another value now.
    return keepRunning(
      next,
      [...effects, { type: "set-input", cell }],
      [...cellsWithRuns(next), ...descendants(next, cell)],
    );
  },
};
