import { kpiReadings } from "../../cells/kinds/kpi/kpi-readings.ts";
import { type KpiSpec, toKpi } from "../../cells/kinds/kpi/kpi-spec.ts";
import { exclusionNotes, shownMarks } from "../../cells/monitoring/marked-windows.ts";
import { isTimeType } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import { countKpi, isDecided } from "./count-kpi.ts";
import { countNewest } from "./count-newest.ts";
import { estimatorOf } from "./estimated-performance.ts";
import { knownThen } from "./known-then.ts";
import { metricsOf, problemsOf } from "./kpi-metrics.ts";
import { type MatureUnits, Maturing } from "./maturing.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { type KpiRoles, rolesOfRelation } from "./outcome-roles.ts";
import { refuseWrongConditions } from "./own-sql.ts";
import { readableSpec, refuseAllWrong, unsaid } from "./readable-spec.ts";
import { columnNamed, resolveRelation } from "./relation.ts";
import { markable, measuredSelection, withoutMarked, withoutMarkedEver } from "./selections.ts";
import { windowChunks } from "./window-chunks.ts";

/**
 * Measures a kpi cell: counts and sums by group, then the pure statistics over them. What is wrong with one metric, slice or
 * column is said in its reading, and the others are computed.
 * @throws CellProblem when nothing can be
 */
export async function runKpi(asking: Asking, written: never, context: MeasureContext): Promise<Measured> {
  const asked = toKpi(written as Parameters<typeof toKpi>[0]);
  const relation = await resolveRelation(asked.from, context.streams, asking.engine, {
    outcomes: true,
    ...(asked.columns.time === undefined ? {} : { time: asked.columns.time }),
  });
  // Another time would be another window: nothing could be computed.
  if (asked.columns.time !== undefined) {
    const { name, type } = columnNamed(relation, asked.columns.time, "columns.time");
    if (!isTimeType(type))
      throw new CellProblem(
        `columns.time: ${name} is ${type}; expected a time or a date.`,
        `Make one in SQL, such as CAST(${name} AS TIMESTAMP) AS decided_at.`,
      );
  }
  const { roles, problems: ofColumns } = rolesOfRelation(relation, asked, context.asOf, duckdbDialect);
  const maturing = new Maturing(asking, relation, context);
  const units = await maturing.units(asked.window);
  const immature = immatureNote(units, context);
  // Labels that have not come are missing data: nothing is measured over nothing, rather than refused.
  const rows = immature === null ? asked : { window: null, where: NOTHING };
  const mature = () => units?.mature ?? null;
  const selection = withoutMarked(measuredSelection(relation, rows, context, { mature }), context);
  await refuseWrongConditions(asking, relation, [{ key: "where", sql: asked.where }]);
  const { spec, ofParts, ofNames } = await readableSpec(asking, relation, asked);
  const partProblems = { ...ofColumns, ...ofParts };
  const metrics = metricsOf(asked, roles, partProblems);
  refuseAllWrong(metrics, asked, { ...problemsOf(metrics, spec, roles, partProblems), ...ofNames });
  const chunks = await windowChunks(asking, spec.every, selection, context.zone);
  const texts = textsOf(spec, roles);
  const estimator =
    spec.estimate && partProblems.truth === undefined && partProblems.score === undefined
      ? await estimatorOf(asking, withoutMarkedEver(selection, context), {
          roles,
          metrics,
          asked: spec,
          asOf: context.asOf,
          name: `${context.cell} before`,
          texts,
        })
      : null;
  const then = await knownThen(asking, { selection, roles, spec, metrics, chunks, context, texts });
  const counting = { spec, ofNames, roles, metrics, partProblems, chunks, maturing, estimator, context, texts };
  const { groups, prepared, problems, feedback } = await countKpi(asking, selection, { ...counting, knownThen: then });
  const newest = await countNewest(asking, { ...selection, where: asked.where }, units, counting, context);
  const measured = [markable(selection), ...(newest === null ? [] : [newest.markable])];
  return kpiReadings(
    {
      spec: asked,
      metrics,
      groups,
      cell: context.question,
      asOf: context.asOf,
      window: asPair(selection.window),
      isBeside: false,
      hasSilenceRule: relation.roles === null || relation.roles.silence !== null,
      isStream: relation.roles !== null,
      curves: maturing.curves,
      problems,
      isDecided: isDecided(prepared),
      sample: prepared.sample,
      feedback,
      marks: shownMarks(context.marks, measured),
      notes: [
        ...(immature === null ? [] : [immature]),
        ...exclusionNotes(context.marks, markable(selection), "window"),
        ...prepared.notes,
        ...unsaid(prepared.problems, problems),
        ...(estimator?.note == null ? [] : [estimator.note]),
        ...(newest?.notes ?? []),
      ],
      statements: [...asking.asked],
    },
    newest?.units ?? null,
  );
}

/** A condition that no row meets, in every dialect. */
const NOTHING = "1 = 0";

/** Why a window `mature …` holds nothing yet; null where it does, and for other windows. */
function immatureNote(
  units: MatureUnits | null,
  { asOf, dueAt }: Pick<MeasureContext, "asOf" | "dueAt">,
): string | null {
  if (units === null || units.mature !== null) return null;
  const upTo = dueAt === asOf ? "" : ` up to ${dueAt}`;
  return `No ${units.unit}${upTo} is mature yet at ${asOf}: the labels of too few decisions have come.`;
}

/** Everything that may name a column. */
function textsOf({ by, define, payoff }: KpiSpec, roles: KpiRoles): string[] {
  const expressions = Object.values(roles).filter((text) => typeof text === "string");
  return [...by, ...Object.values(define), ...Object.values(payoff ?? {}), ...expressions];
}
