import type { DriftDisplay } from "../../results/monitor-display.ts";
import { ACCENT, MUTED, REFERENCE, SIDES, STYLE, tips, xAxis } from "../../views/chart-theme.ts";
import type { Chart, PlotModule, PlotOptions } from "../../views/markup.ts";
import { shareText, tickText } from "../../views/number-text.ts";
import { categoryChart } from "./category-chart.ts";
import { distributionWords } from "./distribution-words.ts";

type Subject = DriftDisplay["subjects"][number];

export interface Bin {
  /** Ends of the drawn box; the box's area is its share. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

const HEIGHT = 200;
/** The outermost bins are drawn no wider than this part of the inner ones, else one value decides the axis. */
const TAIL = 0.6;

/** Both samples over the stored bins. */
export function distributionChart(subject: Subject): Chart {
  const { bins } = subject;
  return bins.edges === null ? categoryChart(subject) : numericChart(subject, drawnBins(bins));
}

/** Stored bins as boxes: the outer ones, open in the data, end at the outermost values or where the axis is cut. */
export function drawnBins({ edges, min, max, reference, current }: Subject["bins"]): readonly Bin[] {
  const inner = edges ?? [];
  const first = inner[0];
  const last = inner.at(-1);
  if (first === undefined || last === undefined)
    return reference.length === 0 ? [] : [box(min ?? 0, max ?? 1, "all values", reference[0]!, current[0] ?? 0)];
  const span = last - first || Math.max(last - (min ?? last), (max ?? first) - first) || Math.abs(first) || 1;
  const low = Math.max(Math.min(min ?? first, first), first - span * TAIL);
  const high = Math.min(Math.max(max ?? last, last), last + span * TAIL);
  // A bin without width still has values: it gets a sliver.
  const sliver = span * 0.02;
  const ends = [Math.min(low, first - sliver), ...inner, Math.max(high, last + sliver)];
  return reference.map((share, at) => {
    const [from, to] = [ends[at] ?? last, ends[at + 1] ?? last + sliver];
    const label =
      at === 0
        ? `below ${axisText(first)}`
        : at === inner.length
          ? `${axisText(last)} and above`
          : `${axisText(from)} to ${axisText(to)}`;
    return box(from, to, label, share, current[at] ?? 0);
  });
}

function box(from: number, to: number, label: string, reference: number, current: number): Bin {
  return { from, to: to > from ? to : from + (Math.abs(from) || 1) * 0.02, label, reference, current };
}

const axisText = (value: number): string => tickText(value, "number");

function numericChart({ subject, bins }: Subject, boxes: readonly Bin[]): Chart {
  const beyond = [
    ...(bins.min !== null && boxes[0] !== undefined && bins.min < boxes[0].from ? [`from ${axisText(bins.min)}`] : []),
    ...(bins.max !== null && boxes.length > 0 && bins.max > boxes.at(-1)!.to ? [`up to ${axisText(bins.max)}`] : []),
  ];
  const reach = beyond.length === 0 ? null : `values reach ${beyond.join(" and ")}`;
  return {
    name: `${subject}-distribution`,
    title: "Distribution",
    label: distributionWords(subject, boxes),
    size: "half",
    keys: SIDES,
    options: (plot, width) => numericOptions(plot, width, boxes, reach),
    data: boxes.map(({ from, to, label, reference, current }, at) => ({
      bin: label,
      from: at === 0 ? null : from,
      to: at === boxes.length - 1 ? null : to,
      reference_share: reference,
      current_share: current,
    })),
    handle: null,
  };
}

function numericOptions(plot: PlotModule, width: number, boxes: readonly Bin[], reach: string | null): PlotOptions {
  const density = (side: "reference" | "current") => (one: Bin) => one[side] / (one.to - one.from);
  const rectangle = (side: "reference" | "current", fill: string, fillOpacity: number) =>
    plot.rect(boxes, { x1: "from", x2: "to", y1: 0, y2: density(side), fill, fillOpacity });
  const outline = (side: "reference" | "current", stroke: string) =>
    plot.line(steps(boxes, density(side)), { x: "x", y: "y", stroke, strokeWidth: 1.5, strokeLinejoin: "miter" });
  const top = Math.max(...boxes.flatMap((one) => [density("reference")(one), density("current")(one)]), 0) || 1;
  return {
    width,
    height: HEIGHT,
    marginTop: 12,
    marginRight: 16,
    marginBottom: 36,
    marginLeft: 16,
    style: STYLE,
    x: { domain: [boxes[0]?.from ?? 0, boxes.at(-1)?.to ?? 1] },
    y: { axis: null, domain: [0, top * 1.06] },
    marks: [
      rectangle("reference", REFERENCE, 0.28),
      rectangle("current", ACCENT, 0.12),
      outline("reference", REFERENCE),
      outline("current", ACCENT),
      xAxis(plot, {
        unit: "number",
        ticks: Math.max(3, Math.floor(width / 100)),
        ...(reach === null ? {} : { label: reach }),
      }),
      plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.75 }),
      tips(
        plot,
        boxes.map((one) => ({
          x: (one.from + one.to) / 2,
          y: Math.max(density("reference")(one), density("current")(one)),
          text: `${one.label}\nreference ${shareText(one.reference)}\ncurrent ${shareText(one.current)}`,
        })),
      ),
    ],
  };
}

/** The upper rim of the boxes, from the ground and back to it. */
function steps(boxes: readonly Bin[], height: (one: Bin) => number): readonly { x: number; y: number }[] {
  const rim = boxes.flatMap((one) => [
    { x: one.from, y: height(one) },
    { x: one.to, y: height(one) },
  ]);
  const [first, last] = [rim[0], rim.at(-1)];
  return first === undefined || last === undefined ? [] : [{ x: first.x, y: 0 }, ...rim, { x: last.x, y: 0 }];
}
