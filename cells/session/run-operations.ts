import { findCell } from "../document/document.ts";
import type { Display } from "../results/display.ts";
import { type Applied, applied, type Reducers, unchanged, without } from "./applied.ts";
import { keepRunning } from "./keep-running.ts";
import { descendants, followers, plan } from "./planning.ts";
import type { CellRun, Effect, SessionState } from "./state.ts";

export const runOperations: Reducers<
  | "run-requested"
  | "run-started"
  | "displayed"
  | "logged"
  | "progressed"
  | "run-ended"
  | "redrawn"
  | "interrupt-requested"
  | "outputs-cleared"
> = {
  "run-requested": (state, { cells, force }) => {
    const next: SessionState = { ...state, begun: true };
    const asked = plan(next, [...state.queue, ...plan(next, cells, force)], true);
    const after = force ? followers({ ...next, queue: asked }, cells) : [];
    const queue = after.length === 0 ? asked : plan(next, [...asked, ...after], true);
    if (state.begun && state.asOf !== null) return keepRunning({ ...next, queue }, []);
    return applied({ ...next, queue }, { type: "pin-as-of" });
  },

  "run-started": (state, { cell, run, fingerprint, at }) => {
    if (findCell(state.document, cell) === undefined) return unchanged(state);
    const started: CellRun = {
      run,
      status: "running",
      fingerprint,
      startedAt: at,
      endedAt: null,
      durationMillis: null,
      progress: null,
      displays: [],
      logs: [],
      result: null,
      error: null,
      valuesLost: false,
    };
    const queue = state.queue.filter((waiting) => waiting !== cell);
    return applied({ ...state, queue, running: cell, interrupting: false, runs: { ...state.runs, [cell]: started } });
  },

  displayed: (state, { cell, run, display }) =>
    inRun(state, cell, run, (current) => ({
      ...current,
      displays: [...current.displays, display as unknown as Display],
    })),

  logged: (state, { cell, run, stream, text }) =>
    inRun(state, cell, run, (current) => {
      const last = current.logs.at(-1);
      if (last?.stream !== stream) return { ...current, logs: [...current.logs, { stream, text }] };
      return { ...current, logs: current.logs.with(-1, { stream, text: last.text + text }) };
    }),

  progressed: (state, { cell, run, fraction, message }) =>
    inRun(state, cell, run, (current) => ({ ...current, progress: { fraction, message } })),

  "run-ended": (state, { cell, run, status, durationMillis, at, result, error }) => {
    const current = state.runs[cell];
    // The result of a run that another one replaced comes too late.
    if (current?.run !== run || current.status !== "running") return unchanged(state);
    const ended: CellRun = { ...current, status, durationMillis, endedAt: at, progress: null, result, error };
    const next: SessionState = {
      ...state,
      runs: { ...state.runs, [cell]: ended },
      running: state.running === cell ? null : state.running,
      interrupting: false,
    };
    const effects: Effect[] = [{ type: "keep-results", cell }];
    const below = descendants(next, cell);
    if (status === "ok") return keepRunning(next, effects, below);
    return keepRunning({ ...next, queue: next.queue.filter((id) => !below.has(id)) }, effects);
  },

  redrawn: (state, { cell, run, index, display }) =>
    inRun(state, cell, run, (current) =>
      index < 0 || index >= current.displays.length
        ? current
        : { ...current, displays: current.displays.with(index, display as unknown as Display) },
    ),

  "interrupt-requested": (state) => {
    const next = { ...state, queue: [], interrupting: state.running !== null };
    return state.running === null ? applied(next) : applied(next, { type: "interrupt" });
  },

  "outputs-cleared": (state, { cells }) => {
    const idle = cells.filter((cell) => cell !== state.running && Object.hasOwn(state.runs, cell));
    if (idle.length === 0) return unchanged(state);
    let { runs } = state;
    for (const cell of idle) runs = without(runs, cell);
    return keepRunning(
      { ...state, runs },
      idle.map((cell): Effect => ({ type: "keep-results", cell })),
    );
  },
};

/** Applies `change` when `run` is the newest of the cell. */
function inRun(state: SessionState, cell: string, run: string, change: (current: CellRun) => CellRun): Applied {
  const current = state.runs[cell];
  if (current?.run !== run) return unchanged(state);
  const next = change(current);
  return next === current ? unchanged(state) : applied({ ...state, runs: { ...state.runs, [cell]: next } });
}
