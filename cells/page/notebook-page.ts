import type { Cell } from "../document/document.ts";
import { attributeOf } from "../document/document.ts";
import { isMonitoring } from "../kinds/kinds.ts";
import { renderMarkdown } from "../markdown/render-markdown.ts";
import type { CellRun, SessionState } from "../session/state.ts";
import type { Chart } from "../views/markup.ts";
import { type WindowPair, windowText } from "../views/time-text.ts";
import { MONITOR_STYLE } from "./monitor-style.ts";
import {
  CHART_WIDTHS,
  displayHtml,
  escapeHtml,
  type PageParts,
  type PageTable,
  schemedImage,
  svgImage,
  tableHtml,
} from "./page-parts.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { sentenceHtml, windowHtml } from "./time-html.ts";

export type { PageTable } from "./page-parts.ts";

/** Draws a chart as SVG text, `width` in pixels. */
export type DrawChart = (chart: Chart, width: number) => string;

const MOST_ROWS = 12;
/** A chart is some 10 kB and some 20 ms: a page keeps its size, the rest is said in words. */
const MOST_CHARTS = 60;

interface PageOptions {
  readonly zone?: string;
  readonly draw?: DrawChart;
  /** Windows that its cells measured, where that is known: they may state their own. */
  readonly measured?: readonly WindowPair[];
}

/**
 * A notebook with its results as one HTML file that loads nothing and runs nothing: no script, a content policy that
 * forbids all, foreign HTML in a frame without rights. `tables` are the rows of SQL cells by cell.
 */
export function notebookPage(
  state: SessionState,
  tables: ReadonlyMap<string, PageTable>,
  { zone = "UTC", draw, measured = [] }: PageOptions = {},
): string {
  let drawn = 0;
  const parts: PageParts = {
    zone,
    figure: (chart) => {
      const svg = draw === undefined || drawn++ >= MOST_CHARTS ? null : draw(chart, CHART_WIDTHS[chart.size]);
      return svg === null ? `<p class="facts">${escapeHtml(chart.label)}</p>` : schemedImage(svg, chart.label);
    },
    image: ({ svg, width, height, title }) =>
      svgImage(svg, title ?? "chart", ` class="chart" width="${width}" height="${height}"`),
    table: (table) => tableHtml(table, MOST_ROWS),
  };
  const title = state.document.frontMatter.title ?? state.path;
  const { resolved } = state.window;
  const [window = resolved === null ? null : ([resolved.start, resolved.end] as const), ...more] = measured;
  const asOf = state.asOf === null ? "no data" : sentenceHtml(state.asOf, zone);
  const over =
    window === null
      ? ""
      : ` · window ${windowHtml(window, zone)}${more.length === 0 ? "" : ` and <span title="${escapeHtml(more.map((one) => windowText(one, zone)).join("\n"))}">${more.length} more</span>`}`;
  const cells = state.document.cells.map((cell) => cellHtml(cell, state.runs[cell.id], tables.get(cell.id), parts));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${MONITOR_STYLE}</style>
</head>
<body>
<main>
<header><p class="facts">As of ${asOf}${over} · times in ${escapeHtml(zone)} · ${escapeHtml(state.path)}</p></header>
${cells.join("\n")}
</main>
</body>
</html>
`;
}

function cellHtml(cell: Cell, run: CellRun | undefined, table: PageTable | undefined, page: PageParts): string {
  const parts: string[] = [];
  if (cell.kind === "prose")
    parts.push(`<div class="prose">${renderMarkdown(cell.source, run?.result?.texts ?? [])}</div>`);
  else if (attributeOf(cell, "code") === undefined && cell.kind !== "input")
    parts.push(
      `<details><summary>${escapeHtml(cell.name ?? cell.kind)}</summary><pre><code>${escapeHtml(cell.source)}</code></pre></details>`,
    );
  if (run?.error != null) parts.push(`<p class="error">× ${escapeHtml(run.error.message)}</p>`);
  for (const log of run?.logs ?? []) parts.push(`<pre class="log">${escapeHtml(log.text)}</pre>`);
  for (const display of run?.displays ?? []) parts.push(displayHtml(display, page));
  if (table !== undefined) parts.push(isMonitoring(cell.kind) ? readingsHtml(table) : tableHtml(table, MOST_ROWS));
  return `<section>${parts.join("\n")}</section>`;
}

/** The view above says it already. */
const readingsHtml = (table: PageTable): string =>
  `<details><summary>Readings as rows (${table.rowCount})</summary>${tableHtml(table, MOST_ROWS)}</details>`;
