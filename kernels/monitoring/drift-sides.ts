import type { Grouping } from "../../cells/kinds/drift/drift-plan.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Slices } from "./slices.ts";

export interface DriftSides {
  readonly reference: Selection;
  readonly current: Selection;
  readonly slices: Slices | null;
  readonly zone: string;
}

export type Rows = readonly Record<string, unknown>[];

/** How the rows of each side are grouped; the reference over time is null where nothing is cut into pieces. */
export function groupingsOf(
  { slices, zone }: DriftSides,
  { every }: Pick<DriftSpec, "every">,
): { readonly reference: Grouping; readonly current: Grouping; readonly referenceChunks: Grouping | null } {
  const slice = slices?.expression ?? null;
  return {
    reference: { slice, every: null, zone },
    current: { slice, every, zone },
    referenceChunks: every === null ? null : { slice: null, every, zone },
  };
}
