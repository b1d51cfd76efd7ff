import DOMPurify from "dompurify";
import { html, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { renderMarkdown } from "../../cells/markdown/render-markdown.ts";
import type { Display, TableDisplay } from "../../cells/results/display.ts";
import type { MonitorDisplay } from "../../cells/views/monitor-markup.ts";
import { integer } from "../format.ts";
import { LightElement } from "../light-element.ts";
import "./chart-view.ts";
import "./html-frame.ts";
import "./monitor-view.ts";
import { treeView } from "./tree-view.ts";

type Renderers = {
  readonly [Type in Display["type"]]: (display: Extract<Display, { type: Type }>, zone: string) => TemplateResult;
};

const cutNote = (cut: string | null): TemplateResult | typeof nothing =>
  cut === null ? nothing : html`<p class="muted small">${cut}</p>`;

const RENDERERS: Renderers = {
  text: ({ text, cut }) =>
    html`<pre class="output-text" tabindex="0" role="region" aria-label="Text output">${text}</pre>${cutNote(cut)}`,
  tree: ({ tree, cut }) => html`${treeView(tree)}${cutNote(cut)}`,
  html: ({ html: text }) => html`<db-html-frame .html=${text}></db-html-frame>`,
  markdown: ({ markdown }) => html`<div class="prose">${safeHtml(renderMarkdown(markdown))}</div>`,
  chart: (chart) => html`<db-chart .chart=${chart}></db-chart>`,
  table: tablePreview,
  image: ({ mime, base64 }) =>
    html`<img class="output-image" alt="Image from the cell" src="data:${mime};base64,${base64}" />`,
  error: ({ name, message }) => html`<p class="output-error"><span aria-hidden="true">×</span> ${name}: ${message}</p>`,
  drift: monitor,
  kpi: monitor,
  check: monitor,
};

function monitor(display: MonitorDisplay, zone: string): TemplateResult {
  return html`<db-monitor .display=${display} .zone=${zone}></db-monitor>`;
}

/** HTML that a page may hold: what Markdown makes, cleaned once more. */
export function safeHtml(text: string): ReturnType<typeof unsafeHTML> {
  return unsafeHTML(
    DOMPurify.sanitize(text, { ADD_ATTR: ["target"], FORBID_TAGS: ["style", "form", "input", "button"] }),
  );
}

function tablePreview({ columns, rows, rowCount }: TableDisplay): TemplateResult {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table">
      <table class="rows preview">
        <thead>
          <tr>${columns.map(({ name, numeric, type }) => html`<th scope="col" class=${numeric ? "right" : ""} title=${type}>${name}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.slice(0, 20).map((row) => html`<tr>${row.map((text, at) => html`<td class=${columns[at]?.numeric ? "right" : ""}>${text ?? html`<span class="faint">null</span>`}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>
    <p class="muted small">${rows.length < rowCount || rows.length > 20 ? `${Math.min(20, rows.length)} of ` : ""}${integer(rowCount)} rows</p>`;
}

/** One display of a cell. */
class Output extends LightElement {
  static override properties = { display: { attribute: false }, zone: { attribute: false } };
  declare display: Display;
  /** The zone that times are shown in. */
  declare zone: string;

  constructor() {
    super();
    this.zone = "UTC";
  }

  override render(): TemplateResult {
    return (RENDERERS[this.display.type] as (display: Display, zone: string) => TemplateResult)(
      this.display,
      this.zone,
    );
  }
}
customElements.define("db-output", Output);
