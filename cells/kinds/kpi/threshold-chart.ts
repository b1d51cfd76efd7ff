import type { KpiDisplay } from "../../results/monitor-display.ts";
import { ACCENT, LINE, MUTED, STYLE, seriesInk, TEXT, tips, xAxis } from "../../views/chart-theme.ts";
import { type Chart, type Handle, h, type Markup, type PlotModule, type PlotOptions } from "../../views/markup.ts";
import { countText, plainText, shareText, tickText, type Unit, unitText } from "../../views/number-text.ts";
import { type Curve, type CurvePoint, pointAt } from "./curve-points.ts";

interface Threshold {
  readonly curve: Curve;
  readonly points: readonly CurvePoint[];
  readonly best: KpiDisplay["best"];
  readonly threshold: number | null;
  readonly input: string | null;
}

interface Lane {
  readonly names: readonly string[];
  readonly unit: Unit;
  readonly lines: readonly (readonly (number | null)[])[];
  readonly domain: readonly [number, number];
  readonly height: number;
  /** Counts from one to millions: each power of ten as high as the next. */
  readonly isLog: boolean;
}

const TALL = 112;
const LOW = 56;
/** Above each lane: room for its names. */
const HEADING = 24;
const MARGIN = { marginTop: 16, marginRight: 16, marginBottom: 36, marginLeft: 56 } as const;

/** Precision, recall, alerts and payoff over the score, one below the other, crossed by one rule that can be moved. */
export function thresholdChart(of: Threshold): Chart {
  const { points, curve, best } = of;
  const handle = handleOf(of);
  return {
    name: "threshold",
    title: `What a threshold gives${curve.cut ? ", thinned for drawing" : ""}`,
    label: `Precision, recall, alerts${curve.payoff === null ? "" : " and payoff"} over the threshold. ${handle.read(handle.value).text}${best === null ? "" : ` Best payoff ${unitText(best.payoff, "amount")} at ${plainText(best.threshold)}.`}`,
    size: "wide",
    keys: [
      { shape: "line", color: ACCENT, text: "precision" },
      { shape: "dashes", color: seriesInk(1).stroke, text: "recall" },
    ],
    options: (plot, width) => thresholdOptions(plot, width, of),
    data: points.map(({ score, precision, recall, alerts, payoff }) => ({
      threshold: score,
      precision,
      recall,
      alerts,
      payoff,
    })),
    handle,
  };
}

function handleOf({ points, curve, best, threshold, input }: Threshold): Handle {
  const [max, min] = [points[0]!.score, points.at(-1)!.score];
  const step = 10 ** Math.round(Math.log10((max - min || 1) / 100));
  const start = threshold ?? best?.threshold ?? points[Math.floor(points.length / 2)]!.score;
  const about = curve.cut ? "about " : "";
  return {
    label: "Threshold",
    input,
    value: Math.max(min, Math.min(max, start)),
    min,
    max,
    step,
    read: (value) => readAt(points, value, about, curve.payoff !== null),
  };
}

function readAt(
  points: readonly CurvePoint[],
  value: number,
  about: string,
  withPayoff: boolean,
): { readonly text: string; readonly view: Markup } {
  const point = pointAt(points, value);
  const facts: readonly (readonly [string, string])[] = [
    ["Precision", shareText(point?.precision ?? null)],
    ["Recall", shareText(point === null ? 0 : point.recall)],
    ["Alerts", countText(point?.alerts ?? 0)],
    ...(withPayoff ? [["Payoff", point === null ? "–" : unitText(point.payoff, "amount")] as const] : []),
  ];
  return {
    text: `At ${plainText(value)}: ${about}${facts.map(([name, text]) => `${name.toLowerCase()} ${text}`).join(", ")}.`,
    view: [["Threshold", plainText(value)] as const, ...facts].map(([name, text]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, text)),
    ),
  };
}

