import type { FeedbackCounts } from "../../cells/kinds/kpi/feedback-plan.ts";
import type { KpiGroup } from "../../cells/kinds/kpi/kpi-groups.ts";
import { kpiReadings } from "../../cells/kinds/kpi/kpi-readings.ts";
import { type KpiSpec, toKpi } from "../../cells/kinds/kpi/kpi-spec.ts";
import { exclusionNotes, shownMarks } from "../../cells/monitoring/marked-windows.ts";
import { isTimeType, type Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { parseWindow } from "../../cells/time/window.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import { broughtTogether } from "./brought-together.ts";
import { countFeedback } from "./count-feedback.ts";
import { countGroups } from "./count-groups.ts";
import { type Estimator, estimatorOf } from "./estimated-performance.ts";
import { knownThen } from "./known-then.ts";
import { metricsOf, type Problems, problemsOf } from "./kpi-metrics.ts";
import { Maturing } from "./maturing.ts";
import type { MeasureContext, Measured, WindowAround } from "./measure-context.ts";
import { type KpiRoles, rolesOfRelation } from "./outcome-roles.ts";
import { refuseWrongConditions } from "./own-sql.ts";
import { type PreparedOutcomes, prepareOutcomes } from "./prepare-outcomes.ts";
import { readableSpec, refuseAllWrong, unsaid } from "./readable-spec.ts";
import { columnNamed, resolveRelation } from "./relation.ts";
import { markable, measuredSelection, withoutMarked, withoutMarkedEver } from "./selections.ts";
import { slicesOf } from "./slices.ts";
import { windowChunks } from "./window-chunks.ts";

interface Counted {
  readonly groups: readonly KpiGroup[];
  readonly prepared: PreparedOutcomes;
  readonly problems: Problems;
  readonly feedback: FeedbackCounts | null;
}

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
  const mature = await maturing.resolver(asked.window);
  const immature = immatureNote(asked.window, mature, context);
  // Labels that have not come are missing data: nothing is measured over nothing, rather than refused.
  const rows = immature === null ? asked : { window: null, where: NOTHING };
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
  const measure = async (rows: Selection): Promise<Counted> => {
    const prepared = await prepareOutcomes(asking, rows, spec, roles, metrics);
    const all = { ...partProblems, ...prepared.problems };
    const problems = { ...problemsOf(metrics, prepared.spec, prepared.roles, all), ...ofNames };
    const { groups, problems: ofOwn } = await groupsOf(asking, rows, {
      prepared,
      metrics,
      problems,
      chunks,
      maturing,
      estimator,
      knownThen: then,
      context,
    });
    const feedback = await countFeedback(asking, rows, roles);
    return { groups, prepared: { ...prepared, problems: all }, problems: { ...problems, ...ofOwn }, feedback };
  };
  // A stream's outcomes are a join; a table or file is read as it is.
  const { groups, prepared, problems, feedback } =
    relation.roles === null
      ? await measure(selection)
      : await broughtTogether(asking, selection, { name: context.cell, texts }, measure);
  return kpiReadings({
    spec: asked,
    metrics,
    groups,
    cell: context.question,
    asOf: context.asOf,
    window: asPair(selection.window),
    hasSilenceRule: relation.roles === null || relation.roles.silence !== null,
    isStream: relation.roles !== null,
    curves: maturing.curves,
    problems,
    isDecided: prepared.problems.decision === undefined && prepared.problems.truth === undefined,
    sample: prepared.sample,
    feedback,
    marks: shownMarks(context.marks, [markable(selection)]),
    notes: [
      ...(immature === null ? [] : [immature]),
      ...exclusionNotes(context.marks, markable(selection), "window"),
      ...prepared.notes,
      ...unsaid(prepared.problems, problems),
      ...(estimator?.note == null ? [] : [estimator.note]),
    ],
    statements: [...asking.asked],
  });
}

/** A condition that no row meets, in every dialect. */
const NOTHING = "1 = 0";

/** Why a window `mature …` holds nothing yet; null where it does, and for other windows. */
function immatureNote(
  window: string | null,
  mature: WindowAround["mature"],
  { asOf, dueAt }: Pick<MeasureContext, "asOf" | "dueAt">,
): string | null {
  const read = window === null ? null : parseWindow(window);
  if (read?.ok !== true || read.window.type !== "mature") return null;
  const { count, unit } = read.window;
  if (mature?.(count, unit) != null) return null;
  const upTo = dueAt === asOf ? "" : ` up to ${dueAt}`;
  return `No ${unit}${upTo} is mature yet at ${asOf}: the labels of too few decisions have come.`;
}

/** Everything that may name a column. */
function textsOf({ by, define, payoff }: KpiSpec, roles: KpiRoles): string[] {
  const expressions = Object.values(roles).filter((text) => typeof text === "string");
  return [...by, ...Object.values(define), ...Object.values(payoff ?? {}), ...expressions];
}

interface Measuring {
  readonly prepared: PreparedOutcomes;
  readonly metrics: readonly KpiMetric[];
  readonly problems: Problems;
  readonly chunks: readonly ResolvedWindow[];
  readonly maturing: Maturing;
  readonly estimator: Estimator | null;
  readonly knownThen: (chunk: KpiGroup["chunk"]) => KpiGroup["knownThen"];
  readonly context: MeasureContext;
}

async function groupsOf(
  asking: Asking,
  rows: Selection,
  measuring: Measuring,
): Promise<Pick<Counted, "groups" | "problems">> {
  const { prepared, metrics, problems, chunks, maturing, estimator, context } = measuring;
  const slices = await slicesOf(asking, prepared.spec.by, rows, prepared.spec.minRows);
  const counted = await countGroups(asking, {
    ...prepared,
    selection: rows,
    slices,
    chunks,
    metrics: metrics.filter((metric) => problems[metric] === undefined),
    zone: context.zone,
    repeats: true,
  });
  const grouping = { slice: slices?.expression ?? null, chunks };
  const ages = await maturing.of(rows, grouping);
  const estimated = await estimator?.of(asking, rows, grouping);
  const groups = counted.groups.map((group) => {
    const at = group.chunk === null ? null : chunks.findIndex(({ start }) => start === group.chunk![0]);
    return {
      ...group,
      maturity: ages(at),
      estimated: estimated?.({ slice: group.slice === null ? null : slices!.valueOf(group.slice), chunk: at }) ?? null,
      knownThen: measuring.knownThen(group.chunk),
    };
  });
  return { groups, problems: counted.problems };
}
