import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import { type MetricPart, partsOf } from "../../cells/kinds/kpi/metric-problems.ts";
import type { Problem } from "../../cells/session/operation.ts";
import { KPI_METRICS, type KpiMetric, type KpiNeed } from "../../cells/statistics/outcomes/metrics.ts";
import type { KpiRoles } from "./outcome-roles.ts";

/** Why something cannot be computed, by the metric or key that it is about. */
export type Problems = Readonly<Record<string, Problem>>;

const USUAL: readonly KpiMetric[] = [
  "precision",
  "recall",
  "alert_rate",
  "roc_auc",
  "average_precision",
  "payoff_total",
];

/** Those asked for; else what the relation allows of the usual ones. */
export function metricsOf(
  spec: KpiSpec,
  roles: KpiRoles,
  problems: Partial<Record<MetricPart, Problem>>,
): readonly KpiMetric[] {
  if (spec.metrics !== null) return spec.metrics;
  if (roles.actual !== null) return ["mae", "rmse", "bias"];
  // Own metrics may be all that is wanted of a relation without truth.
  return USUAL.filter(
    (metric) => lackOf(metric, spec, roles) === null || partsOf(metric).some((part) => problems[part] !== undefined),
  );
}

/** Of each metric that cannot be computed, why: what it is made of is wrong, or not there. */
export function problemsOf(
  metrics: readonly KpiMetric[],
  spec: KpiSpec,
  roles: KpiRoles,
  problems: Partial<Record<MetricPart, Problem>>,
): Problems {
  const found: Record<string, Problem> = {};
  for (const metric of metrics) {
    const part = partsOf(metric).find((one) => problems[one] !== undefined);
    const lack = lackOf(metric, spec, roles);
    if (part !== undefined) found[metric] = problems[part]!;
    else if (lack !== null)
      found[metric] = {
        message: `metrics: ${metric} needs ${lack}.`,
        hint: "Name the column under columns:, or leave the metric out.",
      };
  }
  return found;
}

function lackOf(metric: KpiMetric, spec: KpiSpec, roles: KpiRoles): string | null {
  const lacks: Record<KpiNeed, string | null> = {
    negatives: null,
    score: roles.score === null ? "a score" : null,
    amount: roles.amount === null ? "an amount" : null,
    entity: roles.entity === null || roles.time === null ? "an entity and a time" : null,
    payoff: spec.payoff === null ? "payoff: what a tp, fp, fn and tn are worth" : null,
    k:
      roles.time === null
        ? "a time"
        : spec.caseByEntity && roles.entity === null
          ? "an entity for cases: entity"
          : null,
    label_value: roles.actual === null ? "a truth that is a number" : null,
  };
  return KPI_METRICS[metric].needs.map((need) => lacks[need]).find((lack) => lack !== null) ?? null;
}
