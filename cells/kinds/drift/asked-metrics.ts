import { DRIFT_METRICS, type DriftMetric } from "../../statistics/drift/metrics.ts";
import { SHARE_READINGS, type ShareReading } from "../../statistics/drift/share-readings.ts";
import { nearest } from "../../yaml/nearest.ts";
import type { SubjectCounts } from "./drift-counts.ts";
import { type DriftSpec, metricOf } from "./drift-spec.ts";

/** A metric of one column that is asked for and cannot be had, with the sentence that says why. */
export interface SubjectProblem {
  readonly subject: string;
  readonly metric: DriftMetric | ShareReading;
  readonly problem: string;
}

export interface AskedMetric {
  readonly metric: DriftMetric;
  /** Why it cannot be measured of this column; null where it can. */
  readonly problem: string | null;
}

/**
 * The metrics of one of the compared columns. A list of metrics is applied where each fits, so that one is wrong only where
 * it fits none of `subjects`; one that is written for this kind of column, or for this column, must fit it.
 */
export function askedMetrics(
  subject: SubjectCounts,
  subjects: readonly SubjectCounts[],
  { metrics, flat }: Pick<DriftSpec, "metrics" | "flat">,
): AskedMetric[] {
  return metrics[subject.kind].flatMap((metric): AskedMetric[] => {
    const problem = misfit(metric, subject);
    if (problem === null) return [{ metric, problem }];
    const isWritten = !(flat || fitsKind(metric, subject.kind));
    return isWritten || subjects.every((one) => misfit(metric, one) !== null) ? [{ metric, problem }] : [];
  });
}

function misfit(metric: DriftMetric, subject: SubjectCounts): string | null {
  const { fits, twoCategories } = DRIFT_METRICS[metric];
  if (!fitsKind(metric, subject.kind))
    return `${metric} is for ${fits} columns, and ${subject.subject} is compared as ${subject.kind === "numeric" ? "numbers" : "categories"}.`;
  if (twoCategories && !isOfTwo(subject))
    return `${metric} is for columns of two categories, and ${subject.subject} has more in the reference.`;
  return null;
}

const fitsKind = (metric: DriftMetric, kind: "numeric" | "categorical"): boolean =>
  DRIFT_METRICS[metric].fits === "both" || DRIFT_METRICS[metric].fits === kind;

/** Whether the reference has at most two categories. */
const isOfTwo = (subject: SubjectCounts): boolean =>
  subject.kind === "categorical" && subject.categories.filter(({ type }) => type !== "new").length <= 2;

/** What the spec says of one column alone ("amount.psi", `types`) and nothing can be held against; `unmeasured` are known to be wrong. */
export function wordsForNothing(
  { warn, fail, types, metrics, flat }: Pick<DriftSpec, "warn" | "fail" | "types" | "metrics" | "flat">,
  subjects: readonly SubjectCounts[],
  unmeasured: readonly string[],
): SubjectProblem[] {
  const found = new Map<string, SubjectProblem>();
  const add = (one: SubjectProblem): void => {
    const key = JSON.stringify([one.subject, one.metric]);
    if (!found.has(key)) found.set(key, one);
  };
  const compared = subjects.map(({ subject }) => subject);
  const absent = (name: string, key: string): string => {
    const meant = nearest(name, compared);
    const hint = meant === null ? `Compared are ${compared.slice(0, 40).join(", ")}.` : `Did you mean ${meant}?`;
    return `${key}: there is no compared column ${JSON.stringify(name)}. ${hint}`;
  };
  for (const [level, table] of Object.entries({ warn, fail }))
    for (const key of Object.keys(table)) {
      const metric = metricOf(key) as DriftMetric | ShareReading;
      const name = key.slice(0, -metric.length - 1);
      if (name === "" || unmeasured.includes(name)) continue;
      const subject = subjects.find((one) => one.subject === name);
      const problem =
        subject === undefined
          ? absent(name, `${level}: ${key}`)
          : unjudged(metric, subject, askedMetrics(subject, subjects, { metrics, flat }));
      if (problem !== null) add({ subject: name, metric, problem });
    }
  const known = new Set([...found.values()].map(({ subject }) => subject));
  for (const name of Object.keys(types))
    if (!(compared.includes(name) || unmeasured.includes(name) || known.has(name)))
      add({ subject: name, metric: firstMetric(metrics), problem: absent(name, "types") });
  return [...found.values()];
}

/** Why a bound of this column's metric would never be held against anything. */
function unjudged(
  metric: DriftMetric | ShareReading,
  subject: SubjectCounts,
  asked: readonly AskedMetric[],
): string | null {
  if (metric in SHARE_READINGS)
    return metric === "new_category_share" && subject.kind === "numeric"
      ? `${metric} is for categorical columns, and ${subject.subject} is compared as numbers.`
      : null;
  // A problem that is known gives its own reading.
  if (asked.some((one) => one.metric === metric)) return null;
  return (
    misfit(metric as DriftMetric, subject) ??
    `${metric} of ${subject.subject} has a bound and is not measured; add ${metric} to metrics.`
  );
}

/** Under which a column stands that cannot be compared at all. */
export const firstMetric = ({ numeric, categorical }: DriftSpec["metrics"]): DriftMetric | ShareReading =>
  numeric[0] ?? categorical[0] ?? "missing_share";
