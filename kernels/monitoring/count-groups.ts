import { accountSums } from "../../cells/kinds/kpi/account-plan.ts";
import { confusionCounts } from "../../cells/kinds/kpi/confusion-plan.ts";
import type { BootstrapIntervals, CountedGroup, Row, ScoreTally } from "../../cells/kinds/kpi/kpi-groups.ts";
import type { KpiGrouping } from "../../cells/kinds/kpi/outcome-rows.ts";
import { regressionSums } from "../../cells/kinds/kpi/regression-plan.ts";
import { isWeighted } from "../../cells/kinds/kpi/review-weights.ts";
import { scoreGroups } from "../../cells/kinds/kpi/score-plan.ts";
import { weightedRow, weightedSums, weightedTerms } from "../../cells/kinds/kpi/weighted-plan.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { KPI_METRICS, type KpiMetric, type KpiNeed } from "../../cells/statistics/outcomes/metrics.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import { bootstrapIntervals } from "./bootstrap-intervals.ts";
import { capacityDays } from "./capacity-days.ts";
import { type OwnMetrics, ownMetrics } from "./own-metrics.ts";
import type { PreparedOutcomes } from "./prepare-outcomes.ts";
import { NO_SCORES, scoreParts } from "./score-parts.ts";
import { type Slices, sliceOf } from "./slices.ts";

const dialect = duckdbDialect;
/** Above so many rows scores are rounded, so that groups stay few. */
const ROUND_ABOVE_ROWS = 1_000_000;

export interface Grouped extends Pick<PreparedOutcomes, "roles" | "spec" | "sample" | "largest"> {
  readonly selection: Selection;
  readonly slices: Slices | null;
  readonly chunks: readonly ResolvedWindow[];
  /** Those that can be computed. */
  readonly metrics: readonly KpiMetric[];
  readonly zone: string;
  /** Whether replicates give intervals; pieces of time have none. */
  readonly repeats: boolean;
}

export interface CountedGroups {
  readonly groups: readonly CountedGroup[];
  /** Of own metrics that cannot be computed. */
  readonly problems: OwnMetrics["problems"];
}

/** Which group a row of an answer is of. */
const keyOf = ({ which, slice, chunk }: Row): string =>
  JSON.stringify([which, slice ?? null, chunk == null ? null : Number(chunk)]);
/** What is counted of no rows. */
const NOTHING: Row = {};

/** Counts and sums of all rows, of each slice and of each piece of time, in this order. */
export async function countGroups(asking: Asking, grouped: Grouped): Promise<CountedGroups> {
  const { spec, roles, selection, slices, chunks, sample } = grouped;
  const grouping: KpiGrouping = { slice: slices?.expression ?? null, chunks };
  const sliceValues = slices?.values ?? [];
  // Of labels from a sample only the weighted sums are of use.
  const metrics = grouped.metrics.filter((metric) => sample === null || isWeighted(metric));
  const needs = (need: KpiNeed): boolean => metrics.some((metric) => KPI_METRICS[metric].needs.includes(need));
  const byGroup = async (title: string, sql: string): Promise<ReadonlyMap<string, Row>> =>
    new Map((await ask(asking, title, sql)).map((row) => [keyOf(row), row]));
  const counts = await ask(
    asking,
    "rows, classes and payoffs",
    confusionCounts(selection, roles, spec, grouping, dialect),
  );
  const total = Number(counts.find(({ which }) => which === "all")?.n ?? 0);
  const isRounded = total > ROUND_ABOVE_ROWS;
  const scores =
    roles.score !== null && roles.actual === null && sample === null
      ? await scoresOf(asking, grouped, roles.score, { ...grouping, slices: sliceValues }, isRounded)
      : () => null;
  const accounts = needs("entity")
    ? await byGroup(
        "accounts",
        accountSums(selection, { ...roles, entity: roles.entity!, time: roles.time! }, grouping, dialect),
      )
    : null;
  const regression = needs("label_value")
    ? await byGroup(
        "errors",
        regressionSums(
          selection,
          { ...roles, score: roles.score!, actual: roles.actual! },
          grouping,
          spec.quantile,
          dialect,
        ),
      )
    : null;
  const days = needs("k") ? await capacityDays(asking, grouped, grouping, keyOf) : null;
  const weighted = sample === null ? null : await weightedOf({ ...grouped, sample }, grouping, byGroup);
  const intervals = await bootstrapIntervals(asking, {
    spec,
    roles,
    selection,
    grouping: { ...grouping, slices: sliceValues },
    metrics: sample === null && grouped.repeats ? metrics : [],
  });
  const own = await ownMetrics(
    asking,
    {
      selection,
      roles,
      define: spec.define,
      bounded: new Set([...Object.keys(spec.warn), ...Object.keys(spec.fail)]),
      grouping: { ...grouping, slices: sliceValues },
      rows: grouped.repeats ? total : 0,
    },
    keyOf,
  );
  const partOf = ({ which, slice }: Row): number | null =>
    which === "all" ? 0 : which === "slice" ? sliceValues.indexOf(String(slice)) + 1 : null;
  const groups = inOrder(counts, sliceValues).map((row) => {
    const chunk = row.which === "chunk" ? chunks[Number(row.chunk)]! : null;
    return {
      slice: row.which === "slice" ? sliceOf(slices!, String(row.slice)) : null,
      chunk: chunk === null ? null : asPair(chunk),
      counts: row,
      scores: scores(row),
      isRounded,
      accounts: accounts === null ? null : (accounts.get(keyOf(row)) ?? NOTHING),
      regression: regression === null ? null : (regression.get(keyOf(row)) ?? NOTHING),
      days: days === null ? null : days(keyOf(row)),
      weighted: weighted === null ? null : weighted(row),
      own: own.values(keyOf(row)),
      bootstrap: merged(intervals(partOf(row)), own.intervals(partOf(row))),
    };
  });
  return { groups, problems: own.problems };
}

