import { type DataflowNode, isLocal } from "./node.ts";

export interface Edges {
  /** By cell: the cells whose names it reads, and those that read its names. No cell is its own parent. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Cells that read a name which only they define: their value would depend on how often they ran. */
  readonly selfReads: ReadonlySet<string>;
  /** Names read that no cell defines: given by the runtime, a table of the workspace, or unknown. */
  readonly undefinedReads: ReadonlyMap<string, readonly string[]>;
}

/** Edges from definitions to reads. A contested name makes an edge to each of its cells, so that the problem spreads. */
export function edgesOf(nodes: readonly DataflowNode[], definedBy: ReadonlyMap<string, readonly string[]>): Edges {
  const parents = new Map<string, string[]>();
  const children = new Map<string, string[]>();
  const selfReads = new Set<string>();
  const undefinedReads = new Map<string, string[]>();
  const inAnyCase = caseFinder();
  for (const node of nodes) children.set(node.id, []);
  for (const node of nodes) {
    const above = new Set<string>();
    const unknown: string[] = [];
    for (const name of node.reads) {
      if (isLocal(name)) continue;
      const cells = definedBy.get(name) ?? (node.ignoresCase === true ? inAnyCase(definedBy, name) : undefined);
      if (cells === undefined) unknown.push(name);
      else if (cells.length === 1 && cells[0] === node.id) selfReads.add(node.id);
      else for (const cell of cells) if (cell !== node.id) above.add(cell);
    }
    parents.set(node.id, [...above]);
    for (const parent of above) children.get(parent)!.push(node.id);
    if (unknown.length > 0) undefinedReads.set(node.id, unknown);
  }
  return { parents, children, selfReads, undefinedReads };
}

/** Finds a name whatever its case; the table for that is made when the first such name is asked for. */
function caseFinder(): (definedBy: Edges["children"], name: string) => readonly string[] | undefined {
  let lower: Map<string, readonly string[]> | null = null;
  return (definedBy, name) => {
    lower ??= new Map([...definedBy].map(([defined, cells]) => [defined.toLowerCase(), cells]));
    return lower.get(name.toLowerCase());
  };
}
