import { KPI_METRICS, type KpiMetric } from "../statistics/outcomes/metrics.ts";
import { judgedValue, readingUnit } from "../views/reading-words.ts";
import type { Observation } from "./alert.ts";
import type { JudgedReading } from "./judged-run.ts";

/** Without what the value was computed from: that is a link away. */
export function observationOf(reading: JudgedReading): Observation {
  const { metric, value, details } = reading;
  const known = Object.hasOwn(KPI_METRICS, metric) ? KPI_METRICS[metric as KpiMetric].definition : `${metric}@1`;
  return {
    reading: reading.id,
    window: reading.window,
    asOf: reading.asOf,
    value,
    judged: details === undefined ? value : judgedValue({ value, details }),
    lower: reading.lower,
    upper: reading.upper,
    n: reading.n,
    bounds: reading.bounds,
    verdict: reading.verdict,
    unit: readingUnit({ metric, value, definition: reading.definition ?? known }),
  };
}
