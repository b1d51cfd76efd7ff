import type { ShownMark } from "../results/monitor-display.ts";
import type { Verdict } from "../results/reading.ts";
import { type Bounds, limitsOf } from "./bound-words.ts";
import {
  ACCENT,
  hatched,
  limitRules,
  MUTED,
  REFERENCE,
  STYLE,
  SURFACE,
  TEXT,
  timeAxis,
  tips,
  verdictColor,
  verdictSymbol,
  yAxis,
} from "./chart-theme.ts";
import { markBands, marksAt, marksKeys, marksWords, markText } from "./mark-bands.ts";
import type { Chart, DataRow, PlotModule, PlotOptions } from "./markup.ts";
import { countText, intervalText, type Unit, unitText } from "./number-text.ts";
import { isEstimated, isKnownThen, seriesKeys, seriesWords } from "./series-words.ts";
import { momentText, type WindowPair, wallDate, windowText } from "./time-text.ts";
import { VERDICT_WORDS } from "./verdict-mark.ts";

export interface SeriesPoint {
  readonly window: WindowPair | null;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly n: number;
  readonly verdict: Verdict;
  readonly provisional: boolean;
  readonly isReference: boolean;
  /** What calibrated scores let expect, with its band. */
  readonly estimated?: { readonly value: number; readonly low: number; readonly high: number } | undefined;
  /** The same with what was known at an earlier moment. */
  readonly knownThen?: KnownThen | undefined;
  /** The page that it leads to. */
  readonly address?: string | undefined;
}

export interface KnownThen {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly n: number;
  /** ISO 8601. */
  readonly asOf: string;
}

interface Series {
  readonly name: string;
  readonly title: string;
  readonly metric: string;
  readonly unit: Unit;
  readonly bounds: Bounds;
  readonly points: readonly SeriesPoint[];
  readonly zone: string;
  /** Drawn as bands behind the course; what does not touch it is left out. */
  readonly marks?: readonly ShownMark[] | undefined;
  /** Stretches over which an alert fired. */
  readonly fired?: readonly WindowPair[] | undefined;
  /** What `knownThen` of its points is: "as known 4 weeks after". */
  readonly knownThenWords?: string | undefined;
  /** Distances begin at 0; a share may fill its frame. */
  readonly fromZero: boolean;
  readonly size: Chart["size"];
}

const HEIGHT = 200;
/** Points nearer to each other than this, in pixels, are drawn smaller. */
const DENSE = 10;
const MARGIN = { marginTop: 12, marginRight: 88, marginBottom: 36, marginLeft: 48 } as const;

/** A metric over time: interval as a band, reference grey, provisional hollow and hatched, bounds as labelled rules. */
export function seriesChart(series: Series): Chart {
  const { name, title, points, zone } = series;
  const marks = seen(series);
  return {
    name,
    title,
    label: [seriesWords(series), ...firedWords(series), ...marksWords(marks, zone)].join(" "),
    size: series.size,
    keys: [...seriesKeys(series), ...firedKeys(series), ...marksKeys(marks)],
    options: (plot, width) => seriesOptions(plot, width, series),
    data: points.map((point) => ({
      start: point.window?.[0] ?? null,
      end: point.window?.[1] ?? null,
      [series.metric]: point.value,
      lower: point.lower,
      upper: point.upper,
      n: point.n,
      verdict: point.verdict,
      provisional: String(point.provisional),
      reference: String(point.isReference),
      ...(points.some(isEstimated) ? estimatedRow(point) : {}),
      ...(points.some(isKnownThen) ? knownThenRow(point) : {}),
    })),
    handle: null,
    leads: placedOf(series).flatMap(({ at, address }) =>
      address === undefined ? [] : [{ at: at.getTime(), address }],
    ),
  };
}

function firedWords({ fired = [], zone }: Series): readonly string[] {
  return fired.length === 0 ? [] : [`Fired: ${fired.map((window) => windowText(window, zone)).join("; ")}.`];
}

const firedKeys = ({ fired = [] }: Series): Chart["keys"] =>
  fired.length === 0 ? [] : [{ shape: "area", color: verdictColor("fail", ACCENT), text: "fired" }];

/** The marks that touch what is drawn. */
function seen({ points, marks = [] }: Pick<Series, "points" | "marks">): readonly ShownMark[] {
  const windows = points.flatMap(({ window }) => (window === null ? [] : [window]));
  const [first, last] = [windows[0], windows.at(-1)];
  return first === undefined || last === undefined ? [] : marksAt(marks, [first[0], last[1]]);
}

