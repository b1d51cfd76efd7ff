import type { Problem } from "../session/operation.ts";

/** What the graph needs to know of a cell. Names that begin with an underscore are local and make no edge. */
export interface DataflowNode {
  readonly id: string;
  /** How sentences call the cell; its id when it has no name. */
  readonly label?: string;
  readonly defines: readonly string[];
  readonly reads: readonly string[];
  /** Variables of other cells that this one assigns to, which is never allowed. */
  readonly assigns?: readonly string[];
  /** SQL: a relation is found whatever the case of its letters. */
  readonly ignoresCase?: boolean;
  /** The cell's own problem, for instance a syntax error. */
  readonly problem: Problem | null;
}

/** Why a cell may not run: the problem and the cells that take part in it. */
export interface Blockage {
  readonly problem: Problem;
  readonly cells: readonly string[];
}

export const labelOf = (node: DataflowNode): string => node.label ?? node.id;
export const isLocal = (name: string): boolean => name.startsWith("_");