const merged = (one: BootstrapIntervals, other: BootstrapIntervals): BootstrapIntervals => ({
  found: { ...one.found, ...other.found },
  why: { ...one.why, ...other.why },
});

/** All rows, then the slices in their order, then the pieces of time; rows without a time are in none. */
function inOrder(counts: readonly Row[], sliceValues: readonly string[]): readonly Row[] {
  const order = (row: Row): number => (row.which === "all" ? 0 : row.which === "slice" ? 1 : 2);
  const sliceOrder = new Map(sliceValues.map((value, at) => [value, at]));
  return counts
    .filter((row) => row.which !== "slice" || sliceOrder.has(String(row.slice)))
    .filter((row) => row.which !== "chunk" || row.chunk !== null)
    .toSorted(
      (a, b) =>
        order(a) - order(b) ||
        (sliceOrder.get(String(a.slice)) ?? 0) - (sliceOrder.get(String(b.slice)) ?? 0) ||
        Number(a.chunk ?? 0) - Number(b.chunk ?? 0),
    );
}

async function scoresOf(
  asking: Asking,
  { selection, roles, spec }: Grouped,
  score: string,
  grouping: KpiGrouping & { readonly slices: readonly string[] },
  isRounded: boolean,
): Promise<(row: Row) => ScoreTally> {
  const sql = scoreGroups(selection, { ...roles, score }, spec, grouping, isRounded, dialect);
  const parts = await scoreParts(asking, sql);
  const { slices } = grouping;
  return (row) => {
    if (row.which === "all") return parts.get(0) ?? NO_SCORES;
    if (row.which === "slice") return parts.get(slices.indexOf(String(row.slice)) + 1) ?? NO_SCORES;
    return parts.get(slices.length + 1 + Number(row.chunk)) ?? NO_SCORES;
  };
}

async function weightedOf(
  { selection, roles, spec, sample, largest }: Grouped & { readonly sample: NonNullable<Grouped["sample"]> },
  grouping: KpiGrouping,
  byGroup: (title: string, sql: string) => Promise<ReadonlyMap<string, Row>>,
): Promise<(row: Row) => Row> {
  const weighed = { ...roles, probability: roles.probability! };
  const terms = weightedTerms(weighed, spec, sample, largest);
  const sums = await byGroup("weighted sums", weightedSums(selection, weighed, spec, grouping, terms, dialect));
  return (row) => weightedRow(sums.get(keyOf(row)) ?? NOTHING, terms);
}
