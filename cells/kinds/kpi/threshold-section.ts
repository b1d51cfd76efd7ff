import type { KpiDisplay } from "../../results/monitor-display.ts";
import { h, type Markup } from "../../views/markup.ts";
import { plainText } from "../../views/number-text.ts";
import { curvePoints } from "./curve-points.ts";
import { precisionRecallChart, reliabilityChart, rocChart } from "./ranking-charts.ts";
import { thresholdChart } from "./threshold-chart.ts";

const OF_RANKING = ["roc_auc", "gini", "average_precision", "ks_score", "brier", "log_loss", "ece"];

/** What another threshold would give; folded where the cell goes by decisions and nothing says which would be best. */
export function thresholdSection({ curve, best, threshold, thresholdInput }: KpiDisplay): Markup {
  const points = curve === null ? [] : curvePoints(curve);
  if (curve === null || points.length < 2) return [];
  const chart = thresholdChart({ curve, points, best, threshold, input: thresholdInput });
  if (threshold === null && best === null)
    return h(
      "details",
      { class: "m-fold", "data-key": "threshold" },
      h("summary", {}, "What a threshold would give"),
      chart,
    );
  const bestText = best === null ? [] : h("span", { class: "m-count" }, `best payoff at ${plainText(best.threshold)}`);
  return h("div", { class: "m-section" }, h("h4", {}, "Threshold", bestText), chart);
}

/** How well the score ranks and means what it says; folded where the cell asks for none of the figures of it. */
export function rankingSection({ curve, reliability, threshold, values }: KpiDisplay): Markup {
  const points = curve === null ? [] : curvePoints(curve);
  const ranks = curve !== null && points.length > 1;
  const labelled = ranks && curve.positives > 0 && curve.negatives > 0;
  const small = [
    ...(labelled ? [rocChart(curve, points, threshold), precisionRecallChart(curve, points, threshold)] : []),
    ...(reliability === null || reliability.length === 0 ? [] : [reliabilityChart(reliability)]),
  ];
  if (!ranks && small.length === 0) return [];
  return h(
    "details",
    { class: "m-fold", "data-key": "ranking", open: values.some(({ metric }) => OF_RANKING.includes(metric)) },
    h("summary", {}, "How the score ranks, and means what it says"),
    ranks && !labelled
      ? h(
          "p",
          { class: "m-facts" },
          h("span", {}, "Ranking is not drawn: it needs known positives and known negatives."),
        )
      : [],
    small.length === 0 ? [] : h("div", { class: "m-small-charts" }, ...small),
  );
}
