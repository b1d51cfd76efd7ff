import { makeReading } from "../../monitoring/make-reading.ts";
import type { KpiDisplay, KpiValue, ShownMark } from "../../results/monitor-display.ts";
import { type Bound, type Reading, rounded } from "../../results/reading.ts";
import type { Problem } from "../../session/operation.ts";
import { REPLICATES } from "../../statistics/outcomes/bootstrap.ts";
import { withoutInterval } from "../../statistics/outcomes/interval.ts";
import { type ClassCurve, isProvisional } from "../../statistics/outcomes/maturity.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import { negativesProblem, type TruthCounts } from "../../statistics/outcomes/truth.ts";
import { judgeInterval } from "../../statistics/outcomes/verdict.ts";
import { isEstimable } from "./estimated-figures.ts";
import type { FeedbackCounts } from "./feedback-plan.ts";
import { classes, estimatesOf, type GroupEstimate, number } from "./group-estimates.ts";
import type { CountedGroup, KpiGroup, Row } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { isWeighted, type ReviewSample, refusalOf } from "./review-weights.ts";
import { coverageProblem } from "./weighted-estimates.ts";

const BOOTSTRAP_WORDS = `Poisson bootstrap by entity, ${REPLICATES} replicates`;

/** What was counted of the rows of one window. */
export interface CountedWindow {
  readonly window: readonly [string, string] | null;
  readonly groups: readonly KpiGroup[];
  /** Why what is asked for cannot be computed, by metric, or the key that it is about. */
  readonly problems: Readonly<Record<string, Problem>>;
  /** Whether it is known which rows were alerted. */
  readonly isDecided: boolean;
  /** Null where every label counts as one. */
  readonly sample: ReviewSample | null;
  /** Of a stream: feedback that a reader may wonder about; null for other relations. */
  readonly feedback: FeedbackCounts | null;
}

export interface KpiMeasurement extends CountedWindow {
  readonly spec: KpiSpec;
  readonly metrics: readonly KpiMetric[];
  readonly cell: string;
  readonly asOf: string;
  /** Its window stands beside the one that the cell is about. */
  readonly isBeside: boolean;
  /** Silence is a label, or truth does not come late at all. */
  readonly hasSilenceRule: boolean;
  /** Of a stream, whose labels come late. */
  readonly isStream: boolean;
  readonly curves: readonly ClassCurve[] | null;
  readonly statements: KpiDisplay["statements"];
  readonly marks: ShownMark[];
  /** What a reader must know beside. */
  readonly notes: readonly string[];
}

export const NO_TRUTH: TruthCounts = { stated: 0, silent: 0, pending: 0, unknown: 0 };
export const truthOf = (row: Row): TruthCounts => ({
  stated: number(row, "stated"),
  silent: number(row, "silent"),
  pending: number(row, "pending"),
  unknown: number(row, "unknown"),
});

/**
 * Labels of a stream come late; truth that stands in a relation of another kind is there. Beside mature units stand newer
 * ones, whose newest is not mature.
 */
export function isProvisionalGroup(group: KpiGroup, { isStream, isBeside }: KpiMeasurement): boolean {
  return isBeside || (isStream && isProvisional(group.maturity));
}

/** Of one group, a reading for each metric. */
export function groupReadings(group: KpiGroup, measurement: KpiMeasurement): Reading[] {
  const { spec, metrics, problems } = measurement;
  const estimates = estimatesOf(group, spec);
  const names: readonly string[] = [...metrics, ...Object.keys(spec.define)];
  const isWhole = group.slice === null && group.chunk === null;
  const others = Object.keys(problems).filter((name) => !names.includes(name));
  return [...names, ...others].flatMap((metric) => {
    const problem = problems[metric];
    if (problem !== undefined) return isWhole ? [problemReading(metric, problem, group, measurement)] : [];
    const missing = missingOf(metric, group, measurement);
    const counted = estimates(metric) ?? (missing === null ? null : withoutInterval(null, rowsOfClasses(group)));
    if (counted === null) return [];
    const estimate =
      missing === null ? { ...counted, ...group.bootstrap.found[metric] } : withoutInterval(null, counted.n);
    return [judgedReading(metric, estimate, missing, group, measurement)];
  });
}

const rowsOfClasses = ({ counts }: Pick<KpiGroup, "counts">): number =>
  Object.values(classes(counts)).reduce((sum, count) => sum + count, 0);

/** Why a metric that could be computed has no value all the same. */
export function missingOf(
  metric: string,
  group: CountedGroup,
  { spec, sample, hasSilenceRule }: Pick<KpiMeasurement, "spec" | "sample" | "hasSilenceRule">,
): string | null {
  const refused = sample === null ? null : refusalOf(metric, spec);
  if (refused !== null) return refused;
  if (KPI_METRICS[metric as KpiMetric]?.needs.includes("negatives") !== true) return null;
  const counts = truthOf(group.counts);
  return group.weighted === null
    ? negativesProblem(counts, hasSilenceRule)
    : coverageProblem(group.weighted, counts, hasSilenceRule);
}

