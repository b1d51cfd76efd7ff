import { standaloneSvg } from "../charts/theme.ts";
import type { Cell } from "../document/document.ts";
import { attributeOf } from "../document/document.ts";
import { isMonitoring } from "../kinds/kinds.ts";
import { renderMarkdown } from "../markdown/render-markdown.ts";
import type { ChartDisplay, Display, Tree } from "../results/display.ts";
import type { CellRun, SessionState } from "../session/state.ts";
import { keysView } from "../views/chart-keys.ts";
import { type Chart, toHtml } from "../views/markup.ts";
import { type MonitorDisplay, monitorMarkup } from "../views/monitor-markup.ts";
import { MONITOR_STYLE, PAGE_COLORS } from "./monitor-style.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** Draws a chart as SVG text, `width` in pixels. */
export type DrawChart = (chart: Chart, width: number) => string;
interface Page {
  readonly zone: string;
  /** Draws while the page has room for more charts, then gives null. */
  readonly draw: (chart: Chart) => string | null;
}

/** Rows of a cell's table that a page shows; `rowCount` says how many there are. */
export interface PageTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
}

const MOST_ROWS = 12;
/** A chart is some 10 kB and some 20 ms: a page keeps its size, the rest is said in words. */
const MOST_CHARTS = 60;
const CHART_WIDTHS: Readonly<Record<Chart["size"], number>> = { wide: 788, half: 380, small: 252 };
const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|DECIMAL|DOUBLE|FLOAT)/;

/**
 * A notebook with its results as one HTML file that loads nothing and runs nothing: no script, a content policy that
 * forbids all, foreign HTML in a frame without rights. `tables` are the rows of SQL cells by cell.
 */
