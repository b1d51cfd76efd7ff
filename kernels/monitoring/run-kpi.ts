import { accountSums } from "../../cells/kinds/kpi/account-plan.ts";
import { capacityGroups } from "../../cells/kinds/kpi/capacity-plan.ts";
import { confusionCounts } from "../../cells/kinds/kpi/confusion-plan.ts";
import type { KpiGroup, ScoreTally } from "../../cells/kinds/kpi/kpi-groups.ts";
import { kpiReadings } from "../../cells/kinds/kpi/kpi-readings.ts";
import { type KpiSpec, toKpi } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { KpiGrouping } from "../../cells/kinds/kpi/outcome-rows.ts";
import { regressionSums } from "../../cells/kinds/kpi/regression-plan.ts";
import { scoreGroups } from "../../cells/kinds/kpi/score-plan.ts";
import { exclusionNotes, shownMarks } from "../../cells/monitoring/marked-windows.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { KPI_METRICS, type KpiMetric, type KpiNeed } from "../../cells/statistics/outcomes/metrics.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { CellProblem } from "../session/outcome.ts";
import { type Asking, ask, askTable } from "./ask.ts";
import { bootstrapIntervals } from "./bootstrap-intervals.ts";
import { broughtTogether } from "./brought-together.ts";
import { estimatorOf } from "./estimated-performance.ts";
import { Maturing } from "./maturing.ts";
import type { MeasureContext, Measured } from "./measure-context.ts";
import { type KpiRoles, rolesOfRelation } from "./outcome-roles.ts";
import { refuseWrongConditions, refuseWrongExpressions } from "./own-sql.ts";
import { resolveRelation } from "./relation.ts";
import { markable, measuredSelection, withoutMarked, withoutMarkedEver } from "./selections.ts";
import { type Slices, sliceOf, slicesOf } from "./slices.ts";
import { windowChunks } from "./window-chunks.ts";

const dialect = duckdbDialect;
/** Above so many rows scores are rounded, so that groups stay few. */
const ROUND_ABOVE_ROWS = 1_000_000;

/** Measures a kpi cell: counts and sums by group, then the pure statistics over them. */
export async function runKpi(asking: Asking, written: never, context: MeasureContext): Promise<Measured> {
  const spec = toKpi(written as Parameters<typeof toKpi>[0]);
  const relation = await resolveRelation(spec.from, context.streams, asking.engine, {
    outcomes: true,
    ...(spec.columns.time === undefined ? {} : { time: spec.columns.time }),
  });
  const roles = rolesOfRelation(relation, spec, context.asOf, dialect);
  const maturing = new Maturing(asking, relation, context);
  const mature = await maturing.resolver(spec.window);
  const selection = withoutMarked(measuredSelection(relation, spec, context, { mature }), context);
  const metrics = metricsOf(spec, roles);
  await refuseWrongConditions(asking, relation, [{ key: "where", sql: spec.where }]);
  await refuseWrongExpressions(asking, relation, [
    ...Object.entries(spec.payoff ?? {}).map(([name, sql]) => ({ key: `payoff.${name}`, sql })),
    ...Object.entries(spec.define).map(([name, sql]) => ({ key: `define.${name}`, sql })),
  ]);
  const chunks = await windowChunks(asking, spec.every, selection, context.zone);
  const texts = textsOf(spec, roles);
  const estimator = spec.estimate
    ? await estimatorOf(asking, withoutMarkedEver(selection, context), {
        roles,
        metrics,
        asOf: context.asOf,
        name: `${context.cell} before`,
        texts,
      })
    : null;
  const measure = async (rows: Selection): Promise<KpiGroup[]> => {
    const slices = await slicesOf(asking, spec.by, rows, spec.minRows);
    const grouping: KpiGrouping = { slice: slices?.expression ?? null, chunks };
    const groups = await groupsOf(asking, {
      spec,
      roles,
      selection: rows,
      slices,
      chunks,
      grouping,
      metrics,
      zone: context.zone,
    });
    const ages = await maturing.of(rows, grouping);
    const estimated = await estimator?.of(asking, rows, grouping);
    return groups.map((group) => {
      const chunk = group.chunk === null ? null : chunkIndex(chunks, group.chunk);
      return {
        ...group,
        maturity: ages(chunk),
        estimated: group.slice === null ? (estimated?.(chunk) ?? null) : null,
      };
    });
  };
  // A stream's outcomes are a join; a table or file is read as it is.
  const groups =
    relation.roles === null
      ? await measure(selection)
      : await broughtTogether(asking, selection, { name: context.cell, texts }, measure);
  return kpiReadings({
    spec,
    metrics,
    groups,
    cell: context.question,
    asOf: context.asOf,
    window: asPair(selection.window),
    hasSilenceRule: relation.roles === null || relation.roles.silence !== null,
    isStream: relation.roles !== null,
    curves: maturing.curves,
    marks: shownMarks(context.marks, [markable(selection)]),
    notes: [
      ...exclusionNotes(context.marks, markable(selection), "window"),
      ...(estimator?.note == null ? [] : [estimator.note]),
    ],
    statements: [...asking.asked],
  });
}

