import type { Kind } from "../document/document.ts";
import { check } from "./check/check.ts";
import { drift } from "./drift/drift.ts";
import { input } from "./input/input.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { kpi } from "./kpi/kpi.ts";
import { prose } from "./prose/prose.ts";
import { sql } from "./sql/sql.ts";
import { ts } from "./ts/ts.ts";

/** Every kind of cell. Other rooms keep a `Record<Kind, …>` of their own, so that a missing part does not compile. */
export const KINDS: Record<Kind, KindDefinition> = { prose, ts, sql, input, drift, kpi, check };

/** Kind by the words that open its fence. */
export const KIND_BY_FENCE: ReadonlyMap<string, Kind> = new Map(
  (Object.entries(KINDS) as [Kind, KindDefinition][]).flatMap(([kind, { fence }]) =>
    fence === null ? [] : [[fence, kind] as const],
  ),
);

export type MonitoringKind = Extract<Kind, "drift" | "kpi" | "check">;
/** Cells whose result is readings with a verdict. */
export const isMonitoring = (kind: Kind): kind is MonitoringKind =>
  kind === "drift" || kind === "kpi" || kind === "check";

/** TypeScript measures too, with `drift()` and its like. */
export const mayHaveBounds = (kind: Kind): boolean => isMonitoring(kind) || kind === "ts";
