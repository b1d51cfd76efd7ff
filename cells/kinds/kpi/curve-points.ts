import type { KpiDisplay } from "../../results/monitor-display.ts";

export type Curve = NonNullable<KpiDisplay["curve"]>;

/** What holds when the score is the threshold. */
export interface CurvePoint {
  readonly score: number;
  /** Null where nothing labelled is alerted. */
  readonly precision: number | null;
  /** Null without positives. */
  readonly recall: number | null;
  readonly fpr: number | null;
  readonly alerts: number;
  readonly payoff: number | null;
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** In the order of the curve: scores from high to low. */
export function curvePoints({ score, tp, fp, positives, negatives, alerts, payoff }: Curve): readonly CurvePoint[] {
  return score.map((one, at) => ({
    score: one,
    precision: ratio(tp[at] ?? 0, (tp[at] ?? 0) + (fp[at] ?? 0)),
    recall: ratio(tp[at] ?? 0, positives),
    fpr: ratio(fp[at] ?? 0, negatives),
    alerts: alerts[at] ?? 0,
    payoff: payoff?.[at] ?? null,
  }));
}

/** The counts at a threshold between scores are those of the next score above it; above all scores nothing is alerted. */
export function pointAt(points: readonly CurvePoint[], threshold: number): CurvePoint | null {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.score >= threshold) low = middle + 1;
    else high = middle;
  }
  return points[low - 1] ?? null;
}
