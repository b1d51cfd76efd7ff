import { type Estimate, ratio, wilson, withoutInterval } from "./interval.ts";

/** What was decided against what was true: numbers of rows, or sums of their amounts, or expected numbers of rows. */
export interface Confusion {
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
}

export interface ConfusionOptions {
  /** The weight of recall in `f_beta`; default 2. */
  readonly beta?: number;
  /** Wilson intervals hold for numbers of rows only: say false for amounts and expected numbers. Default true. */
  readonly intervals?: boolean;
}

export interface ConfusionMetrics {
  /** tp / (tp + fp) */
  readonly precision: Estimate;
  /** tp / (tp + fn) */
  readonly recall: Estimate;
  /** 2 tp / (2 tp + fp + fn); 0 where nothing was alerted and something was missed */
  readonly f1: Estimate;
  /** (1 + β²) tp / ((1 + β²) tp + β² fn + fp) */
  readonly f_beta: Estimate;
  /** tn / (tn + fp) */
  readonly specificity: Estimate;
  /** fp / (tn + fp) */
  readonly fpr: Estimate;
  /** fn / (tp + fn) */
  readonly fnr: Estimate;
  /** (tp + tn) / all */
  readonly accuracy: Estimate;
  /** (recall + specificity) / 2 */
  readonly balanced_accuracy: Estimate;
  /** Matthews correlation; no value where a row or column of the table is empty */
  readonly mcc: Estimate;
  /** (tp + fn) / all */
  readonly prevalence: Estimate;
  /** (tp + fp) / all */
  readonly alert_rate: Estimate;
}

/**
 * Every metric of one confusion table. `n` is the denominator of a share, what f1 counts (tp + fp + fn) for f1 and
 * f_beta, and all of the table for the others. A zero denominator gives null, not 0.
 */
export function confusionMetrics(confusion: Confusion, options: ConfusionOptions = {}): ConfusionMetrics {
  const { tp, fp, tn, fn } = confusion;
  const { beta = 2, intervals = true } = options;
  const all = tp + fp + tn + fn;
  const share = (part: number, whole: number): Estimate =>
    intervals ? wilson(part, whole) : withoutInterval(ratio(part, whole), whole);
  const f = (weight: number): Estimate => withoutInterval(fBeta(confusion, weight), tp + fp + fn);
  return {
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    f1: f(1),
    f_beta: f(beta),
    specificity: share(tn, tn + fp),
    fpr: share(fp, tn + fp),
    fnr: share(fn, tp + fn),
    accuracy: share(tp + tn, all),
    balanced_accuracy: withoutInterval(balancedAccuracy(confusion), all),
    mcc: withoutInterval(matthews(confusion), all),
    prevalence: share(tp + fn, all),
    alert_rate: share(tp + fp, all),
  };
}

function fBeta({ tp, fp, fn }: Confusion, beta: number): number | null {
  const weight = beta * beta;
  return ratio((1 + weight) * tp, (1 + weight) * tp + weight * fn + fp);
}

function balancedAccuracy({ tp, fp, tn, fn }: Confusion): number | null {
  const recall = ratio(tp, tp + fn);
  const specificity = ratio(tn, tn + fp);
  return recall === null || specificity === null ? null : (recall + specificity) / 2;
}

function matthews({ tp, fp, tn, fn }: Confusion): number | null {
  const margins = Math.sqrt((tp + fp) * (tp + fn)) * Math.sqrt((tn + fp) * (tn + fn));
  const value = ratio(tp * tn - fp * fn, margins);
  return value === null ? null : Math.min(1, Math.max(-1, value));
}
