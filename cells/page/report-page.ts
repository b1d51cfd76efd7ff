import type { Hits } from "../charts/hits.ts";
import type { Cell } from "../document/document.ts";
import { isMonitoring } from "../kinds/kinds.ts";
import { renderMarkdown } from "../markdown/render-markdown.ts";
import type { ContractColumns } from "../personal/contract-columns.ts";
import type { Display } from "../results/display.ts";
import type { SessionState } from "../session/state.ts";
import { csvCell, csvLine } from "../values/csv-cell.ts";
import type { JsonValue } from "../values/to-json.ts";
import type { Chart } from "../views/markup.ts";
import type { ReportChoices } from "../wire/http-reports.ts";
import type { Selected } from "./left-out.ts";
import { MONITOR_STYLE } from "./monitor-style.ts";
import {
  CHART_WIDTHS,
  displayHtml,
  escapeHtml,
  NARROW_WIDTH,
  type PageParts,
  type PageTable,
  schemedImage,
  svgImage,
  tableHtml,
} from "./page-parts.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { type ReportAbout, reportFoot, reportHead } from "./report-head.ts";
import { REPORT_POLICY, REPORT_SCRIPT } from "./report-script.ts";
import { reportSelection } from "./report-selection.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** Draws a chart as SVG text with the places that answer a pointer, `width` in pixels. */
export type DrawTipped = (chart: Chart, width: number) => { readonly svg: string; readonly hits: Hits };

export interface ReportInput {
  readonly state: Pick<SessionState, "document" | "runs" | "analyses" | "path">;
  /** Rows of cells by cell, as many as a run hands over. */
  readonly tables: ReadonlyMap<string, PageTable>;
  readonly about: ReportAbout;
  readonly choices: Pick<ReportChoices, "showCode" | "tables" | "personal">;
  readonly contractColumns: ContractColumns;
  readonly draw: DrawTipped;
  /** Where a table is as a file. */
  readonly address: (table: string, format: "csv" | "json") => string;
}

export interface ReportTable {
  /** For addresses and files: letters, digits, `_` and `-`. */
  readonly name: string;
  readonly csv: string;
  readonly json: string;
}

export interface ReportPage {
  readonly html: string;
  readonly tables: readonly ReportTable[];
  /** What was kept from readers and why; sentences for whoever published it. */
  readonly leftOut: readonly string[];
}

/** Of which a screen shows some ten at once, and paper fifteen. */
const MOST_ROWS = 100;
const MOST_CHARTS = 60;
/** Before everything that a notebook wrote: the first of each is ours. */
const SERVED = "<!--served-->";
const DATA = "<!--data-->";

/**
 * A run of a notebook as one page that loads nothing. Its only script is ours, and the page's policy allows no other.
 * What readers may not see is not in it. Tables are files beside it; `asOneFile` puts them inside.
 */
