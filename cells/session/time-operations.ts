import { findCell } from "../document/document.ts";
import { applied, type Reducers, unchanged } from "./applied.ts";
import { cellsWithRuns, keepRunning } from "./keep-running.ts";
import { descendants } from "./planning.ts";

export const timeOperations: Reducers<"as-of-pinned" | "newer-events-counted" | "input-moved"> = {
  "as-of-pinned": (state, { asOf, surroundings, window }) => {
    const next = { ...state, asOf, surroundings, newerEvents: 0, window: { ...state.window, resolved: window } };
    return keepRunning(next, [], cellsWithRuns(next));
  },

  "newer-events-counted": (state, { count }) => applied({ ...state, newerEvents: count }),

  "input-moved": (state, { cell, value }) => {
    if (findCell(state.document, cell)?.kind !== "input") return unchanged(state);
    const next = { ...state, inputs: { ...state.inputs, [cell]: value } };
    return keepRunning(next, [{ type: "set-input", cell }], descendants(next, cell));
  },
};
