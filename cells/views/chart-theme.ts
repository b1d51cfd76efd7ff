import type { Verdict } from "../results/reading.ts";
import type { Limit } from "./bound-words.ts";
import type { Key, PlotModule, PlotOptions } from "./markup.ts";
import { exactText, tickText, type Unit } from "./number-text.ts";

/** Colours are the page's variables with their light value, which a file that stands alone gets written out. */
export const ACCENT = "var(--chart-accent, #2460c8)";
export const REFERENCE = "var(--chart-reference, #8a939e)";
export const TEXT = "var(--text, #1d2126)";
export const MUTED = "var(--muted, #5f6975)";
export const LINE = "var(--line, #e1e5ea)";
/** Both sides of every comparison have the same inks. */
export const SIDES: readonly Key[] = [
  { shape: "area", color: REFERENCE, text: "reference" },
  { shape: "area", color: ACCENT, text: "current" },
];
const LINE_STRONG = "var(--line-strong, #c9d0d8)";
export const SURFACE = "var(--surface, #ffffff)";
const WARN = "var(--warn, #8f5a00)";
const FAIL = "var(--fail, #b3261e)";

export const LEVEL_COLORS: Readonly<Record<"warn" | "fail", string>> = { warn: WARN, fail: FAIL };
const SYMBOLS: Readonly<Record<Verdict, "circle" | "triangle" | "square" | "times">> = {
  ok: "circle",
  warn: "triangle",
  fail: "square",
  "no-data": "circle",
  error: "times",
};
export const verdictSymbol = (verdict: Verdict): string => SYMBOLS[verdict];
export const verdictColor = (verdict: Verdict, otherwise: string): string =>
  verdict === "warn" ? WARN : verdict === "fail" || verdict === "error" ? FAIL : otherwise;

const DASHES = [undefined, "5 3", "2 3", "8 3 2 3"] as const;
/** Lines side by side differ in ink and in dash, so that colour alone says nothing. */
export function seriesInk(at: number): { readonly stroke: string; readonly dash: string } {
  return { stroke: at === 0 ? ACCENT : at === 1 ? TEXT : MUTED, dash: DASHES[at % DASHES.length] ?? "none" };
}

const FONT = 12;
export const STYLE = { fontSize: `${FONT}px`, background: "transparent", overflow: "visible" } as const;

type Marks = NonNullable<PlotOptions["marks"]>;

interface AxisOptions {
  readonly unit: Unit;
  readonly ticks?: number;
  readonly label?: string;
}

/** Hairlines instead of an axis; numbers as the views write them. */
export function yAxis(plot: PlotModule, { unit, ticks = 4, label }: AxisOptions): Marks {
  return [
    plot.gridY({ ticks, stroke: LINE, strokeOpacity: 1 }),
    plot.axisY({
      ticks,
      tickSize: 0,
      fill: MUTED,
      label: label ?? null,
      tickFormat: (at: number) => tickText(at, unit),
    }),
  ];
}

export function xAxis(plot: PlotModule, { unit, ticks = 5, label }: AxisOptions): Marks {
  const tickFormat = (at: number): string => tickText(at, unit);
  return plot.axisX({
    ticks,
    tickSize: 4,
    stroke: LINE_STRONG,
    fill: MUTED,
    label: label ?? null,
    labelArrow: "none",
    tickFormat,
  });
}

export function timeAxis(plot: PlotModule, width: number): Marks {
  return plot.axisX({
    ticks: Math.max(2, Math.floor(width / 110)),
    tickSize: 4,
    stroke: LINE_STRONG,
    fill: MUTED,
    label: null,
    tickFormat: timeTick,
  });
}

