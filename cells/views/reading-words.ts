import { type Bound, isPast, type Reading } from "../results/reading.ts";
import { KPI_METRICS, type KpiMetric } from "../statistics/outcomes/metrics.ts";
import { driftUnit, metricName } from "./metric-name.ts";
import { exactText, type Unit, unitText } from "./number-text.ts";

type Named = Pick<Reading, "metric" | "subject" | "slice">;

/** "Recall of fraud_kpis", "PSI of score in moved, country = DE": how people call a reading of that cell. */
export function readingName({ metric, subject, slice }: Named, cell: string): string {
  const what = subject === null ? `${metricName(metric)} of ${cell}` : `${metricName(metric)} of ${subject} in ${cell}`;
  return slice === null ? what : `${what}, ${slice}`;
}

/** The same of a reading as front matter names it: "fraud_kpis.recall", "score_drift.amount.psi". */
export function headlineName(name: string): string {
  const [cell = "", ...rest] = name.split(".");
  const metric = rest.pop();
  if (metric === undefined) return name;
  return readingName({ metric, subject: rest.length === 0 ? null : rest.join("."), slice: null }, cell);
}

/** What its value is counted in; a check's value and an own metric's tell it only by being whole. */
export function readingUnit({
  metric,
  definition,
  value,
}: Pick<Reading, "metric" | "definition"> & { readonly value: number | null }): Unit {
  const known = Object.hasOwn(KPI_METRICS, metric) ? KPI_METRICS[metric as KpiMetric] : undefined;
  if (known?.definition === definition) return known.unit;
  const isOwn = definition.endsWith("@own");
  if (!isOwn && driftUnit(metric) === "share") return "share";
  return Number.isInteger(value) && value !== 0 ? "count" : "number";
}

/** What the bounds are held against, where that is not the value itself: a distance in σ, Cramér's V. */
export function judgedValue({ value, details }: Pick<Reading, "value" | "details">): number | null {
  const effect = details.normed ?? details.cramers_v;
  return typeof effect === "number" ? effect : value;
}

/** "past by 3.2 pp", "within by 0.041": how far a value is from a bound. */
export function distanceWords(value: number, bound: Bound, unit: Unit): string {
  const ends = bound.type === "outside" ? [bound.low, bound.high] : [bound.value];
  const distance = Math.min(...ends.map((end) => Math.abs(value - end)));
  return `${isPast(value, bound) ? "past" : "within"} by ${sizeText(distance, unit)}`;
}

/** "+3.2 pp", "−0.041", "0": a difference of two values in their unit. */
export function differenceText(difference: number, unit: Unit): string {
  if (difference === 0) return unit === "share" ? "0 pp" : "0";
  return `${difference > 0 ? "+" : "−"}${sizeText(Math.abs(difference), unit)}`;
}

const SMALL: Readonly<Record<Unit, number>> = { share: 0.0005, number: 0.01, amount: 0.01, count: 0.5 };

function sizeText(size: number, unit: Unit): string {
  // What is small is written to two digits: a change that counts is never written as none.
  const isSmall = size > 0 && size < SMALL[unit];
  if (unit !== "share") return isSmall ? exactText(Number(size.toPrecision(2)), "number") : unitText(size, unit);
  const points = size * 100;
  return `${isSmall ? exactText(Number(points.toPrecision(2)), "number") : points.toFixed(1)} pp`;
}
