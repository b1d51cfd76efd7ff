import type { Verdict } from "../results/reading.ts";
import { type Bounds, limitsOf } from "./bound-words.ts";
import { ACCENT, LEVEL_COLORS, REFERENCE, verdictColor } from "./chart-theme.ts";
import { type Element, h, type Markup } from "./markup.ts";
import type { SeriesPoint } from "./series-chart.ts";

/** Drawings as wide as a word. The numbers stand beside them, so they are hidden from screen readers. */

const drawing = (name: string, width: number, height: number, ...children: readonly Markup[]): Element =>
  h("svg", { class: name, viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, ...children);
const px = (value: number): string => String(Math.round(value * 10) / 10);

const BAR = { width: 48, height: 12, thick: 4 } as const;
/** How far past its strictest bound a value is drawn. */
const BEYOND = 1.6;

/** A value against its bounds: filled up to the value, a tick at each bound. Nothing without an upper bound. */
export function boundBar(value: number | null, bounds: Bounds, verdict: Verdict): Markup {
  const limits = limitsOf(bounds).filter(({ side, value: limit }) => side === "above" && limit > 0);
  if (value === null || limits.length === 0) return [];
  const end = Math.max(...limits.map((limit) => limit.value)) * BEYOND;
  const at = (one: number): number => Math.max(0, Math.min(1, one / end)) * BAR.width;
  const top = (BAR.height - BAR.thick) / 2;
  return drawing(
    "m-bar",
    BAR.width,
    BAR.height,
    h("rect", { x: 0, y: top, width: BAR.width, height: BAR.thick, fill: "var(--line, #e1e5ea)" }),
    h("rect", { x: 0, y: top, width: px(at(value)), height: BAR.thick, fill: verdictColor(verdict, REFERENCE) }),
    ...limits.map(({ level, value: limit }) =>
      h("path", { d: `M${px(at(limit))} 1V11`, stroke: LEVEL_COLORS[level], "stroke-width": 1 }),
    ),
  );
}

const SPARK = { width: 96, height: 20 } as const;
/** More marks than these would touch: then only the last point has one. */
const MOST_MARKS = 12;

/** A series as a line: reference grey, current in accent, points past a bound marked by shape. */
export function sparkline(points: readonly SeriesPoint[]): Markup {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return [];
  const [low, high] = [Math.min(0, ...values), Math.max(...values)];
  const step = (SPARK.width - 8) / Math.max(1, points.length - 1);
  const place = points.map(({ value }, at) =>
    value === null
      ? null
      : { x: 4 + at * step, y: SPARK.height - 4 - ((value - low) / (high - low || 1)) * (SPARK.height - 8) },
  );
  const line = (isReference: boolean): string => {
    let pen = "M";
    return points
      .map((point, at) => {
        const spot = point.isReference === isReference ? place[at] : null;
        if (spot == null) {
          pen = "M";
          return "";
        }
        const drawn = `${pen}${px(spot.x)} ${px(spot.y)}`;
        pen = "L";
        return drawn;
      })
      .join("");
  };
  const stroke = (isReference: boolean): Markup => {
    const d = line(isReference);
    return d === ""
      ? []
      : h("path", { d, fill: "none", stroke: isReference ? REFERENCE : ACCENT, "stroke-width": 1.25 });
  };
  const marks = points.map((point, at) => {
    const spot = place[at];
    if (spot == null || point.isReference) return [];
    const isLast = at === points.length - 1;
    return isLast || points.length <= MOST_MARKS
      ? sparkMark(point.verdict, spot.x, spot.y, isLast, point.provisional)
      : [];
  });
  return drawing("m-spark", SPARK.width, SPARK.height, stroke(true), stroke(false), marks);
}

function sparkMark(verdict: Verdict, x: number, y: number, isLast: boolean, provisional: boolean): Markup {
  const fill = provisional ? "var(--surface, #ffffff)" : verdictColor(verdict, ACCENT);
  const stroke = verdictColor(verdict, ACCENT);
  if (verdict === "fail") return h("rect", { x: px(x - 2), y: px(y - 2), width: 4, height: 4, fill, stroke });
  if (verdict === "warn") return h("path", { d: `M${px(x)} ${px(y - 3)}l3 5h-6Z`, fill, stroke });
  return isLast || provisional ? h("circle", { cx: px(x), cy: px(y), r: 2, fill, stroke }) : [];
}

interface Whisker {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly verdict: Verdict;
}

const WHISKER = { width: 72, height: 12 } as const;

/** A value with its interval on a scale that its column shares; the hairline is the value of all rows. */
export function whisker(one: Whisker, domain: readonly [number, number], whole: number | null): Markup {
  if (one.value === null) return [];
  const at = (value: number): string =>
    px(2 + Math.max(0, Math.min(1, (value - domain[0]) / (domain[1] - domain[0] || 1))) * (WHISKER.width - 4));
  const color = verdictColor(one.verdict, ACCENT);
  const middle = WHISKER.height / 2;
  return drawing(
    "m-whisker",
    WHISKER.width,
    WHISKER.height,
    whole === null ? [] : h("path", { d: `M${at(whole)} 0V12`, stroke: "var(--line-strong, #c9d0d8)" }),
    one.lower === null || one.upper === null
      ? []
      : h("path", { d: `M${at(one.lower)} ${middle}H${at(one.upper)}`, stroke: color, "stroke-width": 1.25 }),
    h("circle", { cx: at(one.value), cy: middle, r: 2.5, fill: color }),
  );
}