const timePart = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
const CLOCK = timePart({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY_MONTH = timePart({ day: "numeric", month: "short" });
const DAY = timePart({ day: "numeric" });
const MONTH = timePart({ month: "short" });
const MONTH_YEAR = timePart({ month: "short", year: "numeric" });
const YEAR = timePart({ year: "numeric" });
const DAY_MILLIS = 86_400_000;

/**
 * Day first and 24 hours, as everywhere in the interface, and narrow: on two lines, the upper is what ticks differ in, the
 * lower says of which day, month or year they are where that begins.
 */
export function timeTick(at: Date, index: number, ticks: readonly Date[] = [at]): string {
  const step = ticks.length < 2 ? DAY_MILLIS : ticks[1]!.getTime() - ticks[0]!.getTime();
  const before = index === 0 ? undefined : ticks[index - 1];
  const begins = (format: Intl.DateTimeFormat): boolean =>
    before === undefined || format.format(before) !== format.format(at);
  const lines = (upper: Intl.DateTimeFormat, lower: Intl.DateTimeFormat): string =>
    begins(lower) ? `${upper.format(at)}\n${lower.format(at)}` : upper.format(at);
  if (step < DAY_MILLIS) return lines(CLOCK, DAY_MONTH);
  if (step < 28 * DAY_MILLIS) return lines(DAY, begins(YEAR) ? MONTH_YEAR : MONTH);
  return step < 365 * DAY_MILLIS ? lines(MONTH, YEAR) : YEAR.format(at);
}

interface TipPoint {
  readonly x: number | Date;
  readonly y: number;
  readonly text: string;
}

/** Answers the pointer: the nearest place along x, with its text. */
export function tips(plot: PlotModule, points: readonly TipPoint[], along: "x" | "y" | "both" = "x"): Marks {
  const pointer = along === "x" ? plot.pointerX : along === "y" ? plot.pointerY : plot.pointer;
  const place = { x: "x", y: "y" } as const;
  return [
    along === "x" ? plot.ruleX(points, plot.pointerX({ x: "x", stroke: LINE_STRONG })) : null,
    plot.tip(
      points,
      pointer({
        ...place,
        title: "text",
        fill: SURFACE,
        stroke: LINE_STRONG,
        fontSize: FONT,
        lineHeight: 1.35,
        textPadding: 8,
      }),
    ),
  ];
}

const LABEL_HEIGHT = 14;

interface Frame {
  readonly domain: readonly [number, number];
  /** Height of the drawing in pixels, without margins. */
  readonly height: number;
}

/** Bounds as dashed rules, labelled in the right margin; labels that would touch are moved apart. */
export function limitRules(plot: PlotModule, limits: readonly Limit[], unit: Unit, { domain, height }: Frame): Marks {
  const perUnit = height / (domain[1] - domain[0] || 1);
  const placed: { limit: Limit; at: number; dy: number }[] = [];
  for (const limit of limits.toSorted((a, b) => b.value - a.value)) {
    const at = (domain[1] - limit.value) * perUnit;
    const above = placed.at(-1);
    const free = above === undefined ? at : Math.max(at, above.at + above.dy + LABEL_HEIGHT);
    placed.push({ limit, at, dy: free - at });
  }
  return placed.flatMap(({ limit, dy }) => {
    const fill = LEVEL_COLORS[limit.level];
    const text = `${limit.level} ${limit.side === "above" ? ">" : "<"} ${exactText(limit.value, unit)}`;
    return [
      plot.ruleY([limit.value], { stroke: fill, strokeDasharray: limit.level === "warn" ? "2 3" : "5 3" }),
      plot.text([text], { y: [limit.value], frameAnchor: "right", textAnchor: "start", dx: 6, dy, fill }),
    ];
  });
}

const HATCH_STEP = 6;

/** Slanted lines over spans of x: what is not settled yet. Drawn out, because patterns need ids that a page shares. */
export function hatched(spans: readonly (readonly [Date, Date])[]): Marks {
  if (spans.length === 0) return [];
  return [
    (_index, scales, _values, dimensions, context) => {
      const { marginTop, marginBottom, height } = dimensions;
      const [top, bottom] = [marginTop, height - marginBottom];
      const x = scales.x as unknown as (at: Date) => number;
      const lines = spans.flatMap(([from, to]) => slants(x(from), x(to), top, bottom));
      const path = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", lines.join(""));
      path.setAttribute("stroke", LINE);
      path.setAttribute("aria-hidden", "true");
      return path;
    },
  ];
}

/** Lines that rise at 45° in a box, cut at its sides. */
function slants(left: number, right: number, top: number, bottom: number): string[] {
  const lines: string[] = [];
  const first = Math.ceil((left - (bottom - top)) / HATCH_STEP) * HATCH_STEP;
  for (let foot = first; foot < right; foot += HATCH_STEP) {
    const start = Math.max(foot, left);
    const end = Math.min(foot + bottom - top, right);
    if (end > start) lines.push(`M${start} ${bottom - (start - foot)}L${end} ${bottom - (end - foot)}`);
  }
  return lines;
}
