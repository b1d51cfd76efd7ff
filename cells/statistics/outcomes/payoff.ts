import type { Confusion } from "./confusion.ts";
import { type Estimate, ratio, withoutInterval } from "./interval.ts";

/** Sums of what the rows paid (positive) or cost (negative), each row by its own amounts. */
export interface PayoffSums {
  /** Rows with truth. */
  readonly n: number;
  /** Over the rows of each class, by its payoff. */
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
  /** Had every row been alerted: the positives' payoff as tp, the negatives' as fp. */
  readonly alwaysYes: number;
  /** Had none been alerted: the positives' payoff as fn, the negatives' as tn. */
  readonly alwaysNo: number;
}

export interface PayoffMetrics {
  readonly payoff_total: Estimate;
  /** payoff_total / n */
  readonly payoff_per_decision: Estimate;
  /**
   * 1 − cost / min(cost of always-no, of always-yes), cost being −payoff; no value unless that base cost is positive.
   */
  readonly savings: Estimate;
}

/** One payoff, or one cost, for all rows of a class. */
export type PerClass = Confusion;

/** For each distinct score, the payoff of its rows if they are alerted and if they are let pass. */
export interface PayoffCurve {
  /** Distinct, descending. */
  readonly scores: Float64Array;
  readonly alerted: Float64Array;
  readonly passed: Float64Array;
}

export interface BestThreshold {
  /**
   * Alert where score ≥ threshold; Infinity: alert nothing. Of equal payoffs the highest threshold, the fewest alerts.
   */
  readonly threshold: number;
  readonly payoff: number;
  /** Which point of the curve it is. */
  readonly index: number;
  /** Every candidate, descending: Infinity, then each distinct score. */
  readonly thresholds: Float64Array;
  /** The total payoff at each. */
  readonly payoffs: Float64Array;
}

/** Payoffs that differ by less than this share of all that is at stake are equal: the rest is rounding. */
const EQUAL_SHARE = 1e-12;

/** The payoff of the decisions as made; no values without rows. Their intervals come from the bootstrap. */
export function payoffMetrics(sums: PayoffSums): PayoffMetrics {
  const { n } = sums;
  const payoff = sums.tp + sums.fp + sums.tn + sums.fn;
  const base = Math.min(-sums.alwaysNo, -sums.alwaysYes);
  const costShare = n > 0 ? ratio(-payoff, base) : null;
  return {
    payoff_total: withoutInterval(n > 0 ? payoff : null, n),
    payoff_per_decision: withoutInterval(ratio(payoff, n), n),
    savings: withoutInterval(costShare === null ? null : 1 - costShare, n),
  };
}

/** The sums where each class pays one constant amount per row. */
export function constantPayoff({ tp, fp, tn, fn }: Confusion, each: PerClass): PayoffSums {
  const [positives, negatives] = [tp + fn, fp + tn];
  return {
    n: positives + negatives,
    tp: tp * each.tp,
    fp: fp * each.fp,
    tn: tn * each.tn,
    fn: fn * each.fn,
    alwaysYes: positives * each.tp + negatives * each.fp,
    alwaysNo: positives * each.fn + negatives * each.tn,
  };
}

/** The threshold with the highest total payoff over all distinct scores, and alerting nothing. Null without scores. */
export function bestThreshold({ scores, alerted, passed }: PayoffCurve): BestThreshold | null {
  if (scores.length === 0) return null;
  const thresholds = new Float64Array(scores.length + 1);
  thresholds[0] = Infinity;
  thresholds.set(scores, 1);
  const payoffs = runningPayoffs(alerted, passed);
  const stake = [alerted, passed].reduce((sum, column) => column.reduce((all, each) => all + Math.abs(each), sum), 0);
  if (!Number.isFinite(stake)) return null;
  let index = 0;
  payoffs.forEach((payoff, candidate) => {
    if (payoff > payoffs[index]! + EQUAL_SHARE * stake) index = candidate;
  });
  return { threshold: thresholds[index]!, payoff: payoffs[index]!, index, thresholds, payoffs };
}

/** The total at each threshold, each group moving from passed to alerted; summed with a correction (Neumaier 1974). */
function runningPayoffs(alerted: Float64Array, passed: Float64Array): Float64Array {
  const payoffs = new Float64Array(alerted.length + 1);
  let [sum, correction] = [0, 0];
  const add = (term: number): void => {
    const next = sum + term;
    correction += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  };
  passed.forEach(add);
  payoffs[0] = sum + correction;
  alerted.forEach((payoff, index) => {
    add(payoff);
    add(-passed[index]!);
    payoffs[index + 1] = sum + correction;
  });
  return payoffs;
}

/**
 * For calibrated scores and constant costs the threshold of least expected cost,
 * (C_fp − C_tn) / ((C_fp − C_tn) + (C_fn − C_tp)), Elkan 2001. Null where being wrong costs less than being right, or
 * where both cost the same in both classes.
 */
export function bayesThreshold(costs: PerClass): number | null {
  const ofFalseAlert = costs.fp - costs.tn;
  const ofMiss = costs.fn - costs.tp;
  return ofFalseAlert >= 0 && ofMiss >= 0 ? ratio(ofFalseAlert, ofFalseAlert + ofMiss) : null;
}
