import { type Cell, findCell, lastingId } from "../document/document.ts";
import { proseExpressions } from "../markdown/prose-expressions.ts";
import { digestOf, type Fingerprint, parseFingerprint } from "../staleness/fingerprint.ts";
import { type Ancestry, staleBecause } from "../staleness/stale-because.ts";
import { sessionFingerprints, sessionGraph } from "./derived.ts";
import type { CellRun, CellStatus, SessionState } from "./state.ts";

/** Cells that have nothing to run: inputs, which are their value, and prose that reads nothing. */
export function isStatic(cell: Cell): boolean {
  if (cell.kind === "input") return true;
  return cell.kind === "prose" && !hasExpressions(cell);
}

const withExpressions = new WeakMap<Cell, boolean>();
function hasExpressions(cell: Cell): boolean {
  // Most prose has none, and is not parsed to see that.
  if (!cell.source.includes("${")) return false;
  let known = withExpressions.get(cell);
  if (known === undefined) {
    known = proseExpressions(cell.source).expressions.length > 0;
    withExpressions.set(cell, known);
  }
  return known;
}

/** How the cell stands, in the words that the interface shows. Static cells are fresh since "". */
export function cellStatus(state: SessionState, id: string): CellStatus {
  const cell = findCell(state.document, id);
  if (cell === undefined) return { state: "never" };
  const run = state.runs[id];
  if (state.running === id && run?.status === "running") return { state: "running", since: run.startedAt };
  const position = state.queue.indexOf(id);
  if (position >= 0) return { state: "queued", position: position + 1 };

  const blockage = sessionGraph(state).blocked.get(id);
  if (blockage !== undefined) return { state: "blocked", because: blockage.problem, cells: blockage.cells };
  if (isStatic(cell)) return { state: "fresh", since: "", restored: false };
  if (run?.error != null && isPresent(state, id)) return { state: "failed", problem: run.error };
  const failed = failedAncestor(state, id);
  if (failed !== null) {
    const name = labelOf(state, failed);
    const message = `Not run, because "${name}" failed.`;
    return { state: "blocked", because: { message, hint: `Mend "${name}" first.` }, cells: [failed] };
  }
  if (run === undefined) return { state: "never" };
  if (!isPresent(state, id)) return { state: "stale", because: becauseOf(state, id, run) };
  if (run.status === "interrupted") return { state: "stale", because: "interrupted" };
  if (run.status !== "ok") return { state: "stale", because: "its process ended" };
  return { state: "fresh", since: run.endedAt ?? run.startedAt, restored: run.valuesLost };
}

/** The newest run was over the content that the cell and everything it reads have now. */
export function isPresent(state: SessionState, id: string): boolean {
  const run = state.runs[id];
  const now = sessionFingerprints(state).get(id);
  return run !== undefined && now !== undefined && digestOf(run.fingerprint) === now.digest;
}

/** It ran well over the present content; `withValues`: and its values are still in a process. */
export function isFresh(state: SessionState, id: string, options?: { readonly withValues: boolean }): boolean {
  const run = state.runs[id];
  if (run?.status !== "ok" || !isPresent(state, id)) return false;
  return options?.withValues !== true || !run.valuesLost;
}

/** The nearest cell above whose newest run failed over its present content; null when there is none. */
export function failedAncestor(state: SessionState, id: string): string | null {
  const { parents } = sessionGraph(state);
  const seen = new Set([id]);
  const waiting = [...(parents.get(id) ?? [])];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (state.runs[next]?.status === "error" && isPresent(state, next) && !isUnderway(state, next)) return next;
    waiting.push(...(parents.get(next) ?? []));
  }
  return null;
}

const isUnderway = (state: SessionState, id: string): boolean => state.running === id || state.queue.includes(id);

function labelOf(state: SessionState, id: string): string {
  const cell = findCell(state.document, id);
  return cell === undefined ? id : lastingId(cell);
}

function becauseOf(state: SessionState, id: string, run: CellRun): string {
  const now = sessionFingerprints(state);
  const byLastingId = new Map(state.document.cells.map((cell) => [lastingId(cell), cell]));
  const ancestry: Ancestry = {
    label: (name) => name,
    present: (name) => now.get(byLastingId.get(name)?.id ?? ""),
    lastRun: (name): Fingerprint | null | undefined => {
      const cell = byLastingId.get(name);
      if (cell === undefined || isStatic(cell)) return undefined;
      const last = state.runs[cell.id];
      return last === undefined ? null : parseFingerprint(last.fingerprint);
    },
  };
  return staleBecause(parseFingerprint(run.fingerprint), now.get(id)!, ancestry);
}
