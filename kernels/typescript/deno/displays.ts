import type { Display } from "../../../cells/results/display.ts";
import { Chart } from "./charts.ts";
import { treeOf } from "./describe-value.ts";
import { isTable } from "./tables.ts";

const MOST_TEXT = 1_000_000;
const MOST_HTML = 4_000_000;
const PREVIEW_ROWS = 100;
const MOST_CELL_TEXT = 1000;

/** HTML made by a cell with the `html` tag: values are escaped, nested HTML is not. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}
/** Markdown made by a cell with the `md` tag. */
export class Markdown {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return new Html(strings.map((text, at) => text + (at < values.length ? htmlOf(values[at]) : "")).join(""));
}

function htmlOf(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (value instanceof Chart) return value.draw(640).svg;
  if (Array.isArray(value)) return value.map(htmlOf).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export function md(strings: TemplateStringsArray, ...values: readonly unknown[]): Markdown {
  return new Markdown(strings.map((text, at) => text + (at < values.length ? String(values[at]) : "")).join(""));
}

/** Readings as an array that is shown as the view of its cell kind. */
export class Measured extends Array<object> {
  declare readonly view: Display | null;

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  static with(readings: readonly object[], view: Display): Measured {
    const measured = new Measured();
    for (const reading of readings) measured.push(reading);
    Object.defineProperty(measured, "view", { value: view, enumerable: false });
    return measured;
  }
}

/** What a value looks like; null for undefined, which shows nothing. */
export function displayOf(value: unknown, width: number): Display | null {
  if (value === undefined) return null;
  if (value instanceof Chart) return value.draw(width);
  if (value instanceof Html) {
    if (value.text.length > MOST_HTML)
      return {
        type: "text",
        text: value.text.slice(0, MOST_TEXT),
        cut: `The HTML has ${value.text.length} characters; at most ${MOST_HTML} are shown as a page.`,
      };
    return { type: "html", html: value.text };
  }
  if (value instanceof Measured) return value.view;
  if (value instanceof Markdown) return { type: "markdown", markdown: value.text.slice(0, MOST_HTML) };
  if (value instanceof Error) return { type: "error", name: value.name, message: value.message, stack: "" };
  if (isTable(value)) return tableDisplay(value);
  if (typeof value === "string") {
    const cut =
      value.length > MOST_TEXT ? `The text has ${value.length} characters; the first ${MOST_TEXT} are shown.` : null;
    return { type: "text", text: value.slice(0, MOST_TEXT), cut };
  }
  if (typeof value === "object" && value !== null && "outerHTML" in value && typeof value.outerHTML === "string")
    return { type: "html", html: value.outerHTML };
  return { type: "tree", ...treeOf(value) };
}

function tableDisplay(table: Parameters<typeof isTable>[0] & object): Display {
  if (!isTable(table)) throw new TypeError("not a table");
  const { names } = table;
  const columns = names.map((name) => {
    const type = table.schema.fields.find((field) => field.name === name)?.metadata?.get("duckdb:type") ?? "";
    return { name, type, numeric: /INT|DOUBLE|FLOAT|DECIMAL/.test(type) };
  });
  const children = names.map((name) => table.getChild(name));
  const rows: (string | null)[][] = [];
  for (let at = 0; at < Math.min(PREVIEW_ROWS, table.numRows); at++)
    rows.push(children.map((child) => cellText(child.at(at))));
  return { type: "table", columns, rows, rowCount: table.numRows };
}

function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text =
    value instanceof Date
      ? value.toISOString()
      : typeof value === "object"
        ? JSON.stringify(value, bigintText)
        : String(value);
  return text.length > MOST_CELL_TEXT ? `${text.slice(0, MOST_CELL_TEXT)}…` : text;
}

const bigintText = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
