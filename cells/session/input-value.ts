import type { Cell } from "../document/document.ts";
import { acceptInputValue } from "../kinds/input/accept-input-value.ts";
import type { InputSpec, InputValue } from "../kinds/input/input-spec.ts";
import { toInput } from "../kinds/input/to-input.ts";
import type { SessionState } from "./state.ts";

const specs = new WeakMap<Cell, InputSpec | null>();

/** What the input's text says; null while it has a problem. */
export function inputSpecOf(cell: Cell): InputSpec | null {
  let spec = specs.get(cell);
  if (spec === undefined) {
    const read = toInput(cell.source);
    spec = read.ok ? read.value : null;
    specs.set(cell, spec);
  }
  return spec;
}

/**
 * The input's value in this session: as moved while its text still allows that value, else the default in its text;
 * null while the text has a problem. A window is its notation, a date `2026-03-01`.
 */
export function inputValue(state: Pick<SessionState, "inputs">, cell: Cell): InputValue {
  const spec = inputSpecOf(cell);
  if (spec === null) return null;
  if (Object.hasOwn(state.inputs, cell.id)) {
    const moved = acceptInputValue(spec, state.inputs[cell.id]);
    if (moved.ok) return moved.value;
  }
  return spec.default;
}
