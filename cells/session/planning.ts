import { reachable } from "../dataflow/topology.ts";
import { attributeOf, type Cell, findCell } from "../document/document.ts";
import { parseFingerprint } from "../staleness/fingerprint.ts";
import { cellStatus, failedAncestor, isFresh, isPresent, isStatic } from "./cell-status.ts";
import { sessionFingerprints, sessionGraph } from "./derived.ts";
import type { SessionState } from "./state.ts";

/** A cell that took longer does not run by itself. */
const SLOW_MILLIS = 5000;

/**
 * The queue that serves a request: the cells asked for, and above them every cell whose values are stale or gone, in
 * graph order. Without `force` a fresh cell that was asked for is left alone. Blocked and static cells never wait.
 */
export function plan(state: SessionState, asked: Iterable<string>, force: boolean): string[] {
  const { order, parents, blocked } = sessionGraph(state);
  const cells = new Map(state.document.cells.map((cell) => [cell.id, cell]));
  const wanted = new Set<string>();
  const visited = new Set<string>();
  const above: string[] = [];
  const take = (id: string, needed: boolean): void => {
    const cell = cells.get(id);
    if (cell === undefined || wanted.has(id) || isStatic(cell) || blocked.has(id)) return;
    // What is being interrupted gives no value: whoever asks again is served after it ended.
    if (state.running === id && isPresent(state, id) && !state.interrupting) return;
    if (!needed) return;
    wanted.add(id);
    above.push(id);
  };
  for (const id of asked) take(id, force || !isFresh(state, id));
  for (let id = above.pop(); id !== undefined; id = above.pop()) {
    if (visited.has(id)) continue;
    visited.add(id);
    for (const parent of parents.get(id) ?? []) take(parent, !isFresh(state, parent, { withValues: true }));
  }
  return order.filter((id) => wanted.has(id));
}

/** Cells that depend on `id`, directly or not. */
export function descendants(state: SessionState, id: string): Set<string> {
  return reachable([id], sessionGraph(state).children);
}

/**
 * Which of `candidates` automatic mode runs now. It runs only text that a user ran before, or that stood in the file
 * when the session was opened and whose parents a user ran: half a line being typed never runs by itself.
 */
export function automatic(state: SessionState, candidates: Iterable<string>): string[] {
  if (!state.begun || state.mode !== "automatic") return [];
  const waiting = [...candidates].filter((id) => {
    const standing = cellStatus(state, id).state;
    return (standing === "stale" || standing === "never") && !isPresent(state, id);
  });
  return runningByThemselves(state, waiting);
}

/**
 * In automatic mode what a user runs again is followed by what reads it, fresh or not: it may give another value.
 * `state.queue` holds the cells asked for already.
 */
export function followers(state: SessionState, asked: readonly string[]): string[] {
  if (state.mode !== "automatic") return [];
  const below = reachable(asked, sessionGraph(state).children);
  return runningByThemselves(
    state,
    [...below].filter((id) => state.runs[id]?.status === "ok"),
  );
}

/** Those that may run, and whose parents are there or may run as well. */
function runningByThemselves(state: SessionState, candidates: readonly string[]): string[] {
  if (candidates.length === 0) return [];
  const graph = sessionGraph(state);
  const known = new Map<string, boolean>();
  const runsByItself = (id: string): boolean => {
    let answer = known.get(id);
    if (answer !== undefined) return answer;
    known.set(id, false);
    const cell = findCell(state.document, id);
    answer = cell !== undefined && !graph.blocked.has(id) && (isStatic(cell) || mayRun(state, cell));
    answer &&= graph.parents.get(id)!.every((parent) => isReady(state, parent) || runsByItself(parent));
    known.set(id, answer);
    return answer;
  };
  return candidates.filter(runsByItself);
}

function isReady(state: SessionState, id: string): boolean {
  const cell = findCell(state.document, id);
  if (cell === undefined || sessionGraph(state).blocked.has(id)) return false;
  if (isStatic(cell) || state.queue.includes(id)) return true;
  return isFresh(state, id, { withValues: true }) || (state.running === id && isPresent(state, id));
}

function mayRun(state: SessionState, cell: Cell): boolean {
  if (attributeOf(cell, "run") === "manual" || failedAncestor(state, cell.id) !== null) return false;
  const run = state.runs[cell.id];
  if (run === undefined) return !Object.hasOwn(state.revisions, cell.id);
  if ((run.durationMillis ?? 0) > SLOW_MILLIS) return false;
  if (isPresent(state, cell.id)) return run.status === "ok";
  return parseFingerprint(run.fingerprint)?.text === sessionFingerprints(state).get(cell.id)?.text;
}
