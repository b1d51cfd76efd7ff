import { expressionEnd } from "../../cells/analysis/template/expression-end.ts";
import { standaloneSvg } from "../../cells/charts/theme.ts";
import type { Cell } from "../../cells/document/document.ts";
import { attributeOf } from "../../cells/document/document.ts";
import { proseExpressions } from "../../cells/markdown/prose-expressions.ts";
import { escapeHtml, type PageTable, treeText } from "../../cells/page/page-parts.ts";
import type { Display } from "../../cells/results/display.ts";
import { isChart, isList, type Markup } from "../../cells/views/markup.ts";
import { monitorMarkup } from "../../cells/views/monitor-markup.ts";

/** A cell with what may be shown of its run. */
export interface ExportedCell {
  readonly cell: Cell;
  /** Of its `${…}`, in order. */
  readonly texts: readonly (string | null)[];
  readonly displays: readonly Display[];
  readonly table: PageTable | null;
  /** What readers do not see of it, as sentences. */
  readonly leftOut: readonly string[];
  readonly error: string | null;
}

const MOST_ROWS = 50;

/** Reads well where Markdown is shown; charts are pictures inside of it. */
export function markdownText(title: string, facts: string, cells: readonly ExportedCell[], showCode: boolean): string {
  const parts = [`# ${line(title)}`, `*${line(facts)}*`];
  for (const { cell, texts, displays, table, leftOut, error } of cells) {
    if (cell.kind === "prose") parts.push(filled(cell.source, texts));
    else if (showCode && cell.kind !== "input") parts.push(fenced(cell.source, FENCES[cell.kind]));
    if (error !== null)
      parts.push(`> × ${line(showCode ? error : `${cell.name ?? "This part"} could not be computed.`)}`);
    for (const display of displays) parts.push(markdownOf(display));
    if (table !== null) parts.push(`**${line(cell.name ?? "Table")}**\n\n${markdownTable(table)}`);
    for (const sentence of leftOut) parts.push(`*${line(sentence).replaceAll(/[\\`*_[\]<>|]/g, "\\$&")}*`);
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const FENCES: Readonly<Record<Cell["kind"], string>> = {
  ...{ prose: "", ts: "ts", sql: "sql", input: "yaml", drift: "yaml", kpi: "yaml", check: "yaml" },
};

function markdownOf(display: Display): string {
  switch (display.type) {
    case "text":
      return fenced(display.text, "");
    case "tree":
      return fenced(treeText(display.tree, ""), "");
    case "markdown":
      return display.markdown;
    case "html":
      return "*(HTML output, shown in the notebook)*";
    case "chart":
      return `![${line(display.title ?? "chart").replaceAll(/[[\]]/g, "")}](data:image/svg+xml;base64,${base64(svgOf(display.svg))})`;
    case "image":
      return `![image](data:${display.mime};base64,${display.base64})`;
    case "table":
      return markdownTable(textTable(display));
    case "error":
      return `> × ${line(`${display.name}: ${display.message}`)}`;
    case "drift":
    case "kpi":
    case "check":
      return fenced(saidOf(monitorMarkup(display, { zone: "UTC" })), "");
  }
}

/** nbformat 4.5, with what a cell is in its metadata, so that it can come back as it was. */
export function jupyterText(title: string, facts: string, cells: readonly ExportedCell[]): string {
  const taken = new Set<string>();
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      title,
      kernelspec: { name: "deno", display_name: "Deno", language: "typescript" },
      language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/x.typescript" },
      driftbook: { facts },
    },
    cells: cells.map(({ cell, texts, displays, table, leftOut, error }, at) => {
      const { kind, name, attributes } = cell;
      const metadata = {
        driftbook: { kind, name, attributes },
        ...(kind === "prose" || kind === "ts" ? {} : { vscode: { languageId: FENCES[kind] } }),
        ...(attributeOf(cell, "code") === "hidden" ? { jupyter: { source_hidden: true } } : {}),
      };
      const id = jupyterId(cell.id, at, taken);
      if (kind === "prose") {
        const source = [filled(cell.source, texts), ...leftOut.map((sentence) => `*${sentence}*`)].join("\n\n");
        return { cell_type: "markdown", id, metadata, source: linesOf(source) };
      }
      const outputs = [
        ...displays.map((display) => output(jupyterOf(display))),
        ...(table === null ? [] : [output({ "text/html": htmlTable(table), "text/plain": plainTable(table) })]),
        ...leftOut.map((sentence) => output({ "text/plain": sentence })),
        ...(error === null ? [] : [{ output_type: "error", ename: "Error", evalue: error, traceback: [error] }]),
      ];
      return { cell_type: "code", id, metadata, execution_count: null, source: linesOf(cell.source), outputs };
    }),
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

const output = (data: Readonly<Record<string, string>>) => ({
  output_type: "display_data",
  metadata: {},
  data: Object.fromEntries(
    Object.entries(data).map(([type, text]) => [
      type,
      type.startsWith("image/") && type !== "image/svg+xml" ? text : linesOf(text),
    ]),
  ),
});

function jupyterOf(display: Display): Readonly<Record<string, string>> {
  switch (display.type) {
    case "text":
      return { "text/plain": display.text };
    case "tree":
      return { "text/plain": treeText(display.tree, "") };
    case "markdown":
      return { "text/markdown": display.markdown, "text/plain": display.markdown };
    case "html":
      return { "text/html": display.html, "text/plain": "(HTML)" };
    case "chart":
      return { "image/svg+xml": svgOf(display.svg), "text/plain": display.title ?? "chart" };
    case "image":
      return { [display.mime]: display.base64, "text/plain": "(image)" };
    case "table":
      return { "text/html": htmlTable(textTable(display)), "text/plain": plainTable(textTable(display)) };
    case "error":
      return { "text/plain": `${display.name}: ${display.message}` };
    case "drift":
    case "kpi":
    case "check":
      return { "text/plain": saidOf(monitorMarkup(display, { zone: "UTC" })) };
  }
}

/** Ids of nbformat: up to 64 letters, digits, - and _, each once. */
function jupyterId(id: string, at: number, taken: Set<string>): string {
  const plain = id.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 56) || "cell";
  const found = taken.has(plain) ? `${plain}-${at}` : plain;
  taken.add(found);
  return found;
}

/** Prose with its values in the place of its expressions. */
function filled(source: string, texts: readonly (string | null)[]): string {
  let text = "";
  let from = 0;
  for (const [at, { offset }] of proseExpressions(source).expressions.entries()) {
    const open = source.lastIndexOf("${", offset);
    const value = texts[at];
    if (value == null || open < from) continue;
    text += source.slice(from, open) + value.replaceAll(/[\\`*_[\]<>|]/g, "\\$&");
    from = expressionEnd(source, open + 2) + 1;
  }
  return text + source.slice(from);
}

