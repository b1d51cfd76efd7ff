import type { Dialect } from "../../monitoring/dialect.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import type { KpiSpec } from "./kpi-spec.ts";

/** The labels of a selection of which some were drawn for human review. */
export interface ReviewSample {
  /** All labels that count. */
  readonly labels: number;
  /** Those with an inclusion probability under 1. */
  readonly sampled: number;
  /** The least inclusion probability. */
  readonly least: number;
  /** The sample was drawn where silence is a label, so that it stands for the silent rows, which then do not count. */
  readonly replacesSilent: boolean;
}

/** A case drawn with less than this stands for more than a million others, which no sample tells. */
const LEAST_PROBABILITY = 1e-6;

/** Whether a label's inclusion probability is one. */
export const validProbability = (probability: string, dialect: Dialect): string =>
  `(${dialect.isFinite(probability)} AND ${probability} >= ${dialect.number(LEAST_PROBABILITY)} AND ${probability} <= 1)`;

/** How many cases a row stands for. A label without probability is known with certainty. */
export const weightOf = (probability: string): string =>
  `CASE WHEN ${probability} IS NULL THEN 1 ELSE 1 / ${probability} END`;

const WEIGHTED: readonly KpiMetric[] = [
  ...([
    "tp",
    "fp",
    "tn",
    "fn",
    "precision",
    "recall",
    "f1",
    "f_beta",
    "specificity",
    "fpr",
    "fnr",
    "accuracy",
  ] as const),
  ...(["balanced_accuracy", "mcc", "prevalence", "alert_rate", "tdr", "tfpr", "value_recall"] as const),
  ...(["payoff_total", "payoff_per_decision", "savings"] as const),
];
export const isWeighted = (metric: KpiMetric): boolean => WEIGHTED.includes(metric);

/** Why a metric has no value where labels are from a review sample; null where it is weighted, or counts no labels. */
export function refusalOf(metric: string, { define, columns }: KpiSpec): string | null {
  const own = define[metric];
  if (own === undefined)
    return isWeighted(metric as KpiMetric) ? null : `${metric} cannot be weighted: ${why(metric as KpiMetric)}`;
  const names = [columns.truth ?? "label", "label", "label_value", "db_truth"];
  const says = (name: string): boolean =>
    new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "iu").test(own);
  if (!names.some(says) || says("inclusion_probability")) return null;
  return "It counts reviewed labels, each as one; weigh them in its SQL by 1 / coalesce(inclusion_probability, 1).";
}

function why(metric: KpiMetric): string {
  const { needs } = KPI_METRICS[metric];
  const of = needs.includes("k")
    ? "the alerts of a day are ranked one by one"
    : needs.includes("entity")
      ? "whether an account is fraud is not known where its rows were not reviewed"
      : needs.includes("label_value")
        ? "errors are added up row by row"
        : "it ranks scores row by row";
  return `${of}, and some labels are from a review sample.`;
}

export const INVALID_NOTE = (invalid: number): string =>
  `${invalid} ${invalid === 1 ? "label is" : "labels are"} left out: ${invalid === 1 ? "its" : "their"} inclusion probability is not a number above 0 (at least ${LEAST_PROBABILITY}) and at most 1.`;

export const sampleNotes = ({ labels, sampled, replacesSilent }: ReviewSample): string[] => [
  `${sampled} of ${labels} labels are from a review sample; values are weighted by 1/inclusion probability. n counts rows; labels without a probability weigh 1.`,
  ...(replacesSilent
    ? ["Labels by silence are left out: the review sample was drawn among such decisions and stands for them."]
    : []),
];
