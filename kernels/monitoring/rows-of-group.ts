import type { Group } from "../../cells/kinds/drift/drift-counts.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { DriftSides } from "./drift-sides.ts";

/** Both samples of one group: its slice of both, its chunk of the one that it is of. */
export function rowsOfGroup(
  { reference, current, slices }: DriftSides,
  { slice, chunk, isReference }: Group,
): { readonly reference: Selection; readonly current: Selection } {
  const only = slice === null ? null : `${slices!.expression} = ${duckdbDialect.text(slices!.valueOf(slice))}`;
  const narrowed = (selection: Selection, window: Selection["window"]): Selection => {
    const { where } = selection;
    const both = where === null || only === null ? (where ?? only) : `(${where}\n) AND ${only}`;
    return { ...selection, window, where: both };
  };
  const source = isReference ? reference : current;
  return {
    reference: narrowed(reference, reference.window),
    current: narrowed(source, chunk === null ? source.window : { start: chunk[0], end: chunk[1] }),
  };
}
