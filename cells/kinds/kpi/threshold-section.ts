import type { KpiDisplay } from "../../results/monitor-display.ts";
import { h, type Markup } from "../../views/markup.ts";
import { plainText } from "../../views/number-text.ts";
import { curvePoints } from "./curve-points.ts";
import { precisionRecallChart, reliabilityChart, rocChart } from "./ranking-charts.ts";
import { thresholdChart } from "./threshold-chart.ts";

/** What another threshold would give, and how well the score ranks and means what it says. */
export function thresholdSection({ curve, reliability, best, threshold, thresholdInput }: KpiDisplay): Markup {
  const points = curve === null ? [] : curvePoints(curve);
  const ranks = curve !== null && points.length > 1;
  const labelled = ranks && curve.positives > 0 && curve.negatives > 0;
  const small = [
    ...(labelled ? [rocChart(curve, points, threshold), precisionRecallChart(curve, points, threshold)] : []),
    ...(reliability === null || reliability.length === 0 ? [] : [reliabilityChart(reliability)]),
  ];
  if (!ranks && small.length === 0) return [];
  return h(
    "div",
    { class: "m-section" },
    h(
      "h4",
      {},
      "Threshold",
      best === null ? [] : h("span", { class: "m-count" }, `best payoff at ${plainText(best.threshold)}`),
    ),
    ranks ? thresholdChart({ curve, points, best, threshold, input: thresholdInput }) : [],
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
