import type { CellContent } from "../session/operation.ts";

/**
 * A notebook as a value: plain data, immutable by convention, shared structure between versions. Parsing keeps every
 * byte in `layout` and `Cell.layout`, so that a file nobody edited is written back as it was; an edit drops the layout
 * of the cell concerned, which is then written in canonical form.
 */
export interface Document {
  readonly frontMatter: FrontMatter;
  readonly cells: readonly Cell[];
  readonly layout: DocumentLayout;
}

export type CellId = string;
export type Kind = CellContent["kind"];
/** `key=value`, or a bare word with null. `name` and `id` are not among them. */
export type Attribute = readonly [key: string, value: string | null];

export interface Cell {
  /** Stable within a session, also through a rename. At parse: the name, else `id=`, else derived from the content. */
  readonly id: CellId;
  readonly kind: Kind;
  readonly name: string | null;
  /** Line endings are always `\n` here; no final one. */
  readonly source: string;
  /** In the order written, unknown ones included. */
  readonly attributes: readonly Attribute[];
  /** How the cell stands in the file it was read from; null once edited. */
  readonly layout: CellLayout | null;
}

export interface CellLayout {
  /** The cell that came before when the file was read; `gap` is used only after that one. */
  readonly after: CellId | null;
  /** Blank lines and `<!-- cell -->` between the cell before (or the front matter) and this one. */
  readonly gap: string;
  /** The cell with its fences, without the line ending of its last line. Null: the text was edited, the gap stands. */
  readonly text: string | null;
  /** The fence is not closed: nothing may follow it as it stands. */
  readonly open: boolean;
}

export interface DocumentLayout {
  readonly byteOrderMark: boolean;
  readonly newline: "\n" | "\r\n";
  /** What follows the last cell (or the front matter, when `after` is null). */
  readonly tail: { readonly after: CellId | null; readonly text: string };
}

export interface FrontMatter {
  /** With its `---` lines and line ending; `""` when the file has none. Edits change it in place, comments survive. */
  readonly raw: string;
  readonly title: string | null;
  readonly run: "auto" | "manual";
  /** Windows and times as written; `cells/time` reads them. */
  readonly window: string | null;
  readonly asOf: string | null;
  readonly headline: readonly string[];
  /** The job of whose version this is the text, to be promoted as its next one; null for a notebook of its own. */
  readonly job: string | null;
}

/** Something in the file that was kept but not understood. `line` counts from 1 in the file. */
export interface DocumentProblem {
  readonly message: string;
  readonly line: number;
}

export const EMPTY_DOCUMENT: Document = {
  frontMatter: { raw: "", title: null, run: "auto", window: null, asOf: null, headline: [], job: null },
  cells: [],
  layout: { byteOrderMark: false, newline: "\n", tail: { after: null, text: "" } },
};

/** The cell with this id, or undefined. */
export function findCell(document: Document, id: CellId): Cell | undefined {
  return document.cells.find((cell) => cell.id === id);
}

/** The value of a cell's attribute: null for a bare word, undefined when absent. */
export function attributeOf(cell: Cell, key: string): string | null | undefined {
  return cell.attributes.find(([candidate]) => candidate === key)?.[1];
}

/** What a cell is, without its layout: what operations and the wire carry. */
export function contentOf(cell: Cell): CellContent {
  return {
    id: cell.id,
    kind: cell.kind,
    name: cell.name,
    source: cell.source,
    attributes: cell.attributes.map(([key, value]) => [key, value]),
  };
}

/** What the file calls the cell: the same before and after the file is read again, save for unnamed prose that changed. */
export function lastingId(cell: Cell): CellId {
  return cell.name ?? cell.id;
}
