import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";

/** What a metric may be made of. */
export type MetricPart = "truth" | "score" | "decision" | "entity" | "amount" | "payoff";

/** Rows are ranked, or truth is counted: what was decided does not matter. */
const UNDECIDED: readonly KpiMetric[] = [
  ...(["roc_auc", "average_precision", "ks_score", "gini", "brier", "log_loss", "ece", "prevalence"] as const),
  ...(["best_threshold", "precision_at_k", "recall_at_k", "amount_at_k"] as const),
  ...(["mae", "rmse", "mape", "smape", "r2", "bias", "pinball"] as const),
];
const NEEDED: readonly MetricPart[] = ["score", "entity", "amount", "payoff"];

/** The parts without which the metric cannot be computed. */
export function partsOf(metric: KpiMetric): readonly MetricPart[] {
  const { needs } = KPI_METRICS[metric];
  return [
    "truth",
    ...(UNDECIDED.includes(metric) ? [] : (["decision"] as const)),
    ...NEEDED.filter((part) => (needs as readonly string[]).includes(part)),
  ];
}
