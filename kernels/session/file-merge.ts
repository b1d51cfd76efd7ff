import { applyEdits, type DocumentEdit, diffDocuments } from "../../cells/document/diff-document.ts";
import { type CellId, type Document, findCell } from "../../cells/document/document.ts";
import { parseDocument } from "../../cells/document/parse-document.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { TextHistory } from "./text-history.ts";

/**
 * Brings what somebody changed in the file into a session that may have unsaved edits of its own. The change is what
 * lies between the text as this session last read or wrote it and the text that is there now; it is moved over what
 * was edited here since, as a second user's typing would be. Nothing of either side is lost: a cell that was deleted
 * in the file and edited here stays.
 */
export class FileMerge {
  #base: { readonly document: Document; readonly revisions: SessionState["revisions"] };

  constructor(document: Document) {
    this.#base = { document, revisions: {} };
  }

  /** The file holds this state now, with what was in it when the text was made. */
  agreed({ document, revisions }: Pick<SessionState, "document" | "revisions">): void {
    this.#base = { document, revisions };
  }

  /** The edits that the file's new text means in the present state, one at a time: each is made before the next is asked for. */
  *edits(
    text: string,
    state: () => SessionState,
    texts: TextHistory,
    fresh: (taken: ReadonlySet<CellId>) => CellId,
  ): Generator<DocumentEdit> {
    const { document } = parseDocument(text);
    const base = this.#base;
    // An id that was given here since, or that lies in the trash, is not given again.
    const used = (taken: ReadonlySet<CellId>): ReadonlySet<CellId> =>
      new Set([...taken, ...state().document.cells.map(({ id }) => id), ...state().trash.map(({ cell }) => cell.id)]);
    let inFile = base.document;
    for (const edit of diffDocuments(base.document, document, (taken) => fresh(used(taken)))) {
      const moved = inPresent(edit, inFile, base.revisions, state(), texts);
      inFile = applyEdits(inFile, [edit]);
      if (moved !== null) yield moved;
    }
    this.#base = { document: inFile, revisions: state().revisions };
  }
}

function inPresent(
  edit: DocumentEdit,
  inFile: Document,
  baseRevisions: SessionState["revisions"],
  state: SessionState,
  texts: TextHistory,
): DocumentEdit | null {
  switch (edit.type) {
    case "cell-inserted":
    case "cell-moved": {
      const others = edit.type === "cell-moved" ? inFile.cells.filter(({ id }) => id !== edit.cell) : inFile.cells;
      return { ...edit, index: placeAfter(others[edit.index - 1]?.id, edit, state) };
    }
    case "cell-deleted":
      return revisionOf(baseRevisions, edit.cell) === revisionOf(state.revisions, edit.cell) ? edit : null;
    case "cell-edited": {
      if (findCell(state.document, edit.cell) === undefined) return null;
      const since = revisionOf(baseRevisions, edit.cell);
      const changes = texts.upToDate(edit.cell, since, revisionOf(state.revisions, edit.cell), edit.changes);
      return changes === null ? null : { ...edit, changes: [...changes] };
    }
    default:
      return edit;
  }
}

/** Behind the cell that it stands behind in the file, where that is here. */
function placeAfter(
  before: CellId | undefined,
  edit: Extract<DocumentEdit, { index: number }>,
  { document }: SessionState,
): number {
  const moved = edit.type === "cell-moved" ? edit.cell : null;
  const cells = document.cells.filter(({ id }) => id !== moved);
  const at = before === undefined ? -1 : cells.findIndex(({ id }) => id === before);
  return before !== undefined && at < 0 ? Math.min(edit.index, cells.length) : at + 1;
}

const revisionOf = (revisions: SessionState["revisions"], cell: CellId): number => revisions[cell] ?? 0;
