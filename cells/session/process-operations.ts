import { applied, type Reducers, unchanged } from "./applied.ts";
import { keepRunning } from "./keep-running.ts";
import type { SessionState } from "./state.ts";

export const processOperations: Reducers<
  "process-changed" | "values-lost" | "restart-requested" | "saved" | "save-failed"
> = {
  "process-changed": (state, { process, view }) =>
    applied({ ...state, processes: { ...state.processes, [process]: view } }),

  "values-lost": (state, { cells }) => {
    const lost = cells.filter((cell) => state.runs[cell]?.valuesLost === false);
    if (lost.length === 0) return unchanged(state);
    const runs = { ...state.runs };
    for (const cell of lost) runs[cell] = { ...runs[cell]!, valuesLost: true };
    return keepRunning({ ...state, runs }, []);
  },

  "restart-requested": (state) => {
    const next: SessionState = { ...state, queue: [], interrupting: state.running !== null };
    return applied(next, { type: "restart" });
  },

  saved: (state, { hash, at }) => applied({ ...state, saved: { hash, at }, saveProblem: null }),
  "save-failed": (state, { message }) => applied({ ...state, saveProblem: message }),
};