export function reportPage(input: ReportInput): ReportPage {
  const { state, tables, about, choices, draw, address } = input;
  const selection = reportSelection(state, choices, input.contractColumns);
  const said = new Set<string>();
  const files: ReportTable[] = [];
  const points: string[] = [];
  let charts = 0;
  const tipped = (
    image: string,
    { hits, width, height, words }: { hits: Hits; width: number; height: number; words: string },
  ): string => {
    if (hits.marks.every(({ x }) => x.length === 0)) return image;
    const id = String(points.length);
    points.push(`<script type="application/json" class="points" data-chart="${id}">${jsonText(hits)}</script>`);
    const label = `${words}. Arrow keys go through its points.`;
    return `<div class="tipped" tabindex="0" role="group" aria-label="${escapeHtml(label)}" data-chart="${id}" data-width="${width}" data-height="${height}">${image}</div>`;
  };
  const partsOf = (cell: Cell): PageParts => {
    const table = (shown: PageTable, title = cell.name ?? "Table"): string => {
      const name = fileName(cell, files);
      files.push({ name, csv: csvOf(shown), json: `${JSON.stringify(shown.rows)}\n` });
      const links = (["csv", "json"] as const).map(
        (format) =>
          `<a href="${escapeHtml(address(name, format))}" download="${name}.${format}" data-table="${name}" data-as="${format}">${format.toUpperCase()}</a>`,
      );
      const more = shown.rows.length < shown.rowCount ? `, the first ${shown.rows.length} rows` : "";
      return `<div class="r-table">${tableHtml(shown, MOST_ROWS, title)}<p class="r-files">This table${more}:${links.join("")}</p></div>`;
    };
    return {
      zone: about.zone,
      figure: (chart) => {
        if (charts++ >= MOST_CHARTS) return `<p class="facts">${escapeHtml(chart.label)}</p>`;
        const drawn = (width: number): string => {
          const { svg, hits } = draw(chart, width);
          const height = Number(/<svg[^>]* height="([\d.]+)"/.exec(svg)?.[1] ?? "0");
          return tipped(schemedImage(svg, chart.label), { hits, width, height, words: chart.title });
        };
        const width = CHART_WIDTHS[chart.size];
        if (width <= 1.1 * NARROW_WIDTH) return drawn(width);
        // Made smaller its letters could not be read on a phone: there another drawing of it is shown.
        return `<div class="r-wide">${drawn(width)}</div><div class="r-narrow">${drawn(NARROW_WIDTH)}</div>`;
      },
      // A cell drew it, at a width of its own: where there is no room for that it scrolls.
      image: ({ svg, width, height, title, hits }) =>
        `<div class="r-own${width > NARROW_WIDTH ? " is-broad" : ""}">${tipped(
          svgImage(svg, chartWords(cell, title, hits), ` class="chart" width="${width}" height="${height}"`),
          { hits, width, height, words: title ?? `Chart of ${cell.name ?? "a cell"}` },
        )}</div>`,
      table,
    };
  };

  const sections = state.document.cells.map((cell) => {
    const run = state.runs[cell.id];
    const parts = partsOf(cell);
    const out: string[] = [];
    const lines = new Set<string>();
    /** What may be shown; what was taken from it is said once, behind what the cell shows. */
    const open = <Shown>({ shown, left }: Selected<Shown>): Shown => {
      for (const { sentence, toReaders } of left) {
        said.add(sentence);
        lines.add(toReaders);
      }
      return shown;
    };
    if (cell.kind === "prose")
      out.push(
        `<div class="prose">${renderMarkdown(cell.source, open(selection.texts(cell, run?.result?.texts ?? [])))}</div>`,
      );
    else if (choices.showCode && cell.kind !== "input")
      out.push(
        `<details><summary>Code of ${escapeHtml(cell.name ?? `a ${cell.kind} cell`)}</summary><pre><code>${escapeHtml(cell.source)}</code></pre></details>`,
      );
    if (run?.error != null)
      // What went wrong may quote values and code.
      out.push(
        `<p class="error">× ${choices.showCode && !selection.isQuiet(cell) ? escapeHtml(run.error.message) : `${escapeHtml(cell.name ?? "This part")} could not be computed.`}</p>`,
      );
    if (choices.showCode && !selection.isQuiet(cell))
      for (const log of run?.logs ?? []) out.push(`<pre class="log">${escapeHtml(log.text)}</pre>`);
    for (const display of run?.displays ?? []) {
      const shown = cell.kind === "input" ? null : open(selection.display(cell, display));
      if (shown !== null) out.push(displayHtml(withoutSecrets(shown, choices.showCode), parts));
    }
    const rows = tables.get(cell.id);
    const shown = rows === undefined ? null : open(selection.table(cell, rows));
    if (shown !== null)
      out.push(
        isMonitoring(cell.kind)
          ? `<details><summary>Readings as rows (${shown.rowCount})</summary>${parts.table(shown)}</details>`
          : parts.table(shown),
      );
    for (const line of lines) out.push(`<p class="r-out">${escapeHtml(line)}</p>`);
    const name = cell.name === null || cell.kind === "prose" ? "" : ` aria-label="${escapeHtml(cell.name)}"`;
    return out.length === 0 ? "" : `<section class="r-cell"${name}>${out.join("\n")}</section>`;
  });
  const leftOut = [...said];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(REPORT_POLICY)}">
<title>${escapeHtml(about.title)}</title>
<style>${PAGE_STYLE}${MONITOR_STYLE}${REPORT_STYLE}</style>
</head>
<body>
${SERVED}
${reportHead({ ...about, set: selection.set(about.set) })}
<main>
${sections.filter((section) => section !== "").join("\n")}
</main>
${reportFoot(about)}
${DATA}
${points.join("\n")}
<script>${REPORT_SCRIPT}</script>
</body>
</html>
`;
  return { html, tables: files, leftOut };
}

/** The page with what is only known when it is served, which must be HTML, at its top. */
export const withServed = (page: string, html: string): string => page.replace(SERVED, () => html);

/** The page as a file that stands alone: its tables inside instead of beside it. */
export function asOneFile(page: string, tables: readonly ReportTable[]): string {
  const data = tables.map(
    ({ name, csv, json }) =>
      `<script type="application/json" class="table-data" data-table="${name}">${jsonText({ csv, json })}</script>`,
  );
  return page.replace(SERVED, "").replace(DATA, () => data.join("\n"));
}

/** JSON that ends no script element and opens no comment. */
function jsonText(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

function csvOf({ columns, rows }: PageTable): string {
  const lines = rows.map((row) =>
    csvLine(
      columns.map(({ name, type }) => csvCell((row[name] ?? null) as JsonValue, /INT|DECIMAL|DOUBLE|FLOAT/.test(type))),
    ),
  );
  return csvLine(columns.map(({ name }) => csvCell(name))) + lines.join("");
}

/** A name that no other table of the page has. */
function fileName(cell: Cell, files: readonly ReportTable[]): string {
  const base = (cell.name ?? cell.id).replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 60) || "table";
  const taken = new Set(files.map(({ name }) => name.toLowerCase()));
  let name = base;
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${base}-${number}`;
  return name;
}

/** What those who do not see a chart hear of it: its name, what it is made of, and how far it reaches. */
function chartWords(cell: Cell, title: string | null, { marks }: Hits): string {
  const points = marks.reduce((sum, { x }) => sum + x.length, 0);
  const labels = [...new Set(marks.flatMap(({ channels }) => channels.map(({ label }) => label)))].filter(Boolean);
  const what = labels.length === 0 ? "" : ` of ${labels.slice(0, 4).join(", ")}`;
  return `${title ?? `Chart of ${cell.name ?? "a cell"}`}: ${points} points${what}`;
}

/** The stack of an error names files and lines of code. */
function withoutSecrets(display: Display, showCode: boolean): Display {
  return display.type === "error" && !showCode ? { ...display, stack: "" } : display;
}
