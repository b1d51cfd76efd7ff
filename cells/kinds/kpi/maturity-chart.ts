import type { KpiDisplay } from "../../results/monitor-display.ts";
import { MUTED, STYLE, seriesInk, tips, xAxis, yAxis } from "../../views/chart-theme.ts";
import { type Chart, h, type Markup, type PlotModule, type PlotOptions } from "../../views/markup.ts";
import { countOf, shareText } from "../../views/number-text.ts";

type Curves = NonNullable<KpiDisplay["curveOfLabels"]>;

const HEIGHT = 168;
const MARGIN = { marginTop: 12, marginBottom: 36 } as const;
const SETTLED = 0.9;

/** How long labels take, folded: it explains a provisional figure and is seldom needed. */
export function maturityChart(curves: KpiDisplay["curveOfLabels"]): Markup {
  if (curves === null || curves.every(({ points }) => points.length === 0)) return [];
  const chart: Chart = {
    name: "label-maturity",
    title: "Share of labels known by the age of a decision",
    label: `Label maturity: ${curves.map(curveWords).join("; ")}.`,
    size: "wide",
    keys: [],
    options: (plot, width) => maturityOptions(plot, width, curves),
    data: curves.flatMap(({ label, points }) =>
      points.map(({ ageDays, share }) => ({ label, age_days: ageDays, share_known: share })),
    ),
    handle: null,
  };
  return h(
    "details",
    { class: "m-fold", "data-key": "maturity" },
    h(
      "summary",
      {},
      "How labels arrive",
      h("span", { class: "m-count" }, countOf(curves.length, "label class", "label classes")),
    ),
    chart,
  );
}

function curveWords({ label, points }: Curves[number]): string {
  const reached = points.find(({ share }) => share >= SETTLED);
  const last = points.at(-1);
  if (last === undefined) return `${label}: no points`;
  if (reached === undefined) return `${label} reaches ${shareText(last.share)} after ${countOf(last.ageDays, "day")}`;
  return `${label} reaches 90% after ${countOf(reached.ageDays, "day")}`;
}

function maturityOptions(plot: PlotModule, width: number, curves: Curves): PlotOptions {
  const points = curves.flatMap(({ label, points: own }, at) => own.map((point) => ({ ...point, label, at })));
  return {
    ...MARGIN,
    marginLeft: 48,
    marginRight: 88,
    width,
    height: HEIGHT,
    style: STYLE,
    x: { domain: [0, Math.max(1, ...points.map(({ ageDays }) => ageDays))] },
    y: { domain: [0, 1] },
    marks: [
      yAxis(plot, { unit: "share", ticks: 3 }),
      xAxis(plot, { unit: "number", label: "days after the decision" }),
      plot.ruleY([SETTLED], { stroke: MUTED, strokeDasharray: "2 3" }),
      plot.text(["90% settled"], { y: [SETTLED], frameAnchor: "right", textAnchor: "start", dx: 6, fill: MUTED }),
      curves.map(({ points: own }, at) =>
        plot.lineY(own, {
          x: "ageDays",
          y: "share",
          stroke: seriesInk(at).stroke,
          strokeDasharray: seriesInk(at).dash,
          strokeWidth: 1.5,
        }),
      ),
      curves.length < 2
        ? null
        : plot.text(
            curves.flatMap(({ label, points: own }, at) => {
              const middle = own[Math.floor(own.length / 3)];
              return middle === undefined ? [] : [{ ...middle, label, at }];
            }),
            {
              x: "ageDays",
              y: "share",
              text: "label",
              dx: 6,
              dy: 10,
              textAnchor: "start",
              fill: ({ at }: { at: number }) => seriesInk(at).stroke,
            },
          ),
      tips(
        plot,
        points.map(({ ageDays, share, label }) => ({
          x: ageDays,
          y: share,
          text: `${label}\n${shareText(share)} after ${countOf(ageDays, "day")}`,
        })),
        "both",
      ),
    ],
  };
}
