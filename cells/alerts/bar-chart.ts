import type { Verdict } from "../results/reading.ts";
import { type Element, h, type Markup } from "../views/markup.ts";
import { type Bar, barsOf, CHART_HEIGHT, type Rule, rulesOf } from "./bar-heights.ts";
import { barLabels } from "./bar-labels.ts";
import { bareTable } from "./bare-table.ts";
import type { ChartScale } from "./chart-scale.ts";
import { BARS, type Ink, ink } from "./mail-style.ts";
import type { ValueChart } from "./value-chart.ts";

/** Thirty of them and the labels beside them fit a telephone. */
const NARROWEST = 8;
const WIDEST = 24;
const ALL_WIDTH = 240;
const SIGN_HEIGHT = 12;
const gapOf = (width: number): number => (width < 16 ? 1 : 2);
/** A word processor, which some mail programs draw with, makes an empty cell as high as a line of its text. */
const LINE_HEIGHT = 20;
const FLAT = { style: "font-size:0;line-height:0" } as const;

/** The sign under a bar, so that colour alone says nothing: as the pages draw them. What is ok needs none. */
export const SIGNS: Readonly<Record<Verdict, { readonly sign: string; readonly ink: Ink }>> = {
  ok: { sign: "", ink: "muted" },
  warn: { sign: "▲", ink: "warn" },
  fail: { sign: "■", ink: "fail" },
  "no-data": { sign: "○", ink: "muted" },
  error: { sign: "×", ink: "fail" },
};

/**
 * Bars of table cells and background colours: what mail programs show without images, scripts or style sheets. A bound is
 * a row one pixel high, which cuts the chart into bands; each band has the part of each bar that lies in it.
 * @param words what it shows, for those who do not see it
 */
export function barChart(chart: ValueChart, scale: ChartScale, words: string): Element {
  const rules = rulesOf(chart, scale);
  const bars = barsOf(chart, scale);
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.floor(ALL_WIDTH / bars.length)));
  const rows: Markup[] = [];
  let top = CHART_HEIGHT;
  for (const rule of [...rules, null]) {
    const bottom = rule?.at ?? 0;
    if (top > bottom) rows.push(band(bars, bottom, top, width));
    if (rule !== null) rows.push(ruleRow(rule, bars.length));
    top = bottom;
  }
  rows.push(signRow(chart.points, width));
  return bareTable(
    { role: "img", "aria-label": words },
    h(
      "tr",
      {},
      h("td", { valign: "top" }, bareTable({}, ...rows)),
      h("td", { valign: "top" }, barLabels(chart, scale)),
    ),
  );
}

function band(bars: readonly Bar[], bottom: number, top: number, width: number): Element {
  return h(
    "tr",
    { height: top - bottom, valign: "bottom" },
    ...bars.map((bar) => {
      const part = bar === null ? 0 : Math.min(bar.to, top) - Math.max(bar.from, bottom);
      if (bar === null || part <= 0) return h("td", {});
      const stands = bar.from <= bottom;
      return h("td", { valign: stands ? null : "top" }, block(width - gapOf(width), part, BARS[bar.level]));
    }),
  );
}

const block = (width: number, height: number, bgcolor: string): Element =>
  bareTable({}, h("tr", {}, h("td", { width, height, bgcolor, ...(height < LINE_HEIGHT ? FLAT : {}) })));

const ruleRow = ({ level }: Rule, columns: number): Element =>
  h("tr", {}, h("td", { colspan: columns, height: 1, bgcolor: BARS[level], ...FLAT }));

/** Signs under the bars that have one. Its cells give the columns their width. */
function signRow(points: ValueChart["points"], width: number): Element {
  const signs = points.map(({ verdict }) => SIGNS[verdict ?? "ok"]);
  const height = signs.some(({ sign }) => sign !== "") ? SIGN_HEIGHT : 1;
  return h(
    "tr",
    { height, align: "center", style: `font-size:8px;line-height:${height}px` },
    ...signs.map(({ sign, ink: color }) =>
      sign === "" ? h("td", { width }) : h("td", { width, ...ink(color) }, sign),
    ),
  );
}
