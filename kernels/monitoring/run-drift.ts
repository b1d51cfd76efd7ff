import { driftDisplay } from "../../cells/kinds/drift/drift-display.ts";
import { driftReadings, fits } from "../../cells/kinds/drift/drift-readings.ts";
import { type DriftSpec, toDrift } from "../../cells/kinds/drift/drift-spec.ts";
import type { MonitoredRelation, Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { measureDrift } from "./measure-drift.ts";
import { resolveRelation } from "./relation.ts";
import { measuredSelection } from "./selections.ts";
import { slicesOf } from "./slices.ts";

/** Measures a drift cell: both sides' counts, then the pure statistics over them. */
export async function runDrift(asking: Asking, written: never, context: MeasureContext): Promise<Measured> {
  const spec = toDrift(written as Parameters<typeof toDrift>[0]);
  const relation = await resolveRelation(spec.from, context.streams, asking.engine, { outcomes: false });
  const current = measuredSelection(relation, spec, context);
  const reference = await referenceOf(asking, spec, relation, current, context);
  const slices = await slicesOf(asking, spec.by, current, spec.minRows);
  const counts = await measureDrift(asking, spec, { reference, current, slices, zone: context.zone });
  refuseMetricsThatFitNothing(
    spec,
    counts.subjects.map(({ kind }) => kind),
  );
  const judged = driftReadings({
    spec,
    subjects: counts.subjects,
    cell: context.cell,
    asOf: context.asOf,
    window: asPair(current.window),
  });
  const display = driftDisplay({
    spec,
    judged,
    counts,
    asOf: context.asOf,
    window: asPair(current.window),
    reference: { from: reference.relation.title, window: asPair(reference.window) },
    statements: [...asking.asked],
  });
  return { readings: judged.map(({ reading }) => reading), display };
}

async function referenceOf(
  asking: Asking,
  spec: DriftSpec,
  relation: MonitoredRelation,
  current: Selection,
  context: MeasureContext,
): Promise<Selection> {
  const { from, window, where } = spec.reference;
  const other =
    from === null ? relation : await resolveRelation(from, context.streams, asking.engine, { outcomes: false });
  if (window === null) {
    if (from === null)
      throw new CellProblem("reference: a window or a relation is needed.", "Such as reference: 28 days before.");
    return { relation: other, window: null, where, excluded: [] };
  }
  if (other.time === null)
    throw new CellProblem(`reference: ${other.title} has no column of times that a window could cut.`);
  const around = current.window === null ? {} : { measured: current.window };
  return {
    relation: other,
    window: context.resolveWindow(window, around),
    where: where ?? (from === null ? spec.where : null),
    excluded: [],
  };
}

/** A list of metrics is applied where each fits; one that fits no column is a mistake. */
function refuseMetricsThatFitNothing(spec: DriftSpec, kinds: readonly ("numeric" | "categorical")[]): void {
  if (kinds.length === 0) return;
  for (const kind of ["numeric", "categorical"] as const)
    for (const metric of spec.metrics[kind]) {
      if (spec.flat ? kinds.some((one) => fits(metric, one)) : fits(metric, kind)) continue;
      const only = spec.flat
        ? `none of the compared columns is ${kinds[0] === "numeric" ? "categorical" : "numeric"}`
        : `it does not fit ${kind} columns`;
      throw new CellProblem(
        `metrics: ${metric} cannot be measured here: ${only}.`,
        "Leave it out, or name columns that it fits.",
      );
    }
}
