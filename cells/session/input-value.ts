import type { Cell } from "../document/document.ts";
import type { SessionState } from "./state.ts";

/** The input's value in this session: as moved, else the default in its text. */
export function inputValue(state: Pick<SessionState, "inputs">, cell: Cell): unknown {
  if (Object.hasOwn(state.inputs, cell.id)) return state.inputs[cell.id];
  return cell.source;
}
