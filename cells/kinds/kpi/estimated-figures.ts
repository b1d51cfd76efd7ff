import {
  type Calibration,
  calibrationOf,
  type DecidedCount,
  estimatePerformance,
  samplingBand,
  shareStandardError,
} from "../../statistics/outcomes/estimated.ts";
import { aucStandardError, type DelongComponents, delongComponents } from "../../statistics/outcomes/ranking.ts";
import { mergeCurves, type ScoreCurve, totalsOf } from "../../statistics/outcomes/score-curve.ts";

export const ESTIMATED_METRICS = ["precision", "recall", "alert_rate", "roc_auc"] as const;
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

/** The expected figures of decisions, labelled or not; those without a value are left out. */
export function estimatedFigures(
  { calibration, components }: EstimateReference,
  decided: readonly DecidedCount[],
): EstimatedFigures {
  const { confusion, metrics, rocAuc } = estimatePerformance(calibration, decided);
  const { tp, fp, tn, fn } = confusion;
  const [positives, negatives] = [tp + fn, fp + tn];
  const share = (value: number | null, n: number): EstimatedFigure | null =>
    figure(value, value === null ? null : shareStandardError(value, n));
  const found: Record<EstimatedMetric, EstimatedFigure | null> = {
    precision: share(metrics.precision.value, tp + fp),
    recall: share(metrics.recall.value, positives),
    alert_rate: share(metrics.alert_rate.value, positives + negatives),
    roc_auc: figure(
      rocAuc,
      components === null || rocAuc === null ? null : aucStandardError(components, positives, negatives),
    ),
  };
  return Object.fromEntries(Object.entries(found).filter(([, one]) => one !== null));
}

function figure(value: number | null, standardError: number | null): EstimatedFigure | null {
  const band = samplingBand(value, standardError);
  return value === null || band === null ? null : { value, low: band.lower, high: band.upper };
}
