import { type Graph, graphOf } from "../dataflow/graph.ts";
import type { DataflowNode } from "../dataflow/node.ts";
import { type Cell, lastingId } from "../document/document.ts";
import { digest } from "../staleness/digest.ts";
import { type Fingerprint, fingerprint } from "../staleness/fingerprint.ts";
import { inputSpecOf, inputValue } from "./input-value.ts";
import type { Analysis } from "./operation.ts";
import type { SessionState } from "./state.ts";

/*
 * What follows from a state and is not part of it. Remembered by the identity of what it is made from, so that an
 * operation that changes none of that (a printed line) costs nothing.
 */

const graphs = new WeakMap<SessionState["analyses"], { readonly cells: readonly Cell[]; readonly graph: Graph }>();

export function sessionGraph({ document, analyses }: Pick<SessionState, "document" | "analyses">): Graph {
  const known = graphs.get(analyses);
  if (known !== undefined && sameShape(known.cells, document.cells)) return known.graph;
  const graph = graphOf(document.cells.map((cell) => nodeOf(cell, analyses[cell.id])));
  graphs.set(analyses, { cells: document.cells, graph });
  return graph;
}

function sameShape(before: readonly Cell[], now: readonly Cell[]): boolean {
  if (before === now) return true;
  if (before.length !== now.length) return false;
  return before.every((cell, at) => cell.id === now[at]!.id && cell.name === now[at]!.name);
}

function nodeOf(cell: Cell, analysis: Analysis | undefined): DataflowNode {
  const label = cell.name ?? cell.id;
  // Until the analysis comes, a name is at least taken.
  if (analysis === undefined)
    return { id: cell.id, label, defines: cell.name === null ? [] : [cell.name], reads: [], problem: null };
  const { defines, reads, assigns = [], problem } = analysis;
  return { id: cell.id, label, defines, reads, assigns, problem, ignoresCase: cell.kind === "sql" };
}

interface Prints {
  readonly cells: readonly Cell[];
  readonly inputs: SessionState["inputs"];
  readonly time: string;
  readonly byCell: ReadonlyMap<string, Fingerprint>;
}
const prints = new WeakMap<Graph, Prints>();

/** What each cell would depend on if it ran now. */
export function sessionFingerprints(state: SessionState): ReadonlyMap<string, Fingerprint> {
  const graph = sessionGraph(state);
  const { cells } = state.document;
  const time = JSON.stringify([state.asOf, state.window, state.surroundings]);
  const known = prints.get(graph);
  if (known !== undefined && known.cells === cells && known.inputs === state.inputs && known.time === time)
    return known.byCell;

  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const window = state.window.resolved === null ? state.window.text : Object.values(state.window.resolved).join("/");
  const byCell = new Map<string, Fingerprint>();
  for (const id of graph.order) {
    const cell = byId.get(id)!;
    const analysis = state.analyses[id];
    const reads = analysis?.reads ?? [];
    const readsData = (analysis?.relations.length ?? 0) > 0 || reads.includes("asOf");
    const parents: [string, string][] = [];
    // In a cycle a parent may have none yet; such cells do not run.
    for (const parent of graph.parents.get(id)!) {
      const above = byCell.get(parent);
      if (above !== undefined) parents.push([lastingId(byId.get(parent)!), above.digest]);
    }
    parents.sort(([a], [b]) => (a < b ? -1 : 1));
    const outside =
      cell.kind === "input" ? windowInput(state, cell) : { asOf: readsData, window: reads.includes("window") };
    byCell.set(
      id,
      remembered(cell, {
        text: cell.kind === "input" ? inputDigest(state, cell) : textDigest(cell),
        asOf: outside.asOf ? state.asOf : null,
        window: outside.window ? window : null,
        surroundings: readsData || /\bimport\b/.test(cell.source) ? state.surroundings : null,
        parents,
      }),
    );
  }
  prints.set(graph, { cells, inputs: state.inputs, time, byCell });
  return byCell;
}

const textDigests = new WeakMap<Cell, string>();
function textDigest(cell: Cell): string {
  let known = textDigests.get(cell);
  if (known === undefined) {
    known = digest(`${cell.kind}\n${cell.name ?? ""}\n${cell.source}`);
    textDigests.set(cell, known);
  }
  return known;
}

/** An input counts by its value: another label or range makes nothing stale. */
function inputDigest(state: SessionState, cell: Cell): string {
  return digest(`input\n${cell.name ?? ""}\n${JSON.stringify(inputValue(state, cell)) ?? ""}`);
}

/** A window input means another stretch of time when the as-of moves, or the notebook's window when it names none. */
function windowInput(state: SessionState, cell: Cell): { readonly asOf: boolean; readonly window: boolean } {
  if (inputSpecOf(cell)?.type !== "window") return { asOf: false, window: false };
  const value = inputValue(state, cell);
  return { asOf: value !== null, window: value === null };
}

const lastPrints = new WeakMap<Cell, Fingerprint>();
/** The fingerprint of these parts, the one made last for the cell if they are the same. */
function remembered(cell: Cell, parts: Omit<Fingerprint, "digest">): Fingerprint {
  const last = lastPrints.get(cell);
  const same =
    last !== undefined &&
    last.text === parts.text &&
    last.asOf === parts.asOf &&
    last.window === parts.window &&
    last.surroundings === parts.surroundings &&
    last.parents.length === parts.parents.length &&
    last.parents.every(([id, print], at) => id === parts.parents[at]![0] && print === parts.parents[at]![1]);
  if (same) return last;
  const made = fingerprint(parts);
  lastPrints.set(cell, made);
  return made;
}
