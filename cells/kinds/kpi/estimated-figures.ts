import type { Confusion } from "../../statistics/outcomes/confusion.ts";
import {
  type Calibration,
  calibrationOf,
  type DecidedCount,
  estimatePerformance,
  samplingBand,
} from "../../statistics/outcomes/estimated.ts";
import { deltaStandardError, type FromCounts, GRADIENTS } from "../../statistics/outcomes/expected-errors.ts";
import { ratio } from "../../statistics/outcomes/interval.ts";
import { aucStandardError, type DelongComponents, delongComponents } from "../../statistics/outcomes/ranking.ts";
import { mergeCurves, type ScoreCurve, totalsOf } from "../../statistics/outcomes/score-curve.ts";

/** What follows from expected tp, fp, tn and fn, and from the order of the scores. */
export const ESTIMATED_METRICS = [
  ...(Object.keys(GRADIENTS) as FromCounts[]),
  "roc_auc",
  "gini",
  // Where tp, fp, tn and fn are worth numbers, whatever the row.
  "payoff_total",
  "payoff_per_decision",
] as const;
export type EstimatedMetric = (typeof ESTIMATED_METRICS)[number];
export const isEstimable = (metric: string): metric is EstimatedMetric =>
  (ESTIMATED_METRICS as readonly string[]).includes(metric);

/** What calibrated scores let expect, with its sampling band of three standard errors. */
export interface EstimatedFigure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
export type EstimatedFigures = Readonly<Partial<Record<EstimatedMetric, EstimatedFigure>>>;

/** What is learnt from decisions whose truth is settled. */
export interface EstimateReference {
  readonly calibration: Calibration;
  readonly components: DelongComponents | null;
  readonly n: number;
}

/** Null without both classes, or where the scores tell no probability. */
export function estimateReference(folds: readonly [ScoreCurve, ScoreCurve, ScoreCurve]): EstimateReference | null {
  const whole = mergeCurves(folds);
  const { positives, negatives } = totalsOf(whole);
  const calibration = positives > 0 && negatives > 0 ? calibrationOf(folds) : null;
  return calibration === null ? null : { calibration, components: delongComponents(whole), n: positives + negatives };
}

type Range = readonly [lowest: number, highest: number];
const SHARE: Range = [0, 1];
const SIGNED: Range = [-1, 1];
const ANY: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** What a cell asks of the figures. */
export interface EstimateAsked {
  readonly beta: number;
  /** SQL expressions, as a cell has them. */
  readonly payoff: Readonly<Record<keyof Confusion, string>> | null;
}

/** What each class is worth; null where that depends on the row. */
function fixedPayoff(payoff: EstimateAsked["payoff"]): Confusion | null {
  if (payoff === null) return null;
  const worth = { tp: Number(payoff.tp), fp: Number(payoff.fp), tn: Number(payoff.tn), fn: Number(payoff.fn) };
  return Object.values(worth).every(Number.isFinite) ? worth : null;
}

/** The expected figures of decisions, labelled or not; those without a value are left out. */
export function estimatedFigures(
  { calibration, components }: EstimateReference,
  decided: readonly DecidedCount[],
  { beta, payoff }: EstimateAsked,
): EstimatedFigures {
  const { confusion, metrics, rocAuc } = estimatePerformance(calibration, decided, beta);
  const { tp, fp, tn, fn } = confusion;
  const n = tp + fp + tn + fn;
  const found: Partial<Record<EstimatedMetric, EstimatedFigure>> = {};
  const add = (metric: EstimatedMetric, value: number | null, error: number | null, [lowest, highest]: Range): void => {
    const band = samplingBand(value, error, lowest, highest);
    if (value !== null && band !== null) found[metric] = { value, low: band.lower, high: band.upper };
  };
  for (const metric of Object.keys(GRADIENTS) as FromCounts[]) {
    const error = deltaStandardError(confusion, GRADIENTS[metric](confusion, beta));
    switch (metric) {
      case "tp":
      case "fp":
      case "tn":
      case "fn":
        add(metric, n > 0 ? confusion[metric] : null, error, [0, n]);
        break;
      case "tdr":
        add(metric, metrics.recall.value, error, SHARE);
        break;
      case "tfpr":
        add(metric, ratio(fp, tp), error, [0, Number.POSITIVE_INFINITY]);
        break;
      case "mcc":
        add(metric, metrics.mcc.value, error, SIGNED);
        break;
      default:
        add(metric, metrics[metric].value, error, SHARE);
    }
  }
  const error = components === null || rocAuc === null ? null : aucStandardError(components, tp + fn, fp + tn);
  add("roc_auc", rocAuc, error, SHARE);
  add("gini", rocAuc === null ? null : 2 * rocAuc - 1, error === null ? null : 2 * error, SIGNED);
  const worth = fixedPayoff(payoff);
  if (worth !== null && n > 0) {
    const total = tp * worth.tp + fp * worth.fp + tn * worth.tn + fn * worth.fn;
    const ofTotal = deltaStandardError(confusion, worth);
    add("payoff_total", total, ofTotal, ANY);
    add("payoff_per_decision", total / n, ofTotal === null ? null : ofTotal / n, ANY);
  }
  return found;
}
