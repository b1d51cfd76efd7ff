import type { KpiValue } from "../../results/monitor-display.ts";
import type { Reading } from "../../results/reading.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import { estimatedOf } from "./group-readings.ts";
import type { KpiGroup } from "./kpi-groups.ts";

/** What views show of a group's reading. */
export function shownValue(reading: Reading, group: KpiGroup): KpiValue {
  const { metric, value, lower, upper, n, verdict, reason, bounds, provisional, id, details } = reading;
  const unit = KPI_METRICS[metric as KpiMetric]?.unit ?? "number";
  const estimated = estimatedOf(group, metric);
  return {
    metric,
    value,
    lower,
    upper,
    n,
    verdict,
    reason,
    bounds,
    provisional,
    unit,
    reading: id,
    ...(estimated === undefined ? {} : { estimated }),
    ...(typeof reading.details.attainable === "number" ? { attainable: reading.details.attainable } : {}),
    ...(details.asKnownThen === undefined ? {} : { asKnownThen: details.asKnownThen as KpiValue["asKnownThen"] }),
  };
}
