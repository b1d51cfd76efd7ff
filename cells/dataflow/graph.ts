import { cyclesOf } from "./cycles.ts";
import { definitionsOf } from "./definitions.ts";
import { edgesOf } from "./edges.ts";
import { type Blockage, type DataflowNode, labelOf } from "./node.ts";
import { topologicalOrder } from "./topology.ts";

/** Which cell reads which, and which cells may not run. Derived from definitions and reads alone. */
export interface Graph {
  readonly parents: ReadonlyMap<string, readonly string[]>;
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Every cell after its parents. */
  readonly order: readonly string[];
  readonly definedBy: ReadonlyMap<string, readonly string[]>;
  readonly undefinedReads: ReadonlyMap<string, readonly string[]>;
  readonly cycles: readonly (readonly string[])[];
  /** Cells with a problem of their own: a syntax error, a clash, a cycle, an assignment across cells. */
  readonly problems: ReadonlyMap<string, Blockage>;
  /** Those, and every cell that depends on one of them. */
  readonly blocked: ReadonlyMap<string, Blockage>;
}

/** The graph of a notebook; about 2 ms for 1 000 cells, so it is made anew when an analysis changes (bench/dataflow.ts). */
export function graphOf(nodes: readonly DataflowNode[]): Graph {
  const ids = nodes.map((node) => node.id);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const label = (id: string): string => labelOf(byId.get(id)!);

  const { definedBy, clashes } = definitionsOf(nodes);
  const { selfReads, ...edges } = edgesOf(nodes, definedBy);
  const order = topologicalOrder(ids, edges.parents);
  const larger = cyclesOf(ids, edges.parents);
  const inLarger = new Set(larger.flat());
  const cycles = [...larger, ...[...selfReads].filter((id) => !inLarger.has(id)).map((id) => [id])];

  // A cell's own problem comes first: it is what its author can mend there.
  const problems = new Map<string, Blockage>();
  for (const node of nodes)
    if (node.problem !== null) problems.set(node.id, { problem: node.problem, cells: [node.id] });
  for (const [id, clash] of clashes) if (!problems.has(id)) problems.set(id, clash);
  for (const cycle of cycles)
    for (const id of cycle)
      if (!problems.has(id)) problems.set(id, { cells: cycle, problem: cycleProblem(id, cycle, label) });

  // In graph order each cell learns from its parents; cells of a cycle have their problem already.
  const blocked = new Map(problems);
  for (const id of order) {
    if (blocked.has(id)) continue;
    const parent = edges.parents.get(id)!.find((candidate) => blocked.has(candidate));
    if (parent === undefined) continue;
    const source = problems.has(parent) ? [parent] : blocked.get(parent)!.cells;
    blocked.set(id, {
      cells: source,
      problem: {
        message: `Not run, because "${label(source[0]!)}" has a problem.`,
        hint: `Mend "${label(source[0]!)}" first: ${problems.get(source[0]!)!.problem.message}`,
      },
    });
  }
  return { ...edges, order, definedBy, cycles, problems, blocked };
}

function cycleProblem(id: string, cycle: readonly string[], label: (id: string) => string): Blockage["problem"] {
  if (cycle.length === 1)
    return {
      message: "This cell reads the name that it defines, so it would have to run before itself.",
      hint: "Give the cell another name, or read another relation.",
    };
  const others = cycle.filter((other) => other !== id).map((other) => `"${label(other)}"`);
  return {
    message: `This cell and ${others.join(", ")} read each other, so none of them can run first.`,
    hint: "Move what both need into a cell of its own.",
  };
}