function lanesOf({ points, curve }: Threshold): readonly Lane[] {
  const line = (pick: (point: CurvePoint) => number | null): readonly (number | null)[] => points.map(pick);
  const payoffs = points.flatMap(({ payoff }) => (payoff === null ? [] : [payoff]));
  const most = Math.max(1, ...points.map(({ alerts }) => alerts));
  const lanes: Lane[] = [
    {
      names: ["Precision", "recall"],
      unit: "share",
      lines: [line(({ precision }) => precision), line(({ recall }) => recall)],
      domain: [0, 1],
      height: TALL,
      isLog: false,
    },
    {
      names: ["Alerts"],
      unit: "count",
      lines: [line(({ alerts }) => Math.max(1, alerts))],
      domain: [1, Math.max(10, most)],
      height: LOW,
      isLog: true,
    },
  ];
  if (curve.payoff === null || payoffs.length === 0) return lanes;
  const top = Math.max(0, ...payoffs);
  // Alerting on everything loses so much that gains would not be seen beside it: the lane ends where they stay visible.
  const bottom = Math.max(Math.min(0, ...payoffs), top > 0 ? -top : Number.NEGATIVE_INFINITY);
  const domain = [bottom, top === bottom ? bottom + 1 : top] as const;
  const lines = [line(({ payoff }) => (payoff !== null && payoff < bottom ? null : payoff))];
  return [...lanes, { names: ["Payoff"], unit: "amount", lines, domain, height: LOW, isLog: false }];
}

/** y is in pixels from the top, so that lanes of different units stand in one drawing. */
function thresholdOptions(plot: PlotModule, width: number, of: Threshold): PlotOptions {
  const { points, threshold, best } = of;
  const lanes = lanesOf(of);
  const tops = lanes.map(
    (_, at) => lanes.slice(0, at).reduce((sum, { height }) => sum + height + HEADING, 0) + HEADING,
  );
  const inner = tops.at(-1)! + lanes.at(-1)!.height;
  const scores = points.map(({ score }) => score);
  const flags = [
    ...(threshold === null ? [] : [{ at: threshold, text: `now ${plainText(threshold)}` }]),
    ...(best === null ? [] : [{ at: best.threshold, text: `best ${plainText(best.threshold)}` }]),
  ]
    .filter(({ at }) => at >= scores.at(-1)! && at <= scores[0]!)
    .toSorted((a, b) => a.at - b.at);
  return {
    ...MARGIN,
    width,
    height: inner + MARGIN.marginTop + MARGIN.marginBottom,
    style: STYLE,
    x: { domain: [scores.at(-1)!, scores[0]!] },
    y: { axis: null, domain: [inner, 0] },
    marks: [
      lanes.map((lane, at) => laneMarks(plot, lane, tops[at]!, scores)),
      xAxis(plot, { unit: "number", label: "threshold of the score" }),
      plot.ruleX(flags, { x: "at", stroke: MUTED, strokeDasharray: "2 3" }),
      flags.map(({ at, text }, index) =>
        plot.text([text], {
          x: [at],
          frameAnchor: "top",
          textAnchor: index === 0 && flags.length > 1 ? "end" : "start",
          dx: index === 0 && flags.length > 1 ? -4 : 4,
          dy: -8,
          fill: MUTED,
        }),
      ),
      tips(
        plot,
        points.map((point) => ({ x: point.score, y: tops[0]!, text: tipText(point) })),
      ),
    ],
  };
}

function tipText({ score, precision, recall, alerts, payoff }: CurvePoint): string {
  return [
    `at ${plainText(score)}`,
    `precision ${shareText(precision)}, recall ${shareText(recall)}`,
    `${countText(alerts)} alerts${payoff === null ? "" : `, payoff ${unitText(payoff, "amount")}`}`,
  ].join("\n");
}

function laneMarks(plot: PlotModule, lane: Lane, top: number, scores: readonly number[]) {
  const { names, unit, lines, domain, height, isLog } = lane;
  const place = (value: number): number => (isLog ? Math.log10(value) : value);
  const [low, high] = domain.map(place) as [number, number];
  const y = (value: number): number => top + (1 - (place(value) - low) / (high - low || 1)) * height;
  const ends = isLog ? [...domain] : [...new Set([domain[0], 0, domain[1]])];
  // Labels of ends that lie nearer than a line of text would touch.
  const labelled = ends.filter((end, at) => at === 0 || Math.abs(y(end) - y(ends[at - 1]!)) > 14);
  return [
    plot.ruleY(ends.map(y), { stroke: LINE }),
    plot.text(labelled, {
      y,
      frameAnchor: "left",
      textAnchor: "end",
      dx: -8,
      fill: MUTED,
      text: (end: number) => tickText(end, unit),
    }),
    lines.map((values, at) =>
      plot.line(
        values.map((value, index) => ({ x: scores[index]!, y: value === null ? Number.NaN : y(value) })),
        { x: "x", y: "y", stroke: seriesInk(at).stroke, strokeDasharray: seriesInk(at).dash, strokeWidth: 1.5 },
      ),
    ),
    plot.text([names.join(" and ") + (isLog ? ", log scale" : "")], {
      y: [top - 11],
      frameAnchor: "left",
      textAnchor: "start",
      fill: TEXT,
    }),
  ];
}
