import { type Confusion, type ConfusionMetrics, confusionMetrics } from "./confusion.ts";
import { type Estimate, ratio } from "./interval.ts";
import { type Isotonic, isotonic, isotonicAt } from "./isotonic.ts";
import { ece } from "./probability.ts";
import { aucValue } from "./ranking.ts";
import { mergeCurves, type ScoreCurve, scoreCurve, tieGroups } from "./score-curve.ts";

/** How scores become probabilities. */
export interface Calibration {
  /** null: the scores are taken as they are. */
  readonly isotonic: Isotonic | null;
  /** Mean expected calibration error of the folds as they are; null where the scores are no probabilities. */
  readonly eceRaw: number | null;
  /** The same with each fold calibrated by the other two; null where those are empty. */
  readonly eceCalibrated: number | null;
}

/** The rows of one score in the current window, whose truth is not known. */
export interface ScoreCount {
  readonly score: number;
  readonly n: number;
}

/** The same, by what was decided. */
export interface DecidedCount {
  readonly score: number;
  readonly alerted: number;
  readonly passed: number;
}

export interface EstimatedPerformance {
  /** Expected numbers of rows. */
  readonly confusion: Confusion;
  /** From the expected numbers; n is all rows. No intervals: see `samplingBand`. */
  readonly metrics: ConfusionMetrics;
  readonly rocAuc: number | null;
}

/**
 * Calibrates on a reference that is given as three folds. Isotonic regression is kept only if it lowers the expected
 * calibration error of the folds, each calibrated by the other two. Null without rows, and where the scores are no
 * probabilities and cannot be calibrated either.
 */
export function calibrationOf(folds: readonly [ScoreCurve, ScoreCurve, ScoreCurve]): Calibration | null {
  const eceRaw = meanEce(folds);
  const calibrated = folds.map((fold, index) => {
    const fit = isotonic(mergeCurves(folds.filter((_, other) => other !== index)));
    return fit === null ? null : calibratedBy(fit, fold);
  });
  const eceCalibrated = calibrated.every((fold) => fold !== null) ? meanEce(calibrated) : null;
  const kept = eceCalibrated !== null && (eceRaw === null || eceCalibrated < eceRaw);
  if (!kept && eceRaw === null) return null;
  return { isotonic: kept ? isotonic(mergeCurves(folds)) : null, eceRaw, eceCalibrated };
}

function calibratedBy(fit: Isotonic, curve: ScoreCurve): ScoreCurve {
  return scoreCurve(tieGroups(curve).map((group) => ({ ...group, score: isotonicAt(fit, group.score) })));
}

/** By rows. Within each fold, for errors of opposite sign in two folds would cancel out over both. */
function meanEce(folds: readonly ScoreCurve[]): number | null {
  let [sum, rows] = [0, 0];
  for (const { value, n } of folds.map(ece)) {
    if (n === 0) continue;
    if (value === null) return null;
    sum += n * value;
    rows += n;
  }
  return ratio(sum, rows);
}

/** The probability that a row of this score is positive, in [0, 1]. */
export function probabilityOf(calibration: Calibration, score: number): number {
  const value = calibration.isotonic === null ? score : isotonicAt(calibration.isotonic, score);
  return Math.min(1, Math.max(0, value));
}

/** The histogram decided anew: alerted where score ≥ threshold. */
export function decidedAt(histogram: readonly ScoreCount[], threshold: number): readonly DecidedCount[] {
  return histogram.map(({ score, n }) =>
    score >= threshold ? { score, alerted: n, passed: 0 } : { score, alerted: 0, passed: n },
  );
}

/**
 * Confidence-based estimation: E[tp] = Σ p and E[fp] = Σ (1 − p) over alerted rows, E[fn] = Σ p and E[tn] = Σ (1 − p)
 * over the others; the AUC from p positives and 1 − p negatives per row, ranked by the score as given. The order of the
 * groups does not matter; those without a finite score are left out.
 */
export function estimatePerformance(
  calibration: Calibration,
  decided: readonly DecidedCount[],
  beta = 2,
): EstimatedPerformance {
  let [tp, fp, tn, fn, n] = [0, 0, 0, 0, 0];
  const groups = byScore(decided).map(({ score, alerted, passed }) => {
    const p = probabilityOf(calibration, score);
    tp += alerted * p;
    fp += alerted * (1 - p);
    fn += passed * p;
    tn += passed * (1 - p);
    n += alerted + passed;
    return { score, positives: (alerted + passed) * p, negatives: (alerted + passed) * (1 - p) };
  });
  const confusion = { tp, fp, tn, fn };
  const metrics = confusionMetrics(confusion, { beta, intervals: false });
  return {
    confusion,
    metrics: restingOn(n, metrics),
    rocAuc: aucValue(scoreCurve(groups)),
  };
}

function restingOn(n: number, metrics: ConfusionMetrics): ConfusionMetrics {
  const resting: { -readonly [name in keyof ConfusionMetrics]: Estimate } = { ...metrics };
  for (const name of Object.keys(metrics) as (keyof ConfusionMetrics)[]) resting[name] = { ...metrics[name], n };
  return resting;
}

/** One group per finite score, descending. */
function byScore(decided: readonly DecidedCount[]): DecidedCount[] {
  const groups = new Map<number, DecidedCount>();
  for (const { score, alerted, passed } of decided) {
    if (!Number.isFinite(score)) continue;
    const sum = groups.get(score) ?? { score, alerted: 0, passed: 0 };
    groups.set(score, { score, alerted: sum.alerted + alerted, passed: sum.passed + passed });
  }
  return [...groups.values()].sort((left, right) => right.score - left.score);
}

/** Value ± 3 standard errors, within [lowest, highest]; null without either. */
export function samplingBand(
  value: number | null,
  standardError: number | null,
  lowest = 0,
  highest = 1,
): { readonly lower: number; readonly upper: number } | null {
  if (value === null || standardError === null) return null;
  return {
    lower: Math.max(lowest, value - 3 * standardError),
    upper: Math.min(highest, value + 3 * standardError),
  };
}
