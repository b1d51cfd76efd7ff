import type { KpiDisplay } from "../../results/monitor-display.ts";
import { rounded } from "../../results/reading.ts";
import { keptIndices } from "../../statistics/outcomes/drawn-curve.ts";
import { type ClassCurve, maturityAt } from "../../statistics/outcomes/maturity.ts";
import { reliability } from "../../statistics/outcomes/probability.ts";
import { bestOf, curveOf } from "./group-estimates.ts";
import type { ScoreTally } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";

const DRAWN_POINTS = 400;
const LABEL_CURVE_POINTS = 60;

/**
 * What the threshold section draws, thinned; totals stay those of all rows. The points of the cell's threshold and of the
 * best one are among those kept: there the chart says what the figures say.
 */
export function drawnCurve(
  tally: ScoreTally,
  { payoff, threshold }: Pick<KpiSpec, "payoff" | "threshold">,
): Pick<KpiDisplay, "curve" | "reliability" | "best"> {
  const { scores, ifAlerted, ifPassed } = tally;
  const tp = cumulative(tally.positives);
  const fp = cumulative(tally.negatives);
  const alerts = cumulative(tally.rows);
  const [positives, negatives] = [tp.at(-1) ?? 0, fp.at(-1) ?? 0];
  if (positives + negatives === 0) return { curve: null, reliability: null, best: null };
  const passed = ifPassed.reduce((sum, one) => sum + one, 0);
  const worth = cumulative(ifAlerted.map((one, at) => one - ifPassed[at]!)).map((gain) => passed + gain);
  const best = payoff === null ? null : bestOf(tally);
  const pointOf = (at: number): number => scores.findLastIndex((score) => score >= at);
  const always = [threshold, best?.threshold].flatMap((at) => (at == null ? [] : [pointOf(at)]));
  const kept = keptIndices([tp, fp], DRAWN_POINTS, always);
  const picked = (column: Float64Array): number[] => kept.map((at) => rounded(column[at]!));
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

export function labelCurves(curves: readonly ClassCurve[]): KpiDisplay["curveOfLabels"] {
  return curves.map((curve) => {
    const last = curve.delays.at(-1) ?? 0;
    const points = Array.from({ length: LABEL_CURVE_POINTS + 1 }, (_, at) => (last * at) / LABEL_CURVE_POINTS);
    return {
      label: curve.labelClass,
      points: points.map((ageDays) => ({ ageDays: rounded(ageDays), share: rounded(maturityAt(curve, ageDays)) })),
    };
  });
}
