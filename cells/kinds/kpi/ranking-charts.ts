import type { KpiDisplay } from "../../results/monitor-display.ts";
import { ACCENT, MUTED, REFERENCE, STYLE, SURFACE, tips, xAxis, yAxis } from "../../views/chart-theme.ts";
import type { Chart, PlotModule, PlotOptions } from "../../views/markup.ts";
import { countText, plainText, shareText } from "../../views/number-text.ts";
import { type Curve, type CurvePoint, pointAt } from "./curve-points.ts";

const LARGEST = 280;
const MARGIN = { marginTop: 28, marginRight: 12, marginBottom: 36, marginLeft: 44 } as const;

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

interface Square {
  readonly spots: readonly Spot[];
  readonly x: string;
  readonly y: string;
  /** Ends of the line that a useless score would give. */
  readonly chance: readonly [Pick<Spot, "x" | "y">, Pick<Spot, "x" | "y">];
  /** Where the cell's own threshold stands. */
  readonly now: Spot | null;
  readonly dots: boolean;
  /** The largest share of both axes. */
  readonly most: number;
  readonly radius: ((spot: Spot) => number) | null;
}

/** A chart of two shares: as high as it is wide. */
function squareOptions(
  plot: PlotModule,
  width: number,
  { spots, x, y, chance, now, dots, most, radius }: Square,
): PlotOptions {
  const side = Math.min(LARGEST, width);
  return {
    ...MARGIN,
    width: side,
    height: side - MARGIN.marginLeft - MARGIN.marginRight + MARGIN.marginTop + MARGIN.marginBottom,
    style: STYLE,
    x: { domain: [0, most] },
    y: { domain: [0, most] },
    marks: [
      yAxis(plot, { unit: "share", ticks: 4, label: y }),
      xAxis(plot, { unit: "share", ticks: 4, label: x }),
      plot.line(chance, { x: "x", y: "y", stroke: REFERENCE, strokeDasharray: "3 3" }),
      plot.line(spots, { x: "x", y: "y", stroke: ACCENT, strokeWidth: 1.5 }),
      dots ? plot.dot(spots, { x: "x", y: "y", fill: ACCENT, stroke: SURFACE, r: radius ?? 3 }) : null,
      now === null ? null : plot.dot([now], { x: "x", y: "y", r: 4, fill: SURFACE, stroke: ACCENT, strokeWidth: 2 }),
      now === null
        ? null
        : plot.text([now], {
            x: "x",
            y: "y",
            text: () => "now",
            dx: now.x > 0.8 ? -8 : 8,
            textAnchor: now.x > 0.8 ? "end" : "start",
            dy: 10,
            fill: MUTED,
          }),
      tips(plot, spots, "both"),
    ],
  };
}

const text = (point: CurvePoint): string =>
  `at ${plainText(point.score)}\nprecision ${shareText(point.precision)}, recall ${shareText(point.recall)}\nfalse positives ${shareText(point.fpr)}`;

function areaUnder(spots: readonly Spot[]): number {
  return spots.slice(1).reduce((sum, { x, y }, at) => sum + ((x - spots[at]!.x) * (y + spots[at]!.y)) / 2, 0);
}

function spotsOf(
  points: readonly CurvePoint[],
  x: (point: CurvePoint) => number | null,
  y: (point: CurvePoint) => number | null,
): Spot[] {
  return points.flatMap((point) => {
    const [across, up] = [x(point), y(point)];
    return across === null || up === null ? [] : [{ x: across, y: up, text: text(point) }];
  });
}

export function rocChart(curve: Curve, points: readonly CurvePoint[], threshold: number | null): Chart {
  const place = [(point: CurvePoint) => point.fpr, (point: CurvePoint) => point.recall] as const;
  const spots = [
    { x: 0, y: 0, text: "nothing alerted" },
    ...spotsOf(points, ...place),
    { x: 1, y: 1, text: "all alerted" },
  ];
  const at = threshold === null ? null : pointAt(points, threshold);
  return {
    name: "roc",
    title: "ROC",
    label: `ROC curve of ${countText(curve.positives)} positives and ${countText(curve.negatives)} negatives, drawn area ${areaUnder(spots).toFixed(3)}.`,
    size: "small",
    keys: [],
    options: (plot, width) =>
      squareOptions(plot, width, {
        spots,
        x: "false positive rate",
        y: "recall",
        chance: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
        now: at === null ? null : (spotsOf([at], ...place)[0] ?? null),
        dots: false,
        most: 1,
        radius: null,
      }),
    data: points.map(({ score, fpr, recall }) => ({ threshold: score, false_positive_rate: fpr, recall })),
    handle: null,
  };
}

export function precisionRecallChart(curve: Curve, points: readonly CurvePoint[], threshold: number | null): Chart {
  const place = [(point: CurvePoint) => point.recall, (point: CurvePoint) => point.precision] as const;
  const prevalence = curve.positives / (curve.positives + curve.negatives);
  const at = threshold === null ? null : pointAt(points, threshold);
  return {
    name: "precision-recall",
    title: "Precision and recall",
    label: `Precision over recall; by chance the precision were ${shareText(prevalence)}.`,
    size: "small",
    keys: [],
    options: (plot, width) =>
      squareOptions(plot, width, {
        spots: spotsOf(points, ...place),
        x: "recall",
        y: "precision",
        chance: [
          { x: 0, y: prevalence },
          { x: 1, y: prevalence },
        ],
        now: at === null ? null : (spotsOf([at], ...place)[0] ?? null),
        dots: false,
        most: 1,
        radius: null,
      }),
    data: points.map(({ score, precision, recall }) => ({ threshold: score, precision, recall })),
    handle: null,
  };
}

export function reliabilityChart(bins: NonNullable<KpiDisplay["reliability"]>): Chart {
  const most = Math.max(1, ...bins.map(({ n }) => n));
  const spots = bins.map(({ n, mean, observed }) => ({
    x: mean,
    y: observed,
    n,
    text: `said ${shareText(mean)}\nwas ${shareText(observed)}\nn ${countText(n)}`,
  }));
  const largest = Math.max(...bins.flatMap(({ mean, observed }) => [mean, observed]));
  // Scores of rare events are small: a frame up to 100% would be empty.
  const top = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8].find((end) => largest <= end) ?? 1;
  const worst = bins.toSorted((a, b) => Math.abs(b.mean - b.observed) - Math.abs(a.mean - a.observed))[0]!;
  return {
    name: "reliability",
    title: "Reliability",
    label: `Observed share over mean score in ${bins.length} groups; farthest apart: said ${shareText(worst.mean)}, was ${shareText(worst.observed)}.`,
    size: "small",
    keys: [],
    options: (plot, width) =>
      squareOptions(plot, width, {
        spots,
        x: "mean score",
        y: "observed share",
        chance: [
          { x: 0, y: 0 },
          { x: top, y: top },
        ],
        now: null,
        dots: true,
        most: top,
        radius: (spot) => 2 + 3 * Math.sqrt((spot as Spot & { readonly n: number }).n / most),
      }),
    data: bins.map(({ n, mean, observed }) => ({ n, mean_score: mean, observed_share: observed })),
    handle: null,
  };
}