function judgedReading(
  metric: string,
  { value, lower, upper, n, attainable, more }: GroupEstimate,
  missing: string | null,
  group: KpiGroup,
  measurement: KpiMeasurement,
): Reading {
  const { spec } = measurement;
  const provisional = isProvisionalGroup(group, measurement);
  const { warn, fail } = boundsOf(metric, spec);
  const judged = judgeInterval({
    value,
    lower,
    upper,
    bounds: { ...(warn === null ? {} : { warn }), ...(fail === null ? {} : { fail }) },
    n,
    minRows: missing === null ? minRowsOf(metric, spec) : 0,
    provisional,
    judgeProvisional: spec.provisionalAlerts && !measurement.isBeside,
    ...(missing === null ? {} : { missing }),
  });
  return readingOf(metric, group, measurement, {
    value,
    lower,
    upper,
    n,
    provisional,
    ...judged,
    details: {
      ...truthOf(group.counts),
      ...(measurement.isDecided ? classes(group.counts) : {}),
      threshold: spec.threshold,
      ...(attainable === undefined ? {} : { attainable: rounded(attainable) }),
      ...Object.fromEntries(Object.entries(more ?? {}).map(([name, count]) => [name, rounded(count)])),
      ...weightDetails(metric, group, measurement),
      ...(measurement.feedback === null || group.slice !== null || group.chunk !== null
        ? {}
        : { feedback: { ...measurement.feedback } }),
      ...furtherDetails(group, metric, estimatedOf(group, metric)),
    },
  });
}

/** What cannot be computed as it was asked; the other metrics are. */
function problemReading(
  metric: string,
  { message, hint }: Problem,
  group: KpiGroup,
  measurement: KpiMeasurement,
): Reading {
  return readingOf(metric, group, measurement, {
    value: null,
    lower: null,
    upper: null,
    n: number(group.counts, "n"),
    provisional: false,
    verdict: "error",
    reason: hint === undefined ? message : `${message} ${hint}`,
    details: {},
  });
}

type Judged = Pick<Reading, "value" | "lower" | "upper" | "n" | "provisional" | "verdict" | "reason" | "details">;

function readingOf(metric: string, group: KpiGroup, measurement: KpiMeasurement, judged: Judged): Reading {
  const { cell, asOf, window, spec, isBeside } = measurement;
  return makeReading(
    { cell, asOf },
    {
      metric,
      definition: KPI_METRICS[metric as KpiMetric]?.definition ?? `${metric}@own`,
      subject: null,
      slice: group.slice,
      window: group.chunk ?? window,
      // A chunk may be as long as the window, and the window be that of the newest units.
      ...(isBeside ? { part: "newest", beside: true } : group.chunk === null ? {} : { part: "chunk" }),
      exact: !group.isRounded,
      maturity: group.maturity?.value ?? null,
      ...boundsOf(metric, spec),
      ...judged,
    },
  );
}

const boundsOf = (
  metric: string,
  { warn, fail }: KpiSpec,
): { readonly warn: Bound | null; readonly fail: Bound | null } => ({
  warn: fixed(warn[metric]),
  fail: fixed(fail[metric]),
});
const fixed = (written: KpiSpec["warn"][string] | undefined): Bound | null =>
  written === undefined || written.type === "sigma" ? null : written;
/** Counts are values at any n, and the n of a metric at k is of days. */
function minRowsOf(metric: string, { minRows }: KpiSpec): number {
  const known = KPI_METRICS[metric as KpiMetric];
  if (known?.unit === "count") return 0;
  return known?.needs.includes("k") === true ? 1 : minRows;
}

/** What a weighted value was made of: Σ 1/π and Σ 1/π² by class. */
function weightDetails(metric: string, { weighted }: KpiGroup, { sample }: KpiMeasurement): Reading["details"] {
  if (weighted === null || sample === null || !isWeighted(metric as KpiMetric)) return {};
  return {
    weights: "1/inclusion_probability",
    labels_sampled: sample.sampled,
    weighted: Object.fromEntries(Object.entries(weighted).map(([name, sum]) => [name, rounded(Number(sum))])),
  };
}

/** Where an interval comes from, or why there is none; and what calibrated scores let expect. */
function furtherDetails({ bootstrap }: KpiGroup, metric: string, estimated: KpiValue["estimated"]): Reading["details"] {
  const why = bootstrap.why[metric];
  const interval = why ?? (bootstrap.found[metric] === undefined ? null : BOOTSTRAP_WORDS);
  return { ...(interval === null ? {} : { interval }), ...(estimated === undefined ? {} : { estimated }) };
}

/** With at most 12 significant digits, as readings have them; undefined where nothing is estimated. */
export function estimatedOf({ estimated }: KpiGroup, metric: string): KpiValue["estimated"] {
  const figure = isEstimable(metric) ? estimated?.[metric] : undefined;
  if (figure === undefined) return undefined;
  return { value: rounded(figure.value), low: rounded(figure.low), high: rounded(figure.high) };
}
