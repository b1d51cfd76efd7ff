import type { Cell } from "../../cells/document/document.ts";

/** Text and inputs are frozen with what reads them; by themselves there is nothing of them to run. */
export const isPromotable = ({ kind }: Pick<Cell, "kind">): boolean => kind !== "prose" && kind !== "input";

/** The cell itself, else the next below that can be promoted; null where there is none. */
export function promotableFrom<T extends Pick<Cell, "kind">>(cells: readonly T[], index: number): T | null {
  return cells.slice(index).find(isPromotable) ?? null;
}
