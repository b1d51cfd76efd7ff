import type { MonitoringKind } from "../../cells/kinds/kinds.ts";
import type { Asking } from "./ask.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { runCheck } from "./run-check.ts";
import { runDrift } from "./run-drift.ts";
import { runKpi } from "./run-kpi.ts";

type Measure = (asking: Asking, written: never, context: MeasureContext) => Promise<Measured>;

/** How each kind of monitoring cell is measured; `written` is its spec with expressions filled in. */
export const MEASURE: Record<MonitoringKind, Measure> = { drift: runDrift, kpi: runKpi, check: runCheck };
