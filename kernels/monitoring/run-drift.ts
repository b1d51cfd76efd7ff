import { wordsForNothing } from "../../cells/kinds/drift/asked-metrics.ts";
import { driftDisplay } from "../../cells/kinds/drift/drift-display.ts";
import { driftReadings, problemReading } from "../../cells/kinds/drift/drift-readings.ts";
import { type DriftSpec, toDrift } from "../../cells/kinds/drift/drift-spec.ts";
import { exclusionNotes, shownMarks } from "../../cells/monitoring/marked-windows.ts";
import type { MonitoredRelation, Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { measureDrift } from "./measure-drift.ts";
import { refuseWrongConditions } from "./own-sql.ts";
import { columnNamed, resolveRelation } from "./relation.ts";
import { markable, measuredSelection, withoutMarked } from "./selections.ts";
import { slicesOf } from "./slices.ts";

/** Measures a drift cell: both sides' counts, then the pure statistics over them. */
export async function runDrift(asking: Asking, written: never, context: MeasureContext): Promise<Measured> {
  const spec = toDrift(written as Parameters<typeof toDrift>[0]);
  const relation = await resolveRelation(spec.from, context.streams, asking.engine, { outcomes: false });
  const current = measuredSelection(relation, spec, context);
  await refuseWrongConditions(asking, relation, [{ key: "where", sql: spec.where }]);
  const reference = withoutMarked(await referenceOf(asking, spec, relation, current, context), context);
  await refuseWrongConditions(asking, reference.relation, [{ key: "reference.where", sql: spec.reference.where }]);
  refuseItself(reference, current);
  for (const name of spec.by) columnNamed(reference.relation, name, "by");
  const slices = await slicesOf(asking, spec.by, current, spec.minRows);
  const counts = await measureDrift(asking, spec, { reference, current, slices, zone: context.zone }, context.cell);
  const measurement = {
    spec,
    subjects: counts.subjects,
    cell: context.question,
    asOf: context.asOf,
    window: asPair(current.window),
  };
  const judged = driftReadings(measurement);
  const leftOut = [...counts.problems, ...counts.notCompared].map(({ subject }) => subject);
  const problems = [...counts.problems, ...wordsForNothing(spec, counts.subjects, leftOut)];
  const rows = { n: counts.nCurrent, nReference: counts.nReference, warn: null, fail: null };
  const broken = problems.map((problem) => problemReading(problem, measurement, rows));
  const display = driftDisplay({
    spec,
    judged,
    broken,
    counts,
    asOf: context.asOf,
    window: asPair(current.window),
    reference: { from: reference.relation.title, window: asPair(reference.window) },
    statements: [...asking.asked],
    marks: shownMarks(context.marks, [markable(reference), markable(current)]),
    notes: exclusionNotes(context.marks, markable(reference), "reference"),
  });
  return { readings: [...judged.map(({ reading }) => reading), ...broken], display };
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

/** Every distance of rows to themselves is 0, which would look as if all were well. */
function refuseItself(reference: Selection, current: Selection): void {
  const rows = ({ relation, window, where }: Selection): string =>
    JSON.stringify([relation.sql, window?.start, window?.end, where]);
  if (rows(reference) !== rows(current)) return;
  throw new CellProblem(
    "reference: it is the measured window itself, and every distance to it is 0.",
    "Name an earlier window, such as 28 days before.",
  );
}
