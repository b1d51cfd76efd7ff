import { confusionMetrics } from "../../cells/statistics/outcomes/confusion.ts";
import { estimatePerformance } from "../../cells/statistics/outcomes/estimated.ts";
import { wilson } from "../../cells/statistics/outcomes/interval.ts";
import { isotonic, isotonicAt } from "../../cells/statistics/outcomes/isotonic.ts";
import { brier, logLoss } from "../../cells/statistics/outcomes/probability.ts";
import { averagePrecision, gini, ksScore, rocAuc } from "../../cells/statistics/outcomes/ranking.ts";
import { regressionMetrics } from "../../cells/statistics/outcomes/regression.ts";
import { scoreCurve } from "../../cells/statistics/outcomes/score-curve.ts";
import { Random } from "../../test/support/random.ts";
import { normal } from "./random-samples.ts";

const THRESHOLD = 0.4;
const ASKED = Array.from({ length: 37 }, (_, at) => -0.1 + at / 30);

/** Scores with and without ties and the truth of each row. */
export function scoreCases(seed: number) {
  const random = new Random(seed + 3);
  return [10, 30, 200, 1000, 3000, 100_000].flatMap((rows) =>
    [null, 2, 1].flatMap((digits) =>
      Array.from({ length: rows > 3000 ? 1 : 20 }, () => {
        const [prevalence, strength] = [random.pick([0.02, 0.3, 0.5]), random.pick([0, 1, 3])];
        const truth = Array.from({ length: rows }, (_, at) => (at < 4 ? at % 2 : Number(random.chance(prevalence))));
        const scores = truth.map((one) => {
          const score = 1 / (1 + Math.exp(1 - 1.5 * normal(random) - one * strength));
          return digits === null ? score : Number(score.toFixed(digits));
        });
        const hasTies = new Set(scores).size < rows;
        return { rows, hasTies, truth, scores, asked: ASKED, threshold: THRESHOLD, ours: ofScores(truth, scores) };
      }),
    ),
  );
}

function ofScores(truth: readonly number[], scores: readonly number[]) {
  const curve = scoreCurve(scores.map((score, at) => ({ score, positives: truth[at]!, negatives: 1 - truth[at]! })));
  const auc = rocAuc(curve);
  const fit = isotonic(curve)!;
  const decided = scores.map((score) => ({
    score,
    alerted: Number(score >= THRESHOLD),
    passed: Number(score < THRESHOLD),
  }));
  const asIs = { isotonic: null, eceRaw: null, eceCalibrated: null };
  const { metrics, rocAuc: estimated } = estimatePerformance(asIs, decided);
  return {
    roc_auc: auc.value,
    "roc_auc, lower end (DeLong)": auc.lower,
    "roc_auc, upper end (DeLong)": auc.upper,
    gini: gini(curve).value,
    average_precision: averagePrecision(curve),
    ks_score: ksScore(curve),
    brier: brier(curve).value,
    log_loss: logLoss(curve).value,
    "isotonic calibration": ASKED.map((score) => isotonicAt(fit, score)),
    "estimated precision": metrics.precision.value,
    "estimated recall": metrics.recall.value,
    "estimated f1": metrics.f1.value,
    "estimated specificity": metrics.specificity.value,
    "estimated accuracy": metrics.accuracy.value,
    "estimated roc_auc": estimated,
  };
}

/** Tables of decided against true. */
export function tableCases(seed: number) {
  const random = new Random(seed + 4);
  return Array.from({ length: 300 }, () => {
    const most = random.pick([20, 1000, 1_000_000]);
    const [tp, fp, tn, fn] = Array.from({ length: 4 }, () => random.integer(1, most)) as [
      number,
      number,
      number,
      number,
    ];
    const found = confusionMetrics({ tp, fp, tn, fn }, { beta: 2 });
    const { lower, upper } = wilson(tp, tp + fp);
    const ours = {
      precision: found.precision.value,
      "precision, lower end (Wilson)": lower,
      "precision, upper end (Wilson)": upper,
      recall: found.recall.value,
      accuracy: found.accuracy.value,
      balanced_accuracy: found.balanced_accuracy.value,
      f1: found.f1.value,
      "f_beta, β = 2": found.f_beta.value,
      mcc: found.mcc.value,
    };
    return { tp, fp, tn, fn, ours };
  });
}

const QUANTILE = 0.3;

/** Predictions of numbers, with and without a truth of 0 among them. */
export function regressionCases(seed: number) {
  const random = new Random(seed + 5);
  return Array.from({ length: 120 }, () => {
    const [centre, rows] = [random.pick([0, 100, 1e6]), random.pick([10, 300, 5000])];
    const truth = Array.from({ length: rows }, () => Math.round(centre + 10 * normal(random)));
    const predicted = truth.map((one) => one + 1 + 5 * normal(random));
    return { truth, predicted, quantile: QUANTILE, ours: ofPredictions(truth, predicted, truth[0]! + 0.5) };
  });
}

function ofPredictions(truth: readonly number[], predicted: readonly number[], near: number) {
  const errors = truth.map((one, at) => predicted[at]! - one);
  const sum = (term: (at: number) => number): number => errors.reduce((total, _, at) => total + term(at), 0);
  const found = regressionMetrics({
    n: truth.length,
    sumError: sum((at) => errors[at]!),
    sumAbs: sum((at) => Math.abs(errors[at]!)),
    sumSquared: sum((at) => errors[at]! ** 2),
    sumRelative: sum((at) => (truth[at] === 0 ? 0 : Math.abs(errors[at]! / truth[at]!))),
    truthZero: truth.filter((one) => one === 0).length,
    sumSymmetric: sum((at) => (2 * Math.abs(errors[at]!)) / (Math.abs(truth[at]!) + Math.abs(predicted[at]!) || 1)),
    sumTruthCentred: sum((at) => truth[at]! - near),
    sumTruthCentredSquared: sum((at) => (truth[at]! - near) ** 2),
    pinball: { quantile: QUANTILE, sum: sum((at) => Math.max(-QUANTILE * errors[at]!, (1 - QUANTILE) * errors[at]!)) },
  });
  const { mae, rmse, mape, smape, r2, bias, pinball } = found;
  return Object.fromEntries(
    Object.entries({ mae, rmse, mape, smape, r2, bias, pinball }).map(([name, { value }]) => [name, value]),
  );
}
