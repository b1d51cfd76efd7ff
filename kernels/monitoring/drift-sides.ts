import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Slices } from "./slices.ts";

export interface DriftSides {
  readonly reference: Selection;
  readonly current: Selection;
  readonly slices: Slices | null;
  readonly zone: string;
}

export type Rows = readonly Record<string, unknown>[];
