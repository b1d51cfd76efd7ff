import type { FeedbackCounts } from "../../cells/kinds/kpi/feedback-plan.ts";
import type { KpiGroup } from "../../cells/kinds/kpi/kpi-groups.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import type { Asking } from "./ask.ts";
import { broughtTogether, OUTCOMES } from "./brought-together.ts";
import { countFeedback } from "./count-feedback.ts";
import { countGroups } from "./count-groups.ts";
import type { Estimator } from "./estimated-performance.ts";
import { type Problems, problemsOf } from "./kpi-metrics.ts";
import type { Maturing } from "./maturing.ts";
import type { MeasureContext } from "./measure-context.ts";
import type { KpiRoles, PartProblems } from "./outcome-roles.ts";
import { type PreparedOutcomes, prepareOutcomes } from "./prepare-outcomes.ts";
import type { ReadableSpec } from "./readable-spec.ts";
import { slicesOf } from "./slices.ts";

/** What is counted of some rows, and with what is known of all. */
export interface KpiCounting extends Pick<ReadableSpec, "spec" | "ofNames"> {
  readonly roles: KpiRoles;
  readonly metrics: readonly KpiMetric[];
  readonly partProblems: PartProblems & ReadableSpec["ofParts"];
  readonly chunks: readonly ResolvedWindow[];
  readonly maturing: Maturing;
  readonly estimator: Estimator | null;
  readonly knownThen: (chunk: KpiGroup["chunk"]) => KpiGroup["knownThen"];
  readonly context: Pick<MeasureContext, "cell" | "zone">;
  /** What the rows' columns are named by. */
  readonly texts: readonly string[];
}

export interface CountedKpi {
  readonly groups: readonly KpiGroup[];
  readonly prepared: PreparedOutcomes;
  readonly problems: Problems;
  readonly feedback: FeedbackCounts | null;
}

/** Counts of one window's rows: all, each slice and each piece of time, with what is known of their labels. */
export function countKpi(asking: Asking, selection: Selection, counting: KpiCounting): Promise<CountedKpi> {
  const { context, texts } = counting;
  const count = (rows: Selection): Promise<CountedKpi> => countRows(asking, rows, counting);
  // A stream's outcomes are a join; a table or file is read as it is.
  return selection.relation.roles === null
    ? count(selection)
    : broughtTogether(asking, selection, { name: context.cell, title: OUTCOMES, texts }, count);
}

/** Whether it is known which of the rows were alerted, and rightly. */
export const isDecided = ({ problems }: PreparedOutcomes): boolean =>
  problems.decision === undefined && problems.truth === undefined;

async function countRows(asking: Asking, rows: Selection, counting: KpiCounting): Promise<CountedKpi> {
  const { spec, roles, metrics, partProblems, ofNames } = counting;
  const prepared = await prepareOutcomes(asking, rows, spec, roles, metrics);
  const all = { ...partProblems, ...prepared.problems };
  const problems = { ...problemsOf(metrics, prepared.spec, prepared.roles, all), ...ofNames };
  const { groups, ofOwn } = await groupsOf(asking, rows, { ...counting, prepared, problems });
  const feedback = await countFeedback(asking, rows, roles);
  return { groups, prepared: { ...prepared, problems: all }, problems: { ...problems, ...ofOwn }, feedback };
}

async function groupsOf(
  asking: Asking,
  rows: Selection,
  counting: KpiCounting & Pick<CountedKpi, "prepared" | "problems">,
): Promise<{ readonly groups: readonly KpiGroup[]; readonly ofOwn: Problems }> {
  const { prepared, metrics, problems, chunks, maturing, estimator, knownThen, context } = counting;
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
      knownThen: knownThen(group.chunk),
    };
  });
  return { groups, ofOwn: counted.problems };
}
