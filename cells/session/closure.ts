import type { Cell, Document } from "../document/document.ts";
import { EMPTY_DOCUMENT, lastingId } from "../document/document.ts";
import { serializeDocument } from "../document/serialize-document.ts";
import { digest } from "../staleness/digest.ts";
import { sessionGraph } from "./derived.ts";
import { inputValue } from "./input-value.ts";
import type { SessionState } from "./state.ts";

/** A cell and everything it reads, directly or not, as a notebook that gives the same by itself. */
export interface Closure {
  /** Of text and values: equal for equal closures, wherever they stand. */
  readonly hash: string;
  readonly text: string;
  /** Values of the inputs, by name. */
  readonly set: Readonly<Record<string, unknown>>;
  /** `stream.relation` names, files and other relations from outside the notebook. */
  readonly relations: readonly string[];
}

const FRONT_MATTER = "---\ndriftbook: 1\n---\n";

const closures = new WeakMap<SessionState, Map<string | null, Closure>>();

/**
 * Null for the whole notebook. Remembered by the identity of the state: a TypeScript cell may ask for each of a
 * thousand readings.
 */
export function closureOf(state: SessionState, id: string | null): Closure {
  const known = closures.get(state) ?? new Map<string | null, Closure>();
  closures.set(state, known);
  let found = known.get(id);
  if (found === undefined) {
    found = madeClosure(state, id);
    known.set(id, found);
  }
  return found;
}

function madeClosure(state: SessionState, id: string | null): Closure {
  const cells = id === null ? state.document.cells : cellsAbove(state, id);
  const set: Record<string, unknown> = {};
  for (const cell of cells) {
    const value = cell.kind === "input" ? inputValue(state, cell) : null;
    if (cell.name !== null && value !== null) set[cell.name] = value;
  }
  const text = serializeDocument(documentOf(cells));
  const relations = [...new Set(cells.flatMap((cell) => state.analyses[cell.id]?.relations ?? []))];
  return { hash: digest(`${text}\n${JSON.stringify(set)}`).slice(0, 16), text, set, relations };
}

function cellsAbove(state: SessionState, id: string): readonly Cell[] {
  const { parents } = sessionGraph(state);
  const above = new Set([id]);
  for (const one of above) for (const parent of parents.get(one) ?? []) above.add(parent);
  return state.document.cells.filter((cell) => above.has(cell.id));
}

/** Cells in the order of the notebook, each written anew: how the file laid them out does not count. */
function documentOf(cells: readonly Cell[]): Document {
  return {
    ...EMPTY_DOCUMENT,
    frontMatter: { ...EMPTY_DOCUMENT.frontMatter, raw: FRONT_MATTER },
    cells: cells.map((cell) => ({ ...cell, id: lastingId(cell), layout: null })),
  };
}
