import { makeReading } from "../../monitoring/make-reading.ts";
import type { KpiDisplay, KpiValue, ShownMark } from "../../results/monitor-display.ts";
import { type Bound, type Reading, rounded, verdictOfReadings } from "../../results/reading.ts";
import { accountMetrics } from "../../statistics/outcomes/accounts.ts";
import { REPLICATES } from "../../statistics/outcomes/bootstrap.ts";
import { capacityMetrics } from "../../statistics/outcomes/capacity.ts";
import { type Confusion, confusionMetrics } from "../../statistics/outcomes/confusion.ts";
import { keptIndices } from "../../statistics/outcomes/drawn-curve.ts";
import { type Estimate, withoutInterval } from "../../statistics/outcomes/interval.ts";
import { type ClassCurve, isProvisional, maturityAt } from "../../statistics/outcomes/maturity.ts";
import { KPI_METRICS, type KpiMetric } from "../../statistics/outcomes/metrics.ts";
import { type BestThreshold, bestThreshold, payoffMetrics } from "../../statistics/outcomes/payoff.ts";
import { brier, ece, logLoss, reliability } from "../../statistics/outcomes/probability.ts";
import { averagePrecision, gini, ksScore, rocAuc } from "../../statistics/outcomes/ranking.ts";
import { regressionMetrics } from "../../statistics/outcomes/regression.ts";
import { type ScoreCurve, totalsOf } from "../../statistics/outcomes/score-curve.ts";
import { negativesNote, negativesProblem, type TruthCounts } from "../../statistics/outcomes/truth.ts";
import { judgeInterval } from "../../statistics/outcomes/verdict.ts";
import { isEstimable } from "./estimated-figures.ts";
import type { KpiGroup, Row, ScoreTally } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";

const DRAWN_POINTS = 400;
const LABEL_CURVE_POINTS = 60;
const BOOTSTRAP_WORDS = `Poisson bootstrap by entity, ${REPLICATES} replicates`;

