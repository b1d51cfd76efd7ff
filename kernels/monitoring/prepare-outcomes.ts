import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { MetricPart } from "../../cells/kinds/kpi/metric-problems.ts";
import { MONEY_LIMIT, moneyType } from "../../cells/kinds/kpi/money-type.ts";
import {
  INVALID_NOTE,
  type ReviewSample,
  sampleNotes,
  validProbability,
} from "../../cells/kinds/kpi/review-weights.ts";
import { largestPayoff, outcomeSizes } from "../../cells/kinds/kpi/sizes-plan.ts";
import type { Largest } from "../../cells/kinds/kpi/weighted-plan.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import type { Problem } from "../../cells/session/operation.ts";
import { KPI_METRICS, type KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import type { KpiRoles } from "./outcome-roles.ts";

const dialect = duckdbDialect;

/** What the rows themselves say of how they are to be counted. */
export interface PreparedOutcomes {
  /** With the type of their amounts, and without the truth of labels that cannot count. */
  readonly roles: KpiRoles;
  /** Without a payoff that cannot be added up. */
  readonly spec: KpiSpec;
  /** Null where every label counts as one. */
  readonly sample: ReviewSample | null;
  readonly largest: Largest;
  readonly problems: Partial<Record<MetricPart, Problem>>;
  readonly notes: readonly string[];
}

/** Asks the selection's rows once for the sizes of amounts, the range of scores and the probabilities of labels. */
export async function prepareOutcomes(
  asking: Asking,
  rows: Selection,
  spec: KpiSpec,
  given: KpiRoles,
  metrics: readonly KpiMetric[],
): Promise<PreparedOutcomes> {
  const { threshold } = spec;
  const isOutside = threshold !== null && (threshold < 0 || threshold > 1);
  const needsAmount = metrics.some((metric) => KPI_METRICS[metric].needs.includes("amount"));
  const sql = outcomeSizes(rows, given, spec, { amount: needsAmount, score: isOutside }, dialect);
  const [sizes = {}] = sql === null ? [] : await ask(asking, "sizes of amounts, scores and samples", sql);
  const size = (name: string): number => Number(sizes[name] ?? 0);
  const payoff = largestPayoff(spec, sizes);
  const problems: Partial<Record<MetricPart, Problem>> = {};
  const isTooLarge = (part: "amount" | "payoff", most: number): boolean => {
    if (most < MONEY_LIMIT) return false;
    problems[part] = {
      message: `${part}: it reaches ${most}; sums are exact below ${MONEY_LIMIT}.`,
      hint: "Divide it, or leave out the rows that cannot be meant with where:.",
    };
    return true;
  };
  const largest = {
    amount: isTooLarge("amount", size("amount")) ? 0 : size("amount"),
    payoff: isTooLarge("payoff", payoff) ? 0 : payoff,
  };
  if (isOutside && sizes.score_min != null && size("score_min") >= 0 && size("score_max") <= 1)
    problems.decision = {
      message: `threshold: ${threshold} is outside 0 to 1, and all scores lie within.`,
      hint: `The scores go from ${size("score_min")} to ${size("score_max")}.`,
    };
  const [invalid, sampled, strange] = [size("invalid"), size("sampled"), size("strange")];
  const replacesSilent = size("among_silent") > 0;
  const sample =
    sampled === 0 ? null : { labels: size("labels") - invalid, sampled, least: size("least"), replacesSilent };
  const excluded = [
    ...(invalid > 0
      ? [`${given.probability} IS NOT NULL AND NOT ${validProbability(given.probability!, dialect)}`]
      : []),
    ...(replacesSilent ? [`${given.status} = 'silent'`] : []),
  ];
  return {
    roles: {
      ...given,
      // What nobody asks for has no size, and is not added up.
      amount: needsAmount && problems.amount === undefined ? given.amount : null,
      money: { amount: moneyType(largest.amount)!, payoff: moneyType(largest.payoff)! },
      truth: unless(excluded, given.truth),
      actual: given.actual === null ? null : unless(excluded, given.actual),
    },
    spec: problems.payoff === undefined ? spec : { ...spec, payoff: null },
    sample,
    largest,
    problems,
    notes: [
      ...(sample === null ? [] : sampleNotes(sample)),
      ...(invalid > 0 ? [INVALID_NOTE(invalid)] : []),
      ...(strange > 0
        ? [
            `${strange} ${strange === 1 ? "row has a truth that is neither 1 nor 0; it counts" : "rows have a truth that is neither 1 nor 0; they count"} as unknown.`,
          ]
        : []),
    ],
  };
}

const unless = (conditions: readonly string[], value: string): string =>
  conditions.length === 0
    ? value
    : `CASE WHEN NOT coalesce(${conditions.map((one) => `(${one})`).join(" OR ")}, false) THEN ${value} END`;
