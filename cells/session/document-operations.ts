import { isCellName } from "../document/cell-name.ts";
import { type Cell, contentOf, type Document, findCell } from "../document/document.ts";
import * as edit from "../document/edit-document.ts";
import { type Applied, applied, type Reducers, unchanged, without } from "./applied.ts";
import { sessionGraph } from "./derived.ts";
import { cellsWithRuns, keepRunning } from "./keep-running.ts";
import type { SessionState } from "./state.ts";
import { applyChanges, changesFit } from "./text-changes.ts";

/** How many deleted cells can come back. */
const TRASH_LIMIT = 100;

/** What was wrong with the text before says nothing of this one: it must not turn away a run asked for meanwhile. */
function withoutProblem(analyses: SessionState["analyses"], id: string): SessionState["analyses"] {
  const known = analyses[id];
  return known === undefined || known.problem === null ? analyses : { ...analyses, [id]: { ...known, problem: null } };
}

export const documentOperations: Reducers<
  | "cell-inserted"
  | "cell-deleted"
  | "cell-restored"
  | "cell-moved"
  | "cell-edited"
  | "cell-renamed"
  | "cell-kind-set"
  | "cell-attribute-set"
  | "title-set"
  | "mode-set"
  | "window-set"
> = {
  "cell-inserted": (state, { cell, index }) => {
    const document = edit.insertCell(state.document, cell, index);
    if (document === state.document) return unchanged(state);
    // A revision that is there, even 0, tells a cell that a user made from one that stood in the file when opened.
    const revisions = { ...state.revisions, [cell.id]: state.revisions[cell.id] ?? 0 };
    const trash = state.trash.filter((deleted) => deleted.cell.id !== cell.id);
    return applied({ ...state, document, revisions, trash }, { type: "analyse", cell: cell.id }, { type: "save" });
  },

  "cell-deleted": (state, { cell: id }) => {
    const cell = findCell(state.document, id);
    if (cell === undefined) return unchanged(state);
    const names = sessionGraph(state).definedBy;
    const document = edit.deleteCell(state.document, id);
    const trash = [...state.trash, { cell: contentOf(cell), index: state.document.cells.indexOf(cell) }];
    const run = state.runs[id];
    const next: SessionState = {
      ...dropOldTrash({ ...state, document, trash }),
      queue: state.queue.filter((waiting) => waiting !== id),
      interrupting: state.interrupting || state.running === id,
      ...(run === undefined ? {} : { runs: { ...state.runs, [id]: { ...run, valuesLost: true } } }),
    };
    const gone = [...names].filter(([, cells]) => cells.length === 1 && cells[0] === id).map(([name]) => name);
    return keepRunning(
      next,
      [
        ...(state.running === id ? [{ type: "interrupt" } as const] : []),
        ...(gone.length > 0 ? [{ type: "forget", names: gone } as const] : []),
        { type: "save" },
      ],
      cellsWithRuns(next),
    );
  },

  "cell-restored": (state, { cell: id }) => {
    const deleted = state.trash.findLast(({ cell }) => cell.id === id);
    if (deleted === undefined) return unchanged(state);
    const document = edit.insertCell(state.document, deleted.cell, deleted.index);
    const trash = state.trash.filter((other) => other !== deleted);
    const revisions = { ...state.revisions, [id]: state.revisions[id] ?? 0 };
    return keepRunning({ ...state, document, trash, revisions }, [{ type: "analyse", cell: id }, { type: "save" }]);
  },

  "cell-moved": (state, { cell, index }) => {
    const document = edit.moveCell(state.document, cell, index);
    return changed(state, document);
  },

  "cell-edited": (state, { cell: id, revision, changes }) => {
    const cell = findCell(state.document, id);
    if (cell === undefined || !changesFit(cell.source.length, changes)) return unchanged(state);
    const document = edit.changeSource(state.document, id, applyChanges(cell.source, changes));
    const next = {
      ...state,
      document,
      revisions: { ...state.revisions, [id]: revision },
      analyses: withoutProblem(state.analyses, id),
    };
    return applied(next, { type: "analyse", cell: id }, { type: "save" });
  },

  "cell-renamed": (state, { cell, name }) => {
    if (name !== null && !isCellName(name)) return unchanged(state);
    const renamed = edit.setName(state.document, cell, name);
    if (renamed === state.document) return unchanged(state);
    const run = state.runs[cell];
    const before = findCell(state.document, cell);
    const [from, to] = [before?.name ?? cell, name ?? cell];
    const isTaken = state.document.cells.some((other) => other.id !== cell && (other.name ?? other.id) === to);
    if (before?.kind === "sql" && run?.result?.table != null && !run.valuesLost && !isTaken) {
      const { state: next, effects } = analysed(state, renamed, cell);
      return applied(next, { type: "rename-result", from, to }, ...effects);
    }
    // Its values live under the old name, which is forgotten.
    const runs = run === undefined ? state.runs : { ...state.runs, [cell]: { ...run, valuesLost: true } };
    return analysed({ ...state, runs }, renamed, cell, state);
  },

  "cell-kind-set": (state, { cell, kind }) => analysed(state, edit.setKind(state.document, cell, kind), cell),

  "cell-attribute-set": (state, { cell, key, value }) => {
    if (!edit.isAttributeKey(key)) return unchanged(state);
    return changed(state, edit.setAttribute(state.document, cell, key, value));
  },

  "title-set": (state, { title }) => changed(state, edit.setTitle(state.document, title)),

  "mode-set": (state, { mode }) => {
    const document = edit.setRunMode(state.document, mode === "automatic" ? "auto" : "manual");
    const next = { ...state, mode, document };
    return keepRunning(next, document === state.document ? [] : [{ type: "save" }], cellsWithRuns(next));
  },

  "window-set": (state, { window, resolved }) => {
    const document = edit.setDefaultWindow(state.document, window);
    const next = { ...state, document, window: { text: window, resolved } };
    return keepRunning(next, document === state.document ? [] : [{ type: "save" }], cellsWithRuns(next));
  },
};

function changed(state: SessionState, document: Document): Applied {
  return document === state.document ? unchanged(state) : applied({ ...state, document }, { type: "save" });
}

function analysed(state: SessionState, document: Document, cell: Cell["id"], before = state): Applied {
  if (document === before.document) return unchanged(before);
  return applied({ ...state, document }, { type: "analyse", cell }, { type: "save" });
}

/** What is kept for a deleted cell goes when it cannot come back any more. */
function dropOldTrash(state: SessionState): SessionState {
  const excess = state.trash.slice(0, Math.max(0, state.trash.length - TRASH_LIMIT));
  let { runs, analyses, revisions, inputs } = state;
  for (const { cell } of excess) {
    if (findCell(state.document, cell.id) !== undefined) continue;
    runs = without(runs, cell.id);
    analyses = without(analyses, cell.id);
    revisions = without(revisions, cell.id);
    inputs = without(inputs, cell.id);
  }
  return { ...state, runs, analyses, revisions, inputs, trash: state.trash.slice(excess.length) };
}