const estimatedRow = ({ estimated }: SeriesPoint): DataRow => ({
  estimated: estimated?.value ?? null,
  estimatedLow: estimated?.low ?? null,
  estimatedHigh: estimated?.high ?? null,
});

const knownThenRow = ({ knownThen }: SeriesPoint): DataRow => ({
  knownThen: knownThen?.value ?? null,
  knownThenLower: knownThen?.lower ?? null,
  knownThenUpper: knownThen?.upper ?? null,
  knownThenN: knownThen?.n ?? null,
  knownThenAsOf: knownThen?.asOf ?? null,
});

interface Placed extends SeriesPoint {
  readonly from: Date;
  readonly to: Date;
  readonly at: Date;
}

function placedOf({ points, zone }: Series): readonly Placed[] {
  return points.flatMap((point): Placed[] => {
    if (point.window === null) return [];
    const [from, to] = point.window.map((iso) => wallDate(Date.parse(iso), zone)) as [Date, Date];
    return [{ ...point, from, to, at: new Date((from.getTime() + to.getTime()) / 2) }];
  });
}

function seriesOptions(plot: PlotModule, width: number, series: Series): PlotOptions {
  const { unit, zone } = series;
  const placed = placedOf(series);
  const limits = limitsOf(series.bounds);
  const domain = yDomain(
    series,
    limits.map(({ value }) => value),
  );
  const current = placed.filter((point) => !point.isReference);
  const settled = current.filter((point) => !point.provisional);
  const firstProvisional = current.findIndex((point) => point.provisional);
  const unsettled = firstProvisional < 0 ? [] : current.slice(Math.max(0, firstProvisional - 1));
  const line = { x: "at", y: "value", strokeWidth: 1.5 } as const;
  const isDense = (width - MARGIN.marginLeft - MARGIN.marginRight) / placed.length < DENSE;
  const missing = placed.filter(({ value }) => value === null);
  const known = placed.filter(({ value }) => value !== null);
  const marginRight = limits.length === 0 ? 16 : MARGIN.marginRight;
  const span = [placed[0]?.from ?? new Date(0), placed.at(-1)?.to ?? new Date(1)] as const;
  return {
    ...MARGIN,
    marginRight,
    width,
    height: HEIGHT,
    style: STYLE,
    x: { type: "utc", domain: [...span] },
    y: { domain: [...domain] },
    symbol: { type: "identity" },
    marks: [
      markBands(plot, seen(series), { zone, span, width: width - MARGIN.marginLeft - marginRight }),
      plot.rect(
        (series.fired ?? []).map((window) => window.map((iso) => wallDate(Date.parse(iso), zone))),
        { x1: "0", x2: "1", fill: verdictColor("fail", ACCENT), fillOpacity: 0.08 },
      ),
      hatched(unsettled.filter((point) => point.provisional).map(({ from, to }) => [from, to] as const)),
      yAxis(plot, { unit }),
      timeAxis(plot, width),
      plot.areaY(current, { x: "at", y1: "lower", y2: "upper", fill: ACCENT, fillOpacity: 0.14 }),
      current.length === 1 ? plot.ruleX(current, { x: "at", y1: "lower", y2: "upper", stroke: ACCENT }) : null,
      limitRules(plot, limits, unit, { domain, height: HEIGHT - MARGIN.marginTop - MARGIN.marginBottom }),
      plot.lineY(
        placed.filter((point) => point.isReference),
        { ...line, stroke: REFERENCE },
      ),
      knownThenMarks(plot, current),
      plot.lineY(settled, { ...line, stroke: ACCENT }),
      plot.lineY(unsettled, { ...line, stroke: ACCENT, strokeDasharray: "3 3" }),
      estimatedMarks(plot, current),
      plot.dot(known, {
        x: "at",
        y: "value",
        r: ({ verdict, isReference }: Placed) => (isReference || verdict === "ok" ? 2.5 : 4) * (isDense ? 0.7 : 1),
        symbol: ({ verdict, isReference }: Placed) => (isReference ? "circle" : verdictSymbol(verdict)),
        stroke: ({ verdict, isReference }: Placed) => (isReference ? REFERENCE : verdictColor(verdict, ACCENT)),
        fill: ({ verdict, isReference, provisional }: Placed) =>
          provisional ? SURFACE : isReference ? REFERENCE : verdictColor(verdict, ACCENT),
        strokeWidth: 1.25,
      }),
      plot.dot(missing, { x: "at", frameAnchor: "bottom", dy: -5, r: 3, stroke: MUTED }),
      tips(
        plot,
        placed.map((point) => ({
          x: point.at,
          y: point.value ?? point.estimated?.value ?? domain[0],
          text: tipText(point, series),
        })),
      ),
    ],
  };
}

