import type { Applied } from "./applied.ts";
import { automatic, plan } from "./planning.ts";
import type { Effect, SessionState } from "./state.ts";

/**
 * Ends every operation that may change what should run: the queue is planned anew over the present graph (blocked
 * cells leave it, new parents join it), automatic mode adds what it may of `candidates`, and the next cell is started
 * when none runs.
 */
export function keepRunning(
  state: SessionState,
  effects: readonly Effect[],
  candidates: Iterable<string> = [],
): Applied {
  let queue = state.queue.length === 0 ? state.queue : plan(state, state.queue, true);
  const added = automatic({ ...state, queue }, candidates);
  if (added.length > 0) queue = plan(state, [...queue, ...added], true);
  const next = sameQueue(queue, state.queue) ? state : { ...state, queue };
  const starts = next.begun && next.running === null && next.queue.length > 0;
  return { state: next, effects: starts ? [...effects, { type: "start-next" }] : effects };
}

/** The cells that ran before: what automatic mode may run again after a change that no single cell made. */
export function cellsWithRuns(state: SessionState): string[] {
  return Object.keys(state.runs);
}

function sameQueue(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, at) => id === b[at]);
}