/** Everything that may name a column. */
function textsOf({ by, define, payoff }: KpiSpec, roles: KpiRoles): string[] {
  const expressions = Object.values(roles).filter((text) => text !== null);
  return [...by, ...Object.values(define), ...Object.values(payoff ?? {}), ...expressions];
}

const chunkIndex = (chunks: readonly ResolvedWindow[], chunk: readonly [string, string]): number =>
  chunks.findIndex(({ start }) => start === chunk[0]);

/** Those asked for; else what the relation allows of the usual ones. @throws CellProblem for one that it does not allow */
function metricsOf(spec: KpiSpec, roles: KpiRoles): readonly KpiMetric[] {
  const missing = (metric: KpiMetric): string | null => {
    const lacks: Record<KpiNeed, string | null> = {
      negatives: null,
      score: roles.score === null ? "a score" : null,
      amount: roles.amount === null ? "an amount" : null,
      entity: roles.entity === null || roles.time === null ? "an entity and a time" : null,
      payoff: spec.payoff === null ? "payoff: what a tp, fp, fn and tn are worth" : null,
      k: roles.time === null ? "a time" : null,
      label_value: roles.actual === null ? "a truth that is a number" : null,
    };
    return KPI_METRICS[metric].needs.map((need) => lacks[need]).find((lack) => lack !== null) ?? null;
  };
  if (spec.metrics !== null) {
    for (const metric of spec.metrics) {
      const lack = missing(metric);
      if (lack !== null)
        throw new CellProblem(
          `metrics: ${metric} needs ${lack}.`,
          "Name the column under columns:, or leave the metric out.",
        );
    }
    return spec.metrics;
  }
  if (roles.actual !== null) return ["mae", "rmse", "bias"];
  const usual: readonly KpiMetric[] = [
    "precision",
    "recall",
    "alert_rate",
    "roc_auc",
    "average_precision",
    "payoff_total",
  ];
  return usual.filter((metric) => missing(metric) === null);
}

interface Grouped {
  readonly spec: KpiSpec;
  readonly roles: KpiRoles;
  readonly selection: Selection;
  readonly slices: Slices | null;
  readonly chunks: readonly ResolvedWindow[];
  readonly grouping: KpiGrouping;
  readonly metrics: readonly KpiMetric[];
  readonly zone: string;
}

/** The rows of each part, as columns: there may be a million of them. */
async function scoreParts(asking: Asking, sql: string): Promise<Map<number, ScoreTally>> {
  const table = await askTable(asking, "classes by score", sql);
  const column = (name: string): Float64Array =>
    table.numRows === 0 ? new Float64Array(0) : Float64Array.from(table.getChild(name).toArray() as ArrayLike<number>);
  const part = column("part");
  const [scores, positives, negatives, rows, ifAlerted, ifPassed] = (
    ["score", "positives", "negatives", "n", "if_alerted", "if_passed"] as const
  ).map(column) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const found = new Map<number, ScoreTally>();
  for (let start = 0, end = 0; start < part.length; start = end) {
    while (end < part.length && part[end] === part[start]) end += 1;
    const cut = (values: Float64Array): Float64Array => values.subarray(start, end);
    found.set(part[start]!, {
      scores: cut(scores),
      positives: cut(positives),
      negatives: cut(negatives),
      rows: cut(rows),
      ifAlerted: cut(ifAlerted),
      ifPassed: cut(ifPassed),
    });
  }
  return found;
}

const NO_SCORES: ScoreTally = {
  scores: new Float64Array(0),
  positives: new Float64Array(0),
  negatives: new Float64Array(0),
  rows: new Float64Array(0),
  ifAlerted: new Float64Array(0),
  ifPassed: new Float64Array(0),
};