/** What a view says, as lines of text; charts say their label. */
function saidOf(markup: Markup): string {
  const blocks = new Set([
    "p",
    "div",
    "li",
    "tr",
    "h2",
    "h3",
    "h4",
    "dd",
    "section",
    "summary",
    "figure",
    "header",
    "caption",
  ]);
  const walk = (one: Markup): string => {
    if (typeof one === "string") return one;
    if (isList(one)) return one.map(walk).join("");
    if (isChart(one)) return `\n[chart] ${one.label}\n`;
    const inner = one.children.map(walk).join(one.tag === "tr" ? " " : "");
    return blocks.has(one.tag) ? `\n${inner}\n` : one.tag === "svg" ? "" : `${inner} `;
  };
  return walk(markup)
    .split("\n")
    .map((said) => said.replaceAll(/\s+/g, " ").trim())
    .filter((said) => said !== "")
    .join("\n");
}

const svgOf = (svg: string): string => {
  const text = standaloneSvg(svg);
  return text.includes("xmlns=") ? text : text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
};
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const line = (text: string): string => text.replaceAll(/\s+/g, " ");
/** As nbformat keeps texts: lines with their ends. */
const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

function fenced(text: string, language: string): string {
  // Longer than any run of ticks inside.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

function textTable({ columns, rows, rowCount }: Extract<Display, { type: "table" }>): PageTable {
  return {
    columns,
    rowCount,
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]))),
  };
}

const cellText = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
const cellsOf = ({ columns, rows }: PageTable): string[][] => [
  columns.map(({ name }) => name),
  ...rows.slice(0, MOST_ROWS).map((row) => columns.map(({ name }) => cellText(row[name]))),
];
const cutText = ({ rows, rowCount }: PageTable): string =>
  Math.min(rows.length, MOST_ROWS) < rowCount ? `${Math.min(rows.length, MOST_ROWS)} of ${rowCount} rows` : "";

function markdownTable(table: PageTable): string {
  const [head = [], ...rows] = cellsOf(table).map((cells) =>
    cells.map((text) => line(text).replaceAll(/[\\|<>]/g, "\\$&")),
  );
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const cut = cutText(table);
  return [row(head), row(head.map(() => "---")), ...rows.map(row), ...(cut === "" ? [] : ["", cut])].join("\n");
}

function htmlTable(table: PageTable): string {
  const [head = [], ...rows] = cellsOf(table);
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${row(head, "th")}</thead><tbody>${rows.map((cells) => row(cells, "td")).join("\n")}</tbody></table>${cutText(table)}`;
}

const plainTable = (table: PageTable): string =>
  [...cellsOf(table).map((cells) => cells.join("\t")), cutText(table)].filter((text) => text !== "").join("\n");
