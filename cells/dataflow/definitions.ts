import { type Blockage, type DataflowNode, isLocal, labelOf } from "./node.ts";

export interface Definitions {
  /** The cells that define a name, in document order; more than one is a clash. */
  readonly definedBy: ReadonlyMap<string, readonly string[]>;
  /** Clashes and assignments across cells, by cell. */
  readonly clashes: ReadonlyMap<string, Blockage>;
}

/** Who defines what, and where that is contested. The first problem of a cell is kept. */
export function definitionsOf(nodes: readonly DataflowNode[]): Definitions {
  const definedBy = new Map<string, string[]>();
  for (const node of nodes)
    for (const name of node.defines) {
      if (isLocal(name)) continue;
      const cells = definedBy.get(name);
      if (cells === undefined) definedBy.set(name, [node.id]);
      else if (!cells.includes(node.id)) cells.push(node.id);
    }

  const clashes = new Map<string, Blockage>();
  const report = (cell: string, blockage: Blockage): void => {
    if (!clashes.has(cell)) clashes.set(cell, blockage);
  };
  for (const [name, cells] of definedBy)
    if (cells.length > 1) for (const cell of cells) report(cell, duplicate(name, cells));

  for (const node of nodes)
    for (const name of node.assigns ?? []) {
      const owner = definedBy.get(name)?.find((id) => id !== node.id);
      if (owner === undefined || isLocal(name)) continue;
      const cells = [owner, node.id];
      report(node.id, {
        cells,
        problem: {
          message: `This cell assigns to "${name}", which another cell defines.`,
          hint: `Give the new value a name of its own, or change "${name}" in the cell that defines it.`,
        },
      });
      report(owner, {
        cells,
        problem: {
          message: `"${name}" is defined here, and the cell "${labelOf(node)}" assigns to it.`,
          hint: "Give the new value in that cell a name of its own.",
        },
      });
    }
  return { definedBy, clashes };
}

function duplicate(name: string, cells: readonly string[]): Blockage {
  return {
    cells,
    problem: {
      message: `"${name}" is defined by ${cells.length} cells; a name belongs to one.`,
      hint: `Rename it in all of them but one, or begin it with an underscore ("_${name}") to keep it inside its cell.`,
    },
  };
}