export function notebookPage(
  state: SessionState,
  tables: ReadonlyMap<string, PageTable>,
  { zone = "UTC", draw }: { readonly zone?: string; readonly draw?: DrawChart } = {},
): string {
  let drawn = 0;
  const page: Page = {
    zone,
    draw: (chart) => (draw === undefined || drawn++ >= MOST_CHARTS ? null : draw(chart, CHART_WIDTHS[chart.size])),
  };
  const title = state.document.frontMatter.title ?? state.path;
  const { resolved } = state.window;
  const window = resolved === null ? "" : ` · window ${resolved.start} to ${resolved.end}`;
  const cells = state.document.cells.map((cell) => cellHtml(cell, state.runs[cell.id], tables.get(cell.id), page));
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
<header><p class="facts">As of ${escapeHtml(state.asOf ?? "no data")}${escapeHtml(window)} · ${escapeHtml(state.path)}</p></header>
${cells.join("\n")}
</main>
</body>
</html>
`;
}

function cellHtml(cell: Cell, run: CellRun | undefined, table: PageTable | undefined, page: Page): string {
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
  if (table !== undefined) parts.push(isMonitoring(cell.kind) ? readingsHtml(table) : tableHtml(table));
  return `<section>${parts.join("\n")}</section>`;
}

/** The view above says it already. */
const readingsHtml = (table: PageTable): string =>
  `<details><summary>Readings as rows (${table.rowCount})</summary>${tableHtml(table)}</details>`;

const RENDERERS: {
  readonly [Type in Display["type"]]: (display: Extract<Display, { type: Type }>, page: Page) => string;
} = {
  text: ({ text, cut }) => `<pre>${escapeHtml(text)}</pre>${cutHtml(cut)}`,
  tree: ({ tree, cut }) => `<pre>${escapeHtml(treeText(tree, ""))}</pre>${cutHtml(cut)}`,
  html: ({ html }) => `<iframe sandbox="" title="HTML from a cell" srcdoc="${escapeHtml(html)}"></iframe>`,
  markdown: ({ markdown }) => `<div class="prose">${renderMarkdown(markdown, [])}</div>`,
  chart: chartHtml,
  table: ({ columns, rows, rowCount }) =>
    tableHtml({
      columns,
      rowCount,
      rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]))),
    }),
  image: ({ mime, base64 }) =>
    `<img alt="image from a cell" src="data:${escapeHtml(mime)};base64,${escapeHtml(base64)}">`,
  error: ({ name, message }) => `<p class="error">× ${escapeHtml(`${name}: ${message}`)}</p>`,
  drift: monitorHtml,
  kpi: monitorHtml,
  check: monitorHtml,
};

function monitorHtml(display: MonitorDisplay, { zone, draw }: Page): string {
  const figure = (chart: Chart): string => {
    const svg = draw(chart);
    const image = svg === null ? `<p class="facts">${escapeHtml(chart.label)}</p>` : schemedImage(svg, chart.label);
    const keys = toHtml(keysView(chart.keys), () => "");
    return `<figure><figcaption class="facts">${escapeHtml(chart.title)} ${keys}</figcaption>${image}</figure>`;
  };
  return `<div class="monitor">${toHtml(monitorMarkup(display, { zone }), figure)}</div>`;
}

const cutHtml = (cut: string | null): string => (cut === null ? "" : `<p class="facts">${escapeHtml(cut)}</p>`);

function treeText(tree: Tree, indent: string): string {
  if (tree.type === "leaf") return tree.text;
  const inner = `${indent}  `;
  const lines = tree.entries.map(([key, value]) => `${inner}${key}: ${treeText(value, inner)}`);
  if (tree.more > 0) lines.push(`${inner}… ${tree.more} more`);
  return `${tree.label === "" ? "" : `${tree.label} `}${tree.open}\n${lines.join("\n")}\n${indent}${tree.open === "[" ? "]" : "}"}`;
}

function chartHtml({ svg, width, height, title, subtitle, caption, legends }: ChartDisplay): string {
  const line = (text: string | null, name: string): string =>
    text === null ? "" : `<p class="${name}">${escapeHtml(text)}</p>`;
  const keys = legends.map((legend) => {
    if (legend.type === "ramp") return svgImage(legend.svg, "scale of colours");
    const items = legend.items.map(
      ({ color, text }) =>
        `<span><i style="background:${escapeHtml(standaloneSvg(color))}"></i>${escapeHtml(text)}</span>`,
    );
    return `<p class="legend">${items.join("")}</p>`;
  });
  const image = svgImage(svg, title ?? "chart", ` class="chart" width="${width}" height="${height}"`);
  return `<figure>${line(title, "title")}${line(subtitle, "facts")}${keys.join("")}${image}${line(caption, "facts")}</figure>`;
}

/** As an image: nothing inside an SVG that is shown as an image can run or load anything. */
function svgImage(svg: string, alt: string, attributes = ""): string {
  const text = standaloneSvg(svg);
  const named = text.includes("xmlns=") ? text : text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  const styled = named.replace(
    /(<svg[^>]*>)/,
    "$1<style>:root{color:#1d2126;font-family:system-ui,sans-serif}</style>",
  );
  return `<img alt="${escapeHtml(alt)}"${attributes} src="data:image/svg+xml,${encodeURIComponent(styled)}">`;
}

/** As `svgImage`, with its colours in light and in dark. */
function schemedImage(svg: string, alt: string): string {
  const styled = svg.replace(
    /(<svg[^>]*>)/,
    (tag) =>
      `${tag.includes("xmlns=") ? tag : tag.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')}<style>${PAGE_COLORS}:root{color:var(--text);font-family:system-ui,sans-serif}</style>`,
  );
  const [width, height] = ["width", "height"].map(
    (name) => new RegExp(`<svg[^>]* ${name}="([\\d.]+)"`).exec(svg)?.[1] ?? "",
  );
  return `<img alt="${escapeHtml(alt)}" class="chart" width="${width}" height="${height}" src="data:image/svg+xml,${encodeURIComponent(styled)}">`;
}

function displayHtml(display: Display, page: Page): string {
  return (RENDERERS[display.type] as (display: Display, page: Page) => string)(display, page);
}

function tableHtml({ columns, rows, rowCount }: PageTable): string {
  const classOf = (type: string): string => (NUMERIC.test(type) ? ' class="number"' : "");
  const head = columns.map(({ name, type }) => `<th scope="col"${classOf(type)}>${escapeHtml(name)}</th>`).join("");
  const body = rows
    .slice(0, MOST_ROWS)
    .map(
      (row) =>
        `<tr>${columns.map(({ name, type }) => `<td${classOf(type)}>${escapeHtml(cellText(row[name]))}</td>`).join("")}</tr>`,
    )
    .join("\n");
  const shown = Math.min(rows.length, MOST_ROWS);
  const cut = shown < rowCount ? `<p class="facts">${shown} of ${rowCount} rows</p>` : "";
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${cut}`;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
