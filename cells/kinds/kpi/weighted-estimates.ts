import type { Estimate } from "../../statistics/outcomes/interval.ts";
import { negativesProblem, type TruthCounts } from "../../statistics/outcomes/truth.ts";
import {
  type WeightedConfusion,
  type WeightedSum,
  weightedConfusionMetrics,
  weightedPayoffMetrics,
  weightedValueRecall,
} from "../../statistics/outcomes/weighted.ts";
import type { Row } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";

const sumOf = (row: Row, name: string): WeightedSum => ({
  w: Number(row[`w_${name}`] ?? 0),
  ww: Number(row[`ww_${name}`] ?? 0),
});
const tableOf = (row: Row): WeightedConfusion => ({
  tp: sumOf(row, "tp"),
  fp: sumOf(row, "fp"),
  tn: sumOf(row, "tn"),
  fn: sumOf(row, "fn"),
});
const allOf = (row: Row): WeightedSum =>
  Object.values(tableOf(row)).reduce((sum, { w, ww }) => ({ w: sum.w + w, ww: sum.ww + ww }), { w: 0, ww: 0 });

/** Every metric that weighted sums give. */
export function weightedEstimates(row: Row, { beta, payoff }: KpiSpec): Record<string, Estimate> {
  const square = (name: string): number => sumOf(row, name).ww;
  return {
    ...weightedConfusionMetrics(tableOf(row), beta),
    value_recall: weightedValueRecall(sumOf(row, "a_tp"), sumOf(row, "a_fn")),
    ...(payoff === null
      ? {}
      : weightedPayoffMetrics(
          {
            y: sumOf(row, "y").w,
            yes: sumOf(row, "yes").w,
            no: sumOf(row, "no").w,
            squares: {
              y: square("y"),
              yes: square("yes"),
              no: square("no"),
              yYes: square("y_yes"),
              yNo: square("y_no"),
            },
            wwY: square("row_y"),
          },
          allOf(row),
        )),
  };
}

/**
 * Why a metric that needs negatives has no value: without a silence rule, where the sampled labels, with all that they
 * stand for, are surely under 90 % of the mature rows.
 */
export function coverageProblem(row: Row, counts: TruthCounts, hasSilenceRule: boolean): string | null {
  const { w, ww } = allOf(row);
  // The variance of Σ 1/π over the draws is Σ (1 − π)/π² = Σ w² − Σ w.
  const most = w + 1.96 * Math.sqrt(Math.max(0, ww - w));
  const mature = counts.stated + counts.unknown;
  if (most >= 0.9 * mature) return null;
  return negativesProblem(counts, hasSilenceRule);
}