export interface KpiMeasurement {
  readonly spec: KpiSpec;
  readonly metrics: readonly KpiMetric[];
  readonly groups: readonly KpiGroup[];
  readonly cell: string;
  readonly asOf: string;
  readonly window: readonly [string, string] | null;
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

/** Readings and view of a kpi cell from what was counted: all rows first, then slices, then chunks of time. */
export function kpiReadings(measurement: KpiMeasurement): { readings: Reading[]; display: KpiDisplay } {
  const { spec, groups, metrics, window, asOf } = measurement;
  const measured = groups.map((group) => ({ group, readings: readingsOf(group, measurement) }));
  const readings = measured.flatMap((one) => one.readings);
  const whole = measured.find(({ group }) => group.slice === null && group.chunk === null);
  const values = (list: readonly Reading[], group: KpiGroup): KpiValue[] =>
    list.map((reading) => shownValue(reading, group));
  const counts = whole === undefined ? NO_TRUTH : truthOf(whole.group.counts);
  const note = negativesNote(counts, measurement.hasSilenceRule);
  const scores = whole?.group.scores ?? null;
  const curve = scores === null ? null : drawnCurve(scores, spec);
  return {
    readings,
    display: {
      type: "kpi",
      from: spec.from,
      window: window === null ? null : [...window],
      asOf,
      n: whole === undefined ? 0 : number(whole.group.counts, "n"),
      verdict: verdictOfReadings(readings),
      statements: [...measurement.statements],
      ...(measurement.marks.length === 0 ? {} : { marks: measurement.marks }),
      notes: [
        ...(note === null ? [] : [note]),
        ...measurement.notes,
        ...(whole?.group.isRounded === true
          ? ["Scores are rounded to 5 decimals: there are more than a million rows."]
          : []),
        ...(metrics.includes("afpr") || metrics.includes("tfpr")
          ? ["afpr and tfpr are ratios of false to true alerts, not rates; they may exceed 1."]
          : []),
      ],
      truth: counts,
      maturity: rounded(whole?.group.maturity?.value ?? null),
      provisional: whole !== undefined && isProvisionalGroup(whole.group, measurement),
      threshold: spec.threshold,
      thresholdInput: null,
      values: whole === undefined ? [] : values(whole.readings, whole.group),
      series: measured.flatMap(({ group, readings: own }) =>
        group.chunk === null
          ? []
          : [
              {
                window: [...group.chunk] as [string, string],
                provisional: isProvisionalGroup(group, measurement),
                values: values(own, group),
              },
            ],
      ),
      slices: measured.flatMap(({ group, readings: own }) =>
        group.slice === null ? [] : [{ slice: group.slice, values: values(own, group) }],
      ),
      ...curve,
      curve: curve?.curve ?? null,
      reliability: curve?.reliability ?? null,
      best: curve?.best ?? null,
      curveOfLabels: measurement.curves === null ? null : labelCurves(measurement.curves),
    },
  };
}

const NO_TRUTH: TruthCounts = { stated: 0, silent: 0, pending: 0, unknown: 0 };
const number = (row: Row, name: string): number => Number(row[name] ?? 0);
const truthOf = (row: Row): TruthCounts => ({
  stated: number(row, "stated"),
  silent: number(row, "silent"),
  pending: number(row, "pending"),
  unknown: number(row, "unknown"),
});

/** Labels of a stream come late; truth that stands in a relation of another kind is there. */
function isProvisionalGroup(group: KpiGroup, { isStream }: KpiMeasurement): boolean {
  return isStream && isProvisional(group.maturity);
}

function readingsOf(group: KpiGroup, measurement: KpiMeasurement): Reading[] {
  const { spec, metrics, cell, asOf, window, hasSilenceRule } = measurement;
  const estimates = estimatesOf(group, spec);
  const counts = truthOf(group.counts);
  const provisional = isProvisionalGroup(group, measurement);
  const names: readonly string[] = [...metrics, ...Object.keys(spec.define)];
  return names.flatMap((metric) => {
    const counted = estimates(metric);
    if (counted === null) return [];
    const estimate = { ...counted, ...group.bootstrap.found[metric] };
    const definition = KPI_METRICS[metric as KpiMetric];
    const missing = definition?.needs.includes("negatives") === true ? negativesProblem(counts, hasSilenceRule) : null;
    const value = missing === null ? estimate.value : null;
    const bounds = { warn: fixed(spec.warn[metric]), fail: fixed(spec.fail[metric]) };
    const judged = judgeInterval({
      value,
      lower: estimate.lower,
      upper: estimate.upper,
      bounds: {
        ...(bounds.warn === null ? {} : { warn: bounds.warn }),
        ...(bounds.fail === null ? {} : { fail: bounds.fail }),
      },
      n: estimate.n,
      minRows: minRowsOf(metric, spec),
      provisional,
      judgeProvisional: spec.provisionalAlerts,
      ...(missing === null ? {} : { missing }),
    });
    return [
      makeReading(
        { cell, asOf },
        {
          metric,
          definition: definition?.definition ?? `${metric}@own`,
          subject: null,
          slice: group.slice,
          window: group.chunk ?? window,
          value,
          lower: missing === null ? estimate.lower : null,
          upper: missing === null ? estimate.upper : null,
          n: estimate.n,
          exact: !group.isRounded,
          maturity: group.maturity?.value ?? null,
          ...bounds,
          provisional,
          verdict: judged.verdict,
          reason: judged.reason,
          details: {
            ...counts,
            ...classes(group.counts),
            threshold: spec.threshold,
            ...furtherDetails(group, metric, estimatedOf(group, metric)),
          },
        },
      ),
    ];
  });
}

const fixed = (written: KpiSpec["warn"][string] | undefined): Bound | null =>
  written === undefined || written.type === "sigma" ? null : written;
/** Counts are values at any n, and the n of a metric at k is of days. */
function minRowsOf(metric: string, { minRows }: KpiSpec): number {
  const known = KPI_METRICS[metric as KpiMetric];
  if (known?.unit === "count") return 0;
  return known?.needs.includes("k") === true ? 1 : minRows;
}
const classes = (row: Row): Confusion => ({
  tp: number(row, "tp"),
  fp: number(row, "fp"),
  tn: number(row, "tn"),
  fn: number(row, "fn"),
});

/** Where an interval comes from, or why there is none; and what calibrated scores let expect. */
function furtherDetails({ bootstrap }: KpiGroup, metric: string, estimated: KpiValue["estimated"]): Reading["details"] {
  const why = bootstrap.why[metric];
  const interval = why ?? (bootstrap.found[metric] === undefined ? null : BOOTSTRAP_WORDS);
  return { ...(interval === null ? {} : { interval }), ...(estimated === undefined ? {} : { estimated }) };
}

/** With at most 12 significant digits, as readings have them; undefined where nothing is estimated. */
function estimatedOf({ estimated }: KpiGroup, metric: string): KpiValue["estimated"] {
  const figure = isEstimable(metric) ? estimated?.[metric] : undefined;
  if (figure === undefined) return undefined;
  return { value: rounded(figure.value), low: rounded(figure.low), high: rounded(figure.high) };
}

function shownValue(reading: Reading, group: KpiGroup): KpiValue {
  const { metric, value, lower, upper, n, verdict, reason, bounds, provisional, id } = reading;
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
  };
}

