import type { CellContent, TextChange } from "../session/operation.ts";
import { type Cell, type CellId, contentOf, type Document, type Kind } from "./document.ts";
import {
  changeSource,
  deleteCell,
  insertCell,
  isAttributeKey,
  moveCell,
  setAttribute,
  setDefaultAsOf,
  setDefaultWindow,
  setKind,
  setName,
  setRunMode,
  setTitle,
} from "./edit-document.ts";

/** An edit as data, near to the operation of the same name. `changes` are offsets in the cell's source before the edit. */
export type DocumentEdit =
  | { readonly type: "cell-inserted"; readonly cell: CellContent; readonly index: number }
  | { readonly type: "cell-deleted"; readonly cell: CellId }
  | { readonly type: "cell-moved"; readonly cell: CellId; readonly index: number }
  | { readonly type: "cell-edited"; readonly cell: CellId; readonly changes: TextChange[] }
  | { readonly type: "cell-renamed"; readonly cell: CellId; readonly name: string | null }
  | { readonly type: "cell-kind-set"; readonly cell: CellId; readonly kind: Kind }
  | { readonly type: "cell-attribute-set"; readonly cell: CellId; readonly key: string; readonly value: string | null }
  | { readonly type: "title-set"; readonly title: string }
  | { readonly type: "mode-set"; readonly run: "auto" | "manual" }
  | { readonly type: "window-set"; readonly window: string | null }
  | { readonly type: "as-of-set"; readonly asOf: string | null };

/**
 * The edits that turn `from` into the content of `to`, in the order in which to apply them. Cells are the same when id
 * or name agree, else when kind and source do, else when they stand between the same neighbours; the rest are deleted
 * and inserted. Cells of `from` keep their ids; an inserted one gets a new id from `fresh` if its own is taken.
 */
export function diffDocuments(
  from: Document,
  to: Document,
  fresh: (taken: ReadonlySet<CellId>) => CellId,
): DocumentEdit[] {
  const edits: DocumentEdit[] = frontMatterEdits(from, to);
  const matches = matchCells(from.cells, to.cells);
  const kept = new Set(matches.values());
  const order = from.cells.filter((cell) => kept.has(cell)).map((cell) => cell.id);
  for (const cell of from.cells) if (!kept.has(cell)) edits.push({ type: "cell-deleted", cell: cell.id });
  const taken = new Set(from.cells.map((cell) => cell.id));
  const deleted = new Set(from.cells.filter((cell) => !kept.has(cell)).map((cell) => cell.id));
  for (const id of deleted) taken.delete(id);

  // Invariant: order[0 .. index) are the cells of `to` before `index`.
  for (const [index, cell] of to.cells.entries()) {
    const old = matches.get(cell);
    if (old === undefined) {
      const id = taken.has(cell.id) ? fresh(taken) : cell.id;
      taken.add(id);
      order.splice(index, 0, id);
      edits.push({ type: "cell-inserted", cell: { ...contentOf(cell), id }, index });
      continue;
    }
    const at = order.indexOf(old.id);
    if (at !== index) {
      order.splice(index, 0, ...order.splice(at, 1));
      edits.push({ type: "cell-moved", cell: old.id, index });
    }
    edits.push(...cellEdits(old, cell));
  }
  return edits;
}

/** Applies edits in order. */
export function applyEdits(document: Document, edits: readonly DocumentEdit[]): Document {
  return edits.reduce(applyEdit, document);
}

function applyEdit(document: Document, edit: DocumentEdit): Document {
  switch (edit.type) {
    case "cell-inserted":
      return insertCell(document, edit.cell, edit.index);
    case "cell-deleted":
      return deleteCell(document, edit.cell);
    case "cell-moved":
      return moveCell(document, edit.cell, edit.index);
    case "cell-edited": {
      const source = document.cells.find((cell) => cell.id === edit.cell)?.source ?? "";
      return changeSource(document, edit.cell, applyTextChanges(source, edit.changes));
    }
    case "cell-renamed":
      return setName(document, edit.cell, edit.name);
    case "cell-kind-set":
      return setKind(document, edit.cell, edit.kind);
    case "cell-attribute-set":
      return setAttribute(document, edit.cell, edit.key, edit.value);
    case "title-set":
      return setTitle(document, edit.title);
    case "mode-set":
      return setRunMode(document, edit.run);
    case "window-set":
      return setDefaultWindow(document, edit.window);
    case "as-of-set":
      return setDefaultAsOf(document, edit.asOf);
  }
}