/** A thin grey line below the course; where one point stands alone, a dot. */
function knownThenMarks(plot: PlotModule, placed: readonly Placed[]): NonNullable<PlotOptions["marks"]> {
  const points = placed.map(({ at, knownThen }) => ({ at, value: knownThen?.value ?? null }));
  const known = points.filter(({ value }) => value !== null);
  if (known.length === 0) return [];
  const isAlone = (at: number): boolean =>
    points[at]?.value != null && points[at - 1]?.value == null && points[at + 1]?.value == null;
  return [
    plot.lineY(points, { x: "at", y: "value", stroke: REFERENCE, strokeWidth: 1.25 }),
    plot.dot(
      points.filter((_, at) => isAlone(at)),
      { x: "at", y: "value", r: 2, stroke: REFERENCE, fill: SURFACE },
    ),
  ];
}

/** A thin dashed line in its band; where one point stands alone, a rule. */
function estimatedMarks(plot: PlotModule, placed: readonly Placed[]): NonNullable<PlotOptions["marks"]> {
  const points = placed.map(({ at, estimated }) => ({ at, ...estimated }));
  const known = points.filter(({ value }) => value !== undefined);
  if (known.length === 0) return [];
  const band = { x: "at", y1: "low", y2: "high" } as const;
  return [
    plot.areaY(points, { ...band, fill: TEXT, fillOpacity: 0.08 }),
    plot.lineY(points, { x: "at", y: "value", stroke: TEXT, strokeWidth: 1, strokeDasharray: "2 2" }),
    known.length === 1
      ? [
          plot.ruleX(known, { ...band, stroke: TEXT, strokeDasharray: "2 2" }),
          plot.dot(known, { x: "at", y: "value", r: 2, stroke: TEXT, fill: SURFACE }),
        ]
      : [],
  ];
}

function tipText(point: Placed, { metric, unit, zone, marks = [] }: Series): string {
  const interval = intervalText(point.lower, point.upper, unit);
  const standing = point.isReference ? "reference" : VERDICT_WORDS[point.verdict];
  return [
    windowText(point.window, zone),
    `${metric} ${unitText(point.value, unit)}${interval === null ? "" : ` (${interval})`}`,
    ...(point.knownThen === undefined ? [] : [knownThenText(point.knownThen, unit, zone)]),
    ...(point.estimated === undefined ? [] : [estimatedText(point.estimated, unit)]),
    `n ${countText(point.n)} · ${point.provisional ? `${standing}, provisional` : standing}`,
    ...(point.window === null ? [] : marksAt(marks, point.window)).map(markText),
  ].join("\n");
}

/** "as known 3 Mar 2026, 00:00: 64.0%, n 210" */
function knownThenText({ value, n, asOf }: KnownThen, unit: Unit, zone: string): string {
  return `as known ${momentText(asOf, zone)}: ${unitText(value, unit)}, n ${countText(n)}`;
}

/** "estimated 71.2% (68.0–74.4%)" */
export function estimatedText(
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  unit: Unit,
): string {
  return `estimated ${unitText(value, unit)} (${intervalText(low, high, unit) ?? ""})`;
}

/** All values, intervals and bounds, with a little room; a share stays within 0 and 1. */
function yDomain({ points, unit, fromZero }: Series, limits: readonly number[]): readonly [number, number] {
  const values = [
    ...limits,
    ...points.flatMap(({ value, lower, upper, estimated, knownThen }) =>
      [value, lower, upper, estimated?.low ?? null, estimated?.high ?? null, knownThen?.value ?? null].filter(
        (one) => one !== null,
      ),
    ),
  ];
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values, ...(fromZero ? [0] : [])), Math.max(...values)];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  const bottom = fromZero && low >= 0 ? 0 : low - room;
  const top = high + room;
  return unit === "share" ? [Math.max(0, bottom), Math.min(1, top)] : [bottom, top];
}