/** Every metric of a group by name; null for one that this group does not have. */
function estimatesOf(group: KpiGroup, spec: KpiSpec): (metric: string) => Estimate | null {
  const { counts } = group;
  const confusion = classes(counts);
  const rowCount = number(counts, "n");
  const known: Record<string, Estimate> = {};
  for (const name of ["tp", "fp", "tn", "fn"] as const)
    known[name] = withoutInterval(confusion[name], confusion.tp + confusion.fp + confusion.tn + confusion.fn);
  Object.assign(known, confusionMetrics(confusion, { beta: spec.beta }));
  Object.keys(spec.define).forEach((name, at) => {
    const value = counts[`d_${at}`];
    known[name] = withoutInterval(typeof value === "number" ? value : null, rowCount);
  });
  if (group.scores !== null) Object.assign(known, scoreMetrics(curveOf(group.scores)));
  if (spec.payoff !== null) Object.assign(known, payoffsOf(group, confusion));
  Object.assign(known, accountsOf(group.accounts, confusion, counts));
  if (group.regression !== null) Object.assign(known, regressionOf(group.regression, spec.quantile));
  if (group.days !== null) Object.assign(known, capacityOf(group.days, spec.k));
  return (metric) => known[metric] ?? null;
}

/** Of the scores that rows with truth have. */
function curveOf({ scores, positives, negatives }: ScoreTally): ScoreCurve {
  const kept: number[] = [];
  for (let at = 0; at < scores.length; at += 1) if (positives[at]! + negatives[at]! > 0) kept.push(at);
  if (kept.length === scores.length) return { scores, positives, negatives };
  const picked = (column: Float64Array): Float64Array => Float64Array.from(kept, (at) => column[at]!);
  return { scores: picked(scores), positives: picked(positives), negatives: picked(negatives) };
}

function scoreMetrics(curve: ScoreCurve): Record<string, Estimate> {
  const { positives, negatives } = totalsOf(curve);
  const n = positives + negatives;
  return {
    roc_auc: rocAuc(curve),
    gini: gini(curve),
    average_precision: withoutInterval(averagePrecision(curve), n),
    ks_score: withoutInterval(ksScore(curve), n),
    brier: brier(curve),
    log_loss: logLoss(curve),
    ece: ece(curve),
  };
}

function payoffsOf({ counts, scores }: KpiGroup, { tp, fp, tn, fn }: Confusion): Record<string, Estimate> {
  const n = tp + fp + tn + fn;
  const metrics = payoffMetrics({
    n,
    tp: number(counts, "tp_payoff"),
    fp: number(counts, "fp_payoff"),
    tn: number(counts, "tn_payoff"),
    fn: number(counts, "fn_payoff"),
    alwaysYes: number(counts, "always_yes"),
    alwaysNo: number(counts, "always_no"),
  });
  const best = scores === null ? null : bestOf(scores);
  return {
    ...metrics,
    best_threshold: withoutInterval(best === null || !Number.isFinite(best.threshold) ? null : best.threshold, n),
  };
}

const bestOf = ({ scores, ifAlerted, ifPassed }: ScoreTally): BestThreshold | null =>
  bestThreshold({ scores, alerted: ifAlerted, passed: ifPassed });