/** The text with ascending, non-overlapping replacements made; offsets are of the text before any of them. */
export function applyTextChanges(text: string, changes: readonly TextChange[]): string {
  let result = "";
  let from = 0;
  for (const change of changes) {
    result += text.slice(from, change.from) + change.insert;
    from = change.to;
  }
  return result + text.slice(from);
}

/** One replacement: what lies between the common beginning and the common end. None when the texts are equal. */
export function textChanges(from: string, to: string): TextChange[] {
  if (from === to) return [];
  const most = Math.min(from.length, to.length);
  let start = 0;
  while (start < most && from[start] === to[start]) start++;
  let end = 0;
  while (end < most - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  return [{ from: start, to: from.length - end, insert: to.slice(start, to.length - end) }];
}

function frontMatterEdits(from: Document, to: Document): DocumentEdit[] {
  const [old, now] = [from.frontMatter, to.frontMatter];
  const edits: DocumentEdit[] = [];
  if (old.title !== now.title) edits.push({ type: "title-set", title: now.title ?? "" });
  if (old.run !== now.run) edits.push({ type: "mode-set", run: now.run });
  if (old.window !== now.window) edits.push({ type: "window-set", window: now.window });
  if (old.asOf !== now.asOf) edits.push({ type: "as-of-set", asOf: now.asOf });
  return edits;
}

function cellEdits(old: Cell, now: Cell): DocumentEdit[] {
  const edits: DocumentEdit[] = [];
  if (old.kind !== now.kind) edits.push({ type: "cell-kind-set", cell: old.id, kind: now.kind });
  if (old.name !== now.name) edits.push({ type: "cell-renamed", cell: old.id, name: now.name });
  const changes = textChanges(old.source, now.source);
  if (changes.length > 0) edits.push({ type: "cell-edited", cell: old.id, changes });
  return [...edits, ...attributeEdits(old, now)];
}

/** Attributes by key; their order, and bare words, are left as the old cell has them unless a value changed. */
function attributeEdits(old: Cell, now: Cell): DocumentEdit[] {
  const edits: DocumentEdit[] = [];
  // What cannot be set as an attribute (a malformed name) stays as the old cell has it.
  const before = new Map(old.attributes.filter(([key]) => isAttributeKey(key)));
  const after = new Map(now.attributes.filter(([key]) => isAttributeKey(key)));
  for (const key of before.keys()) {
    if (!after.has(key)) edits.push({ type: "cell-attribute-set", cell: old.id, key, value: null });
  }
  for (const [key, value] of after) {
    if (before.get(key) !== value || !before.has(key)) {
      edits.push({ type: "cell-attribute-set", cell: old.id, key, value: value ?? "" });
    }
  }
  return edits;
}

/** For each cell of `to` the cell of `from` that it is, where there is one. */
function matchCells(from: readonly Cell[], to: readonly Cell[]): Map<Cell, Cell> {
  const matches = new Map<Cell, Cell>();
  const free = new Set(from);
  const match = (now: Cell, old: Cell | undefined) => {
    if (old === undefined || !free.has(old) || matches.has(now)) return;
    matches.set(now, old);
    free.delete(old);
  };
  // A derived id says no more than content does, so a name or written id goes first, then content, then position.
  const byName = Map.groupBy(from, (cell) => cell.name);
  for (const now of to)
    if (now.name !== null)
      match(
        now,
        byName.get(now.name)?.find((cell) => free.has(cell)),
      );
  const byId = new Map(from.map((cell) => [cell.id, cell]));
  for (const now of to) match(now, byId.get(now.id));
  const byContent = Map.groupBy(from, (cell) => `${cell.kind}\n${cell.source}`);
  for (const now of to)
    match(
      now,
      byContent.get(`${now.kind}\n${now.source}`)?.find((cell) => free.has(cell)),
    );
  for (const [index, now] of to.entries()) {
    if (matches.has(now)) continue;
    const before = index === 0 ? undefined : matches.get(to[index - 1]!);
    if (index > 0 && before === undefined) continue;
    const neighbour = from[before === undefined ? 0 : from.indexOf(before) + 1];
    if (neighbour?.kind === now.kind && (neighbour.name === null) === (now.name === null)) match(now, neighbour);
  }
  return matches;
}
