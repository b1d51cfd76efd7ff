import type { CellContent } from "../session/operation.ts";
import { isCellName } from "./cell-name.ts";
import type { Attribute, Cell, CellId, Document, Kind } from "./document.ts";
import { type FrontMatterKey, setFrontMatterKey } from "./front-matter.ts";

/*
 * Pure edits. Each returns a document that shares everything untouched with the old one, and the very same document
 * when nothing would change or the cell is not there: a replayed operation may come late.
 */

/** Puts a cell before the one at `index` (clamped). Refuses an id that is taken: returns the same document. */
export function insertCell(document: Document, content: CellContent, index: number): Document {
  if (document.cells.some((cell) => cell.id === content.id)) return document;
  const cell: Cell = { ...content, source: unixLines(content.source), layout: null };
  return { ...document, cells: document.cells.toSpliced(clamp(index, document.cells.length), 0, cell) };
}

export function deleteCell(document: Document, id: CellId): Document {
  const index = indexOf(document, id);
  return index < 0 ? document : { ...document, cells: document.cells.toSpliced(index, 1) };
}

/** Moves a cell so that it stands at `index` (clamped) afterwards. */
export function moveCell(document: Document, id: CellId, index: number): Document {
  const from = indexOf(document, id);
  const to = clamp(index, document.cells.length - 1);
  if (from < 0 || from === to) return document;
  return { ...document, cells: document.cells.toSpliced(from, 1).toSpliced(to, 0, document.cells[from]!) };
}

/** Line endings become `\n`; the file's own come back when it is written. */
export function changeSource(document: Document, id: CellId, source: string): Document {
  const unix = unixLines(source);
  return change(document, id, (cell) => (cell.source === unix ? cell : { ...cell, source: unix }));
}

/** The cell keeps its id in this session; read from the file again it will be called by its name. @throws RangeError */
export function setName(document: Document, id: CellId, name: string | null): Document {
  if (name !== null && !isCellName(name)) {
    throw new RangeError(
      `cannot name a cell ${JSON.stringify(name)}: expected letters, digits and _, beginning with no digit`,
    );
  }
  return change(document, id, (cell) => (cell.name === name ? cell : { ...cell, name }));
}

export function setKind(document: Document, id: CellId, kind: Kind): Document {
  return change(document, id, (cell) => (cell.kind === kind ? cell : { ...cell, kind }));
}

/** A value, a bare word (`""` is a value), or `null` to remove the attribute. @throws RangeError for a key that cannot stand in an info string */
export function setAttribute(document: Document, id: CellId, key: string, value: string | null): Document {
  if (!isAttributeKey(key)) {
    throw new RangeError(
      `cannot set the attribute ${JSON.stringify(key)}: expected a word without spaces, quotes or =, not name or id`,
    );
  }
  return change(document, id, (cell) => {
    const index = cell.attributes.findIndex(([candidate]) => candidate === key);
    if (index < 0 ? value === null : cell.attributes[index]![1] === value && value !== null) return cell;
    const replacement: Attribute[] = value === null ? [] : [[key, value]];
    const attributes = cell.attributes.toSpliced(index < 0 ? cell.attributes.length : index, 1, ...replacement);
    return { ...cell, attributes };
  });
}

export function isAttributeKey(key: string): boolean {
  return /^[^\s="`]{1,100}$/.test(key) && key !== "name" && key !== "id";
}

export function setTitle(document: Document, title: string): Document {
  return setFrontMatter(document, "title", title, document.frontMatter.title);
}

export function setRunMode(document: Document, run: "auto" | "manual"): Document {
  return setFrontMatter(document, "run", run, document.frontMatter.run);
}

export function setDefaultWindow(document: Document, window: string | null): Document {
  return setFrontMatter(document, "window", window, document.frontMatter.window);
}

export function setDefaultAsOf(document: Document, asOf: string | null): Document {
  return setFrontMatter(document, "as_of", asOf, document.frontMatter.asOf);
}

export function setJob(document: Document, job: string | null): Document {
  return setFrontMatter(document, "job", job, document.frontMatter.job);
}

function setFrontMatter(
  document: Document,
  key: FrontMatterKey,
  value: string | null,
  present: string | null,
): Document {
  if (value === present) return document;
  const frontMatter = setFrontMatterKey(document.frontMatter, key, value, document.layout.newline);
  return { ...document, frontMatter };
}

/** The changed cell loses its text as read but keeps the gap before it. */
function change(document: Document, id: CellId, edit: (cell: Cell) => Cell): Document {
  const index = indexOf(document, id);
  const cell = document.cells[index];
  if (cell === undefined) return document;
  const edited = edit(cell);
  if (edited === cell) return document;
  const layout = edited.layout === null ? null : { ...edited.layout, text: null, open: false };
  return { ...document, cells: document.cells.with(index, { ...edited, layout }) };
}

function indexOf(document: Document, id: CellId): number {
  return document.cells.findIndex((cell) => cell.id === id);
}

function clamp(index: number, most: number): number {
  return Math.min(Math.max(index, 0), Math.max(most, 0));
}

function unixLines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}