/** Those of accounts where accounts were counted; those of rows and their amounts always. */
function accountsOf(accounts: Row | null, rows: Confusion, counts: Row): Record<string, Estimate> {
  const row = accounts ?? {};
  const sums = {
    fraudAccounts: number(row, "fraud_accounts"),
    detectedAccounts: number(row, "detected"),
    alertedNonFraudAccounts: number(row, "alerted_non_fraud"),
    fraudAmount: number(row, "fraud_amount"),
    amountFromFirstAlert: number(row, "from_first"),
    amountAfterFirstAlert: number(row, "after_first"),
    amountAlerted: number(row, "alerted_amount"),
    rows,
  };
  // Rows without an account are rows all the same.
  const amountAlerted = number(counts, "tp_amount");
  const { tdr, tfpr, value_recall } = accountMetrics({
    ...sums,
    fraudAmount: amountAlerted + number(counts, "fn_amount"),
    amountAlerted,
  });
  return { ...(accounts === null ? {} : accountMetrics(sums)), tdr, tfpr, value_recall };
}

function regressionOf(row: Row, quantile: number): Record<string, Estimate> {
  const { mae, rmse, mape, smape, r2, bias, pinball } = regressionMetrics({
    n: number(row, "n"),
    sumError: number(row, "error_sum"),
    sumAbs: number(row, "abs_sum"),
    sumSquared: number(row, "squared_sum"),
    sumRelative: number(row, "percent_sum"),
    truthZero: number(row, "zeros"),
    sumSymmetric: number(row, "symmetric_sum"),
    sumTruthCentred: number(row, "y_sum"),
    sumTruthCentredSquared: number(row, "y_squared"),
    pinball: { quantile, sum: number(row, "pinball_sum") },
  });
  return { mae, rmse, mape, smape, r2, bias, pinball };
}

function capacityOf(rows: readonly Row[], k: number): Record<string, Estimate> {
  const days = Map.groupBy(rows, (row) => String(row.day));
  const metrics = capacityMetrics(
    [...days].map(([day, groups]) => ({
      day,
      groups: groups.map((row) => ({
        score: number(row, "score"),
        n: number(row, "n"),
        positives: number(row, "positives"),
        unlabelled: number(row, "unlabelled"),
        amountPositive: number(row, "amount"),
      })),
    })),
    k,
  );
  const { precision_at_k, recall_at_k, amount_at_k } = metrics;
  return { precision_at_k, recall_at_k, amount_at_k };
}

/** What the threshold section draws, thinned; totals stay those of all rows. */
function drawnCurve(tally: ScoreTally, { payoff }: KpiSpec): Pick<KpiDisplay, "curve" | "reliability" | "best"> {
  const { scores, ifAlerted, ifPassed } = tally;
  const tp = cumulative(tally.positives);
  const fp = cumulative(tally.negatives);
  const alerts = cumulative(tally.rows);
  const [positives, negatives] = [tp.at(-1) ?? 0, fp.at(-1) ?? 0];
  if (positives + negatives === 0) return { curve: null, reliability: null, best: null };
  const passed = ifPassed.reduce((sum, one) => sum + one, 0);
  const worth = cumulative(ifAlerted.map((one, at) => one - ifPassed[at]!)).map((gain) => passed + gain);
  const kept = keptIndices([tp, fp], DRAWN_POINTS);
  const picked = (column: Float64Array): number[] => kept.map((at) => rounded(column[at]!));
  const best = payoff === null ? null : bestOf(tally);
  const table = reliability(curveOf(tally));
  return {
    curve: {
      score: kept.map((at) => scores[at]!),
      tp: picked(tp),
      fp: picked(fp),
      positives,
      negatives,
      alerts: picked(alerts),
      payoff: payoff === null ? null : picked(worth),
      cut: kept.length < scores.length,
    },
    reliability:
      table.length === 0
        ? null
        : table.map(({ n, meanScore, observed }) => ({ n, mean: rounded(meanScore), observed: rounded(observed) })),
    best:
      best === null || !Number.isFinite(best.threshold)
        ? null
        : { threshold: best.threshold, payoff: rounded(best.payoff) },
  };
}

function cumulative(values: Float64Array): Float64Array {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}

function labelCurves(curves: readonly ClassCurve[]): KpiDisplay["curveOfLabels"] {
  return curves.map((curve) => {
    const last = curve.delays.at(-1) ?? 0;
    const points = Array.from({ length: LABEL_CURVE_POINTS + 1 }, (_, at) => (last * at) / LABEL_CURVE_POINTS);
    return {
      label: curve.labelClass,
      points: points.map((ageDays) => ({ ageDays: rounded(ageDays), share: rounded(maturityAt(curve, ageDays)) })),
    };
  });
}
