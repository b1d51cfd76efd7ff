import { accountMetrics } from "../../statistics/outcomes/accounts.ts";
import { type CapacityDay, type CapacityEstimate, capacityMetrics } from "../../statistics/outcomes/capacity.ts";
import { type Confusion, confusionMetrics } from "../../statistics/outcomes/confusion.ts";
import { type Estimate, withoutInterval } from "../../statistics/outcomes/interval.ts";
import { type BestThreshold, bestThreshold, payoffMetrics } from "../../statistics/outcomes/payoff.ts";
import { brier, ece, logLoss } from "../../statistics/outcomes/probability.ts";
import { averagePrecision, gini, ksScore, rocAuc } from "../../statistics/outcomes/ranking.ts";
import { regressionMetrics } from "../../statistics/outcomes/regression.ts";
import { type ScoreCurve, totalsOf } from "../../statistics/outcomes/score-curve.ts";
import type { CountedGroup, Row, ScoreTally } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { weightedEstimates } from "./weighted-estimates.ts";

/** An estimate with what else is known of it. */
export interface GroupEstimate extends Estimate {
  /** The most that any ranking could reach. */
  readonly attainable?: number;
  /** Further counts that it was made of. */
  readonly more?: Readonly<Record<string, number>>;
}

/** A number of an answer; 0 where it has none. */
export const number = (row: Row, name: string): number => Number(row[name] ?? 0);
export const classes = (row: Row): Confusion => ({
  tp: number(row, "tp"),
  fp: number(row, "fp"),
  tn: number(row, "tn"),
  fn: number(row, "fn"),
});

/** Every metric of a group by name; null for one that this group does not have. */
export function estimatesOf(group: CountedGroup, spec: KpiSpec): (metric: string) => GroupEstimate | null {
  const { counts } = group;
  const confusion = classes(counts);
  const rowCount = number(counts, "n");
  const known: Record<string, GroupEstimate> = {};
  for (const name of ["tp", "fp", "tn", "fn"] as const)
    known[name] = withoutInterval(confusion[name], confusion.tp + confusion.fp + confusion.tn + confusion.fn);
  Object.assign(known, confusionMetrics(confusion, { beta: spec.beta }));
  for (const name of Object.keys(spec.define)) known[name] = withoutInterval(group.own[name] ?? null, rowCount);
  if (group.scores !== null) Object.assign(known, scoreMetrics(curveOf(group.scores)));
  if (spec.payoff !== null) Object.assign(known, payoffsOf(group, confusion));
  Object.assign(known, accountsOf(group.accounts, confusion, counts));
  if (group.regression !== null) Object.assign(known, regressionOf(group.regression, spec.quantile));
  if (group.days !== null) Object.assign(known, capacityOf(group.days, spec.k));
  // The same rows, weighted: what cannot be is refused before.
  if (group.weighted !== null)
    for (const [name, estimate] of Object.entries(weightedEstimates(group.weighted, spec)))
      if (known[name] !== undefined) known[name] = { ...estimate, n: known[name].n };
  return (metric) => known[metric] ?? null;
}

/** Of the scores that rows with truth have. */
export function curveOf({ scores, positives, negatives }: ScoreTally): ScoreCurve {
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

function payoffsOf({ counts, scores }: CountedGroup, { tp, fp, tn, fn }: Confusion): Record<string, GroupEstimate> {
  const n = tp + fp + tn + fn;
  const sums = {
    tp: number(counts, "tp_payoff"),
    fp: number(counts, "fp_payoff"),
    tn: number(counts, "tn_payoff"),
    fn: number(counts, "fn_payoff"),
    alwaysYes: number(counts, "always_yes"),
    alwaysNo: number(counts, "always_no"),
  };
  const more = {
    tp_payoff: sums.tp,
    fp_payoff: sums.fp,
    tn_payoff: sums.tn,
    fn_payoff: sums.fn,
    always_yes_payoff: sums.alwaysYes,
    always_no_payoff: sums.alwaysNo,
  };
  const metrics = madeOf(payoffMetrics({ n, ...sums }), more);
  const best = scores === null ? null : bestOf(scores);
  return {
    ...metrics,
    best_threshold: withoutInterval(best === null || !Number.isFinite(best.threshold) ? null : best.threshold, n),
  };
}

export const bestOf = ({ scores, ifAlerted, ifPassed }: ScoreTally): BestThreshold | null =>
  bestThreshold({ scores, alerted: ifAlerted, passed: ifPassed });

/** Those of accounts where accounts were counted; those of rows and their amounts always. */
function accountsOf(accounts: Row | null, rows: Confusion, counts: Row): Record<string, GroupEstimate> {
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
  const fraudAmount = amountAlerted + number(counts, "fn_amount");
  const { tdr, tfpr, value_recall } = accountMetrics({ ...sums, fraudAmount, amountAlerted });
  const ofAccounts = {
    fraud_accounts: sums.fraudAccounts,
    detected_accounts: sums.detectedAccounts,
    alerted_non_fraud_accounts: sums.alertedNonFraudAccounts,
    fraud_amount: sums.fraudAmount,
    amount_from_first_alert: sums.amountFromFirstAlert,
    amount_after_first_alert: sums.amountAfterFirstAlert,
  };
  return {
    ...(accounts === null ? {} : madeOf(accountMetrics(sums), ofAccounts)),
    tdr,
    tfpr,
    ...madeOf({ value_recall }, { fraud_amount: fraudAmount, alerted_fraud_amount: amountAlerted }),
  };
}

/** Each estimate with the sums that it was made of: a reading must be derivable from what it holds. */
function madeOf<Name extends string>(
  estimates: Readonly<Record<Name, Estimate>>,
  more: NonNullable<GroupEstimate["more"]>,
): Record<Name, GroupEstimate> {
  const found = Object.entries<Estimate>(estimates).map(([name, estimate]) => [name, { ...estimate, more }]);
  return Object.fromEntries(found) as Record<Name, GroupEstimate>;
}

function regressionOf(row: Row, quantile: number): Record<string, GroupEstimate> {
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
  const sums = ["error", "abs", "squared", "percent", "symmetric", "y", "pinball"].map(
    (name) => [`${name}_sum`, number(row, `${name}_sum`)] as const,
  );
  const more = { ...Object.fromEntries(sums), y_squared: number(row, "y_squared"), zeros: number(row, "zeros") };
  return madeOf({ mae, rmse, mape, smape, r2, bias, pinball }, more);
}

/** Beside each value what a perfect ranking would reach, and whose slots the alerts take. */
function capacityOf(days: readonly CapacityDay[], k: number): Record<string, GroupEstimate> {
  const { precision_at_k, recall_at_k, amount_at_k, slots, unlabelledSlots } = capacityMetrics(days, k);
  const more = { slots, unlabelled_slots: unlabelledSlots };
  const of = ({ attainable, ...estimate }: CapacityEstimate): GroupEstimate => ({
    ...estimate,
    ...(attainable === null ? {} : { attainable }),
    more,
  });
  return { precision_at_k: of(precision_at_k), recall_at_k: of(recall_at_k), amount_at_k: of(amount_at_k) };
}
