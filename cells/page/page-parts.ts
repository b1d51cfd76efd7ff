import { standaloneSvg } from "../charts/theme.ts";
import { renderMarkdown } from "../markdown/render-markdown.ts";
import type { ChartDisplay, Display, Tree } from "../results/display.ts";
import { keysView } from "../views/chart-keys.ts";
import { type Chart, toHtml } from "../views/markup.ts";
import { type MonitorDisplay, monitorMarkup } from "../views/monitor-markup.ts";
import { PAGE_COLORS } from "./monitor-style.ts";

/** What the outputs of a page are drawn with. Everything they return is HTML that stands as it is. */
export interface PageParts {
  /** IANA. */
  readonly zone: string;
  /** A chart of a monitoring view, without its title. */
  readonly figure: (chart: Chart) => string;
  /** A chart that a cell drew, without its title, legends and caption. */
  readonly image: (chart: ChartDisplay) => string;
  readonly table: (table: PageTable) => string;
}

/** Rows of a cell's table that a page shows; `rowCount` says how many there are. */
export interface PageTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
}

/** In pixels. */
export const CHART_WIDTHS: Readonly<Record<Chart["size"], number>> = { wide: 788, half: 380, small: 252 };
/** What a phone has room for, at the size that letters are drawn in. */
export const NARROW_WIDTH = 360;
const INEXACT = /^(DOUBLE|FLOAT)$/;
const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|DECIMAL|DOUBLE|FLOAT)/;

const RENDERERS: {
  readonly [Type in Display["type"]]: (display: Extract<Display, { type: Type }>, parts: PageParts) => string;
} = {
  text: ({ text, cut }) => `<pre>${escapeHtml(text)}</pre>${cutHtml(cut)}`,
  tree: ({ tree, cut }) => `<pre>${escapeHtml(treeText(tree, ""))}</pre>${cutHtml(cut)}`,
  html: ({ html }) => `<iframe sandbox="" title="HTML from a cell" srcdoc="${escapeHtml(html)}"></iframe>`,
  markdown: ({ markdown }) => `<div class="prose">${renderMarkdown(markdown, [])}</div>`,
  chart: chartHtml,
  table: ({ columns, rows, rowCount }, parts) =>
    parts.table({
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

function monitorHtml(display: MonitorDisplay, { zone, figure }: PageParts): string {
  const framed = (chart: Chart): string => {
    const keys = toHtml(keysView(chart.keys), () => "");
    return `<figure><figcaption class="facts">${escapeHtml(chart.title)} ${keys}</figcaption>${figure(chart)}</figure>`;
  };
  return `<div class="monitor">${toHtml(monitorMarkup(display, { zone }), framed)}</div>`;
}

const cutHtml = (cut: string | null): string => (cut === null ? "" : `<p class="facts">${escapeHtml(cut)}</p>`);

export function treeText(tree: Tree, indent: string): string {
  if (tree.type === "leaf") return tree.text;
  const inner = `${indent}  `;
  const lines = tree.entries.map(([key, value]) => `${inner}${key}: ${treeText(value, inner)}`);
  if (tree.more > 0) lines.push(`${inner}… ${tree.more} more`);
  return `${tree.label === "" ? "" : `${tree.label} `}${tree.open}\n${lines.join("\n")}\n${indent}${tree.open === "[" ? "]" : "}"}`;
}

function chartHtml(chart: ChartDisplay, { image }: PageParts): string {
  const { title, subtitle, caption, legends } = chart;
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
  return `<figure>${line(title, "title")}${line(subtitle, "facts")}${keys.join("")}${image(chart)}${line(caption, "facts")}</figure>`;
}

/** As an image: nothing inside an SVG that is shown as an image can run or load anything. */
export function svgImage(svg: string, alt: string, attributes = ""): string {
  const text = standaloneSvg(svg);
  const named = text.includes("xmlns=") ? text : text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  const styled = named.replace(
    /(<svg[^>]*>)/,
    "$1<style>:root{color:#1d2126;font-family:system-ui,sans-serif}</style>",
  );
  return `<img alt="${escapeHtml(alt)}"${attributes} src="data:image/svg+xml,${encodeURIComponent(styled)}">`;
}

/** As `svgImage`, with its colours in light and in dark. */
export function schemedImage(svg: string, alt: string): string {
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

export function displayHtml(display: Display, parts: PageParts): string {
  return (RENDERERS[display.type] as (display: Display, parts: PageParts) => string)(display, parts);
}

/** With `title` as its caption, and as the name of the box that scrolls. */
export function tableHtml({ columns, rows, rowCount }: PageTable, mostRows: number, title?: string): string {
  const classOf = (type: string): string => (NUMERIC.test(type) ? ' class="number"' : "");
  const head = columns.map(({ name, type }) => `<th scope="col"${classOf(type)}>${escapeHtml(name)}</th>`).join("");
  const body = rows
    .slice(0, mostRows)
    .map(
      (row) =>
        `<tr>${columns.map(({ name, type }) => `<td${classOf(type)}>${escapeHtml(cellText(row[name], type))}</td>`).join("")}</tr>`,
    )
    .join("\n");
  const shown = Math.min(rows.length, mostRows);
  const cut = shown < rowCount ? `<p class="facts">${shown} of ${rowCount} rows</p>` : "";
  const name = escapeHtml(title ?? "");
  const [box, caption] =
    title === undefined ? ["", ""] : [` tabindex="0" role="region" aria-label="${name}"`, `<caption>${name}</caption>`];
  return `<div class="table"${box}><table>${caption}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${cut}`;
}

function cellText(value: unknown, type: string): string {
  if (value === null || value === undefined) return "";
  // Digits beyond what anybody compares by eye; files have all of them.
  if (typeof value === "number" && INEXACT.test(type)) return String(Number(value.toPrecision(6)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