type Row = Record<string, unknown>;
/** What is counted of no rows. */
const NOTHING: Row = {};
const keyOf = ({ which, slice, chunk }: Row): string =>
  JSON.stringify([which, slice ?? null, chunk == null ? null : Number(chunk)]);

async function groupsOf(asking: Asking, grouped: Grouped): Promise<Omit<KpiGroup, "maturity" | "estimated">[]> {
  const { spec, roles, selection, slices, chunks, grouping, metrics, zone } = grouped;
  const needs = (need: KpiNeed): boolean => metrics.some((metric) => KPI_METRICS[metric].needs.includes(need));
  const counts = await ask(
    asking,
    "rows, classes and payoffs",
    confusionCounts(selection, roles, spec, grouping, dialect),
  );
  const total = Number(counts.find(({ which }) => which === "all")?.n ?? 0);
  const isRounded = total > ROUND_ABOVE_ROWS;
  const withScore = roles.score !== null && roles.actual === null;
  const sliceValues = slices?.values ?? [];
  const parts = withScore
    ? await scoreParts(
        asking,
        scoreGroups(
          selection,
          { ...roles, score: roles.score! },
          spec,
          { ...grouping, slices: sliceValues },
          isRounded,
          dialect,
        ),
      )
    : null;
  const scoresOf = (row: Row): ScoreTally | null => {
    if (parts === null) return null;
    if (row.which === "all") return parts.get(0) ?? NO_SCORES;
    if (row.which === "slice") return parts.get(sliceValues.indexOf(String(row.slice)) + 1) ?? NO_SCORES;
    return parts.get(sliceValues.length + 1 + Number(row.chunk)) ?? NO_SCORES;
  };
  const accounts = needs("entity")
    ? new Map(
        (
          await ask(
            asking,
            "accounts",
            accountSums(selection, { ...roles, entity: roles.entity!, time: roles.time! }, grouping, dialect),
          )
        ).map((row) => [keyOf(row), row]),
      )
    : new Map<string, Row>();
  const regression = needs("label_value")
    ? new Map(
        (
          await ask(
            asking,
            "errors",
            regressionSums(
              selection,
              { ...roles, score: roles.score!, actual: roles.actual! },
              grouping,
              spec.quantile,
              dialect,
            ),
          )
        ).map((row) => [keyOf(row), row]),
      )
    : new Map<string, Row>();
  const days = needs("k")
    ? await ask(
        asking,
        "alerts by day",
        capacityGroups(
          selection,
          { ...roles, score: roles.score!, time: roles.time! },
          spec.caseByEntity,
          zone,
          dialect,
        ),
      )
    : null;
  const intervals = await bootstrapIntervals(asking, {
    spec,
    roles,
    selection,
    grouping: { ...grouping, slices: sliceValues },
    metrics,
  });
  const partOf = ({ which, slice }: Row): number | null =>
    which === "all" ? 0 : which === "slice" ? sliceValues.indexOf(String(slice)) + 1 : null;
  const order = (row: Row): number => (row.which === "all" ? 0 : row.which === "slice" ? 1 : 2);
  const sliceOrder = new Map(slices?.values.map((value, at) => [value, at]));
  return (
    counts
      .filter((row) => row.which !== "slice" || sliceOrder.has(String(row.slice)))
      // Rows without a time are in no chunk.
      .filter((row) => row.which !== "chunk" || row.chunk !== null)
      .toSorted(
        (a, b) =>
          order(a) - order(b) ||
          (sliceOrder.get(String(a.slice)) ?? 0) - (sliceOrder.get(String(b.slice)) ?? 0) ||
          Number(a.chunk ?? 0) - Number(b.chunk ?? 0),
      )
      .map((row) => {
        const chunk = row.which === "chunk" ? chunks[Number(row.chunk)]! : null;
        return {
          slice: row.which === "slice" ? sliceOf(slices!, String(row.slice)) : null,
          chunk: chunk === null ? null : asPair(chunk),
          counts: row,
          scores: scoresOf(row),
          isRounded,
          accounts: accounts.get(keyOf(row)) ?? (needs("entity") ? NOTHING : null),
          regression: regression.get(keyOf(row)) ?? (needs("label_value") ? NOTHING : null),
          days: row.which === "all" ? days : null,
          bootstrap: intervals(partOf(row)),
        };
      })
  );
}
