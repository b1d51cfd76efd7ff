import { type Table, tableFromIPC } from "@uwdata/flechette";
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ColumnSummary, TableView } from "../../cells/wire/socket.ts";
import { compact, counted, integer } from "../format.ts";
import { LightElement } from "../light-element.ts";
import type { Rows } from "../session/store.ts";
import { cellText, copyText, isNumeric } from "./cell-text.ts";
import { PageCache } from "./page-cache.ts";
import { VirtualScroll } from "./virtual-scroll.ts";

export interface TableSource {
  rows(sort: TableView["sort"], filters: TableView["filters"], offset: number, limit: number): Promise<Rows>;
  summarise(): Promise<readonly ColumnSummary[]>;
  exportUrl(format: string): string;
}
type Column = { readonly name: string; readonly type: string };

const ROW_HEIGHT = 28;
const PAGE_ROWS = 200;
const MOST_PAGES = 60;
const MOST_VIEW_ROWS = 12;
const FORMATS = ["csv", "parquet", "arrow", "json"] as const;

/** All rows of a SQL result: fetched in pages as they are scrolled to, sorted and filtered by the engine. */
class ResultTable extends LightElement {
  static override properties = {
    source: { attribute: false },
    columns: { attribute: false },
    rowCount: { attribute: false },
    zone: { attribute: false },
    run: { attribute: false },
    version: { state: true },
  };
  declare source: TableSource;
  declare columns: readonly Column[];
  declare rowCount: number;
  declare zone: string;
  declare run: string;
  declare version: number;
  readonly #pages = new PageCache<Table>(MOST_PAGES);
  readonly #loading = new Set<number>();
  #sort: TableView["sort"] = [];
  #filters: TableView["filters"] = [];
  #hidden = new Set<string>();
  /** Columns that stay at the left while the rest scrolls, in the order of pinning. */
  #pinned: readonly string[] = [];
  #summary: readonly ColumnSummary[] | null = null;
  #viewCount: number | null = null;
  #problem: string | null = null;
  readonly #scroll = new VirtualScroll(ROW_HEIGHT);
  #generation = 0;
  #cursor: { row: number; column: number } | null = null;

  constructor() {
    super();
    this.zone = "UTC";
    this.version = 0;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("run")) return;
    this.#sort = [];
    this.#filters = [];
    this.#summary = null;
    this.#reset();
    // Summaries of short results come at once; long ones are asked for.
    if (this.rowCount > 0) void this.#summarise();
  }

  get #rows(): number {
    return this.#viewCount ?? this.rowCount;
  }

  /** Pinned columns first, hidden ones not at all. */
  #shown(): readonly Column[] {
    const visible = this.columns.filter(({ name }) => !this.#hidden.has(name));
    const isPinned = ({ name }: Column): boolean => this.#pinned.includes(name);
    return [...visible.filter(isPinned), ...visible.filter((column) => !isPinned(column))];
  }

  /** A pinned column stands right of those pinned before it: as wide as they are drawn. */
  override updated(): void {
    const heads = [...this.querySelectorAll<HTMLElement>("th.pinned")];
    let left = 0;
    for (const [at, head] of heads.entries()) {
      this.style.setProperty(`--pin-${at}`, `${left}px`);
      left += head.offsetWidth;
    }
  }

  override render(): TemplateResult {
    const shown = this.#shown();
    const viewHeight = ROW_HEIGHT * Math.min(MOST_VIEW_ROWS, Math.max(1, this.#rows));
    this.#scroll.resize(this.#rows, viewHeight);
    const { height, first, top } = this.#scroll.placement();
    const last = Math.min(this.#rows, first + Math.ceil(viewHeight / ROW_HEIGHT) + 2);
    const rows: TemplateResult[] = [];
    for (let row = first; row < last; row++) rows.push(this.#row(row, shown));
    return html`
      <div class="table-box">
        <div class="table-scroll" style="max-height:${viewHeight + 66}px" @scroll=${(event: Event) => this.#scrolled(event)}>
          <table class="result" role="grid" aria-label="Result" aria-rowcount=${this.#rows + 1} aria-colcount=${shown.length} tabindex="0"
            @keydown=${(event: KeyboardEvent) => this.#press(event, shown)}>
            <thead><tr role="row">${shown.map((column, at) => this.#head(column, at))}</tr></thead>
            <tbody>
              <tr aria-hidden="true" style="height:${top}px"></tr>
              ${rows}
              <tr aria-hidden="true" style="height:${Math.max(0, height - top - rows.length * ROW_HEIGHT)}px"></tr>
            </tbody>
          </table>
        </div>
      </div>
      ${this.#foot(shown)}
    `;
  }

  #head(column: Column, at: number): TemplateResult {
    const isPinned = this.#pinned.includes(column.name);
    const sorted = this.#sort.find((one) => one.column === column.name);
    // One row needs no profile.
    const summary = this.rowCount > 1 ? this.#summary?.find((one) => one.name === column.name) : undefined;
    const order = sorted === undefined ? "none" : sorted.descending ? "descending" : "ascending";
    return html`<th scope="col" role="columnheader" aria-sort=${order} class="${isNumeric(column.type) ? "right" : ""} ${isPinned ? "pinned" : ""}" style=${isPinned ? `left:var(--pin-${at},0)` : nothing}>
      <button class="table-name" title="${column.name}: ${column.type}. Sort" @click=${() => this.#sortBy(column.name)}>
        ${column.name}${sorted === undefined ? nothing : html`<span aria-hidden="true">${sorted.descending ? " ↓" : " ↑"}</span>`}
      </button>
      <div class="table-type">${column.type.toLowerCase()}${summary !== undefined && summary.missing > 0 ? html` · <span class="verdict-warn">${share(summary.missing, this.rowCount)} missing</span>` : nothing}</div>
      ${summary === undefined ? (this.rowCount > 1 ? html`<div class="table-bins"></div>` : nothing) : this.#profile(summary)}
    </th>`;
  }

  #profile(summary: ColumnSummary): TemplateResult {
    if (summary.bins !== null && summary.bins.length > 0) {
      const most = Math.max(1, ...summary.bins);
      return html`<svg class="table-bins" viewBox="0 0 ${summary.bins.length} 12" preserveAspectRatio="none" role="img" aria-label="from ${summary.min} to ${summary.max}">
        <title>${summary.min} … ${summary.max}</title>
        ${summary.bins.map((count, at) => svgBar(at, count / most))}
      </svg>`;
    }
    const [top] = summary.top ?? [];
    if (top === undefined) return html`<div class="table-bins"></div>`;
    const title = (summary.top ?? []).map(({ value, count }) => `${value}: ${integer(count)}`).join("\n");
    return html`<button class="table-top" title=${title} @click=${() => this.#filterBy(summary.name, top.value)}>
      ${summary.distinct === null ? "" : `${compact(summary.distinct)} distinct · `}${top.value}</button>`;
  }

  #row(row: number, shown: readonly Column[]): TemplateResult {
    const page = this.#pages.get(Math.floor(row / PAGE_ROWS));
    if (page === undefined) {
      void this.#load(Math.floor(row / PAGE_ROWS));
      return html`<tr role="row" style="height:${ROW_HEIGHT}px"><td role="gridcell" colspan=${shown.length} class="muted">…</td></tr>`;
    }
    const at = row % PAGE_ROWS;
    return html`<tr role="row" aria-rowindex=${row + 2}>${shown.map((column, index) => {
      const value = page.getChild(column.name)?.at(at) as unknown;
      const isAt = this.#cursor?.row === row && this.#cursor.column === index;
      const isPinned = this.#pinned.includes(column.name);
      const classes = `${isNumeric(column.type) ? "right" : ""}${isAt ? " at" : ""}${isPinned ? " pinned" : ""}`;
      const style = isPinned ? `left:var(--pin-${index},0)` : nothing;
      if (value === null || value === undefined)
        return html`<td role="gridcell" class="${classes} faint" style=${style}>null</td>`;
      return html`<td role="gridcell" class=${classes} style=${style} title=${copyText(value, column.type)} @dblclick=${() => this.#filterBy(column.name, copyText(value, column.type))}>${cellText(value, column.type, this.zone)}</td>`;
    })}</tr>`;
  }

  #foot(shown: readonly Column[]): TemplateResult {
    const filtered = this.#viewCount !== null && this.#viewCount !== this.rowCount;
    return html`<div class="table-foot small">
      <span class="muted" role="status">${filtered ? `${integer(this.#rows)} of ` : ""}${counted(this.rowCount, "row")} · ${counted(this.columns.length, "column")}</span>
      ${this.#filters.map((filter) => html`<button class="chip" title="Remove this filter" @click=${() => this.#unfilter(filter)}>${filter.test === "search" ? "contains" : `${filter.column} ${filter.test}`} ${String(filter.value ?? "")} ×</button>`)}
      ${this.#problem === null ? nothing : html`<span class="verdict-fail">${this.#problem}</span>`}
      <span class="space"></span>
      <span class="cell-tools">
        <input type="search" class="small" placeholder="Search text" aria-label="Rows that contain" @change=${(event: Event) => this.#search((event.target as HTMLInputElement).value)} />
        <details class="menu"><summary>Columns</summary><div>${this.columns.map(
          ({
            name,
          }) => html`<div class="column-row"><label><input type="checkbox" .checked=${!this.#hidden.has(name)} @change=${() => this.#toggle(name)} /> ${name}</label>
          <button class="small" aria-pressed=${this.#pinned.includes(name)} @click=${() => this.#pin(name)}>${this.#pinned.includes(name) ? "Unpin" : "Pin"}</button>
          <button class="small" @click=${() => this.#quickChart(this.columns.filter((column) => column.name === name))}>Chart</button></div>`,
        )}</div></details>
        <button class="small" @click=${() => void this.#copy(shown)}>Copy</button>
        <button class="small" @click=${() => this.#quickChart(shown)}>Chart</button>
        <details class="menu"><summary>Export</summary><div>${FORMATS.map((format) => html`<a href=${this.source.exportUrl(format)} download>${format.toUpperCase()}</a>`)}</div></details>
      </span>
    </div>`;
  }

  async #load(page: number): Promise<void> {
    if (this.#loading.has(page)) return;
    this.#loading.add(page);
    const generation = this.#generation;
    try {
      const { arrow, rowCount } = await this.source.rows(this.#sort, this.#filters, page * PAGE_ROWS, PAGE_ROWS);
      if (generation !== this.#generation) return;
      this.#pages.set(page, tableFromIPC(arrow, { useBigInt: true, useDecimalInt: true }));
      this.#viewCount = rowCount;
      this.#problem = null;
    } catch (error) {
      if (generation === this.#generation) this.#problem = error instanceof Error ? error.message : String(error);
    } finally {
      if (generation === this.#generation) {
        // A page that failed is asked for again by the next scroll, not at once.
        if (this.#problem === null) this.#loading.delete(page);
        this.version += 1;
      }
    }
  }

  async #summarise(): Promise<void> {
    try {
      this.#summary = await this.source.summarise();
      this.version += 1;
    } catch {
      this.#summary = null; // Headers stay without profiles; the rows themselves say what is wrong.
    }
  }

  #reset(): void {
    this.#generation += 1;
    this.#pages.clear();
    this.#loading.clear();
    this.#viewCount = null;
    this.#problem = null;
    this.#scroll.reset();
    const box = this.querySelector(".table-scroll");
    if (box !== null) box.scrollTop = 0;
    this.version += 1;
  }

  #scrolled(event: Event): void {
    this.#scroll.scrolled((event.target as HTMLElement).scrollTop);
    if (this.#problem !== null) {
      this.#problem = null;
      this.#loading.clear();
    }
    this.version += 1;
  }

  #sortBy(column: string): void {
    const known = this.#sort.find((one) => one.column === column);
    this.#sort =
      known === undefined ? [{ column, descending: false }] : known.descending ? [] : [{ column, descending: true }];
    this.#reset();
  }

  #filterBy(column: string, value: string): void {
    this.#filters = [...this.#filters.filter((one) => one.column !== column), { column, test: "=", value }];
    this.#reset();
  }

  #unfilter(filter: TableView["filters"][number]): void {
    this.#filters = this.#filters.filter((one) => one !== filter);
    this.#reset();
  }

  #search(text: string): void {
    this.#filters = this.#filters.filter((one) => one.test !== "search");
    if (text !== "") this.#filters = [...this.#filters, { column: "", test: "search", value: text }];
    this.#reset();
  }

  #pin(name: string): void {
    this.#pinned = this.#pinned.includes(name) ? this.#pinned.filter((one) => one !== name) : [...this.#pinned, name];
    this.version += 1;
  }

  #toggle(name: string): void {
    if (!this.#hidden.delete(name)) this.#hidden.add(name);
    this.version += 1;
  }

  #press(event: KeyboardEvent, shown: readonly Column[]): void {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      PageDown: [MOST_VIEW_ROWS, 0],
      PageUp: [-MOST_VIEW_ROWS, 0],
    };
    const move = moves[event.key];
    if (move === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.#cursor ?? { row: -1, column: 0 };
    const row = Math.max(0, Math.min(this.#rows - 1, from.row + move[0]));
    this.#cursor = { row, column: Math.max(0, Math.min(shown.length - 1, from.column + move[1])) };
    const box = (event.currentTarget as HTMLElement).parentElement!;
    box.scrollTop = this.#scroll.show(row);
    this.version += 1;
  }

  async #copy(shown: readonly Column[]): Promise<void> {
    const most = Math.min(this.#rows, 10_000);
    const { arrow } = await this.source.rows(this.#sort, this.#filters, 0, most);
    const table = tableFromIPC(arrow, { useBigInt: true, useDecimalInt: true });
    const lines = [shown.map(({ name }) => name).join("\t")];
    for (let row = 0; row < table.numRows; row++)
      lines.push(
        shown
          .map(({ name, type }) => copyText(table.getChild(name)?.at(row), type).replaceAll(/[\t\n]/g, " "))
          .join("\t"),
      );
    await navigator.clipboard.writeText(lines.join("\n"));
    this.dispatchEvent(
      new CustomEvent("notice", {
        bubbles: true,
        detail: `${integer(table.numRows)} rows copied${most < this.#rows ? "; export takes them all" : ""}.`,
      }),
    );
  }

  #quickChart(shown: readonly Column[]): void {
    this.dispatchEvent(new CustomEvent("quick-chart", { bubbles: true, detail: shown }));
  }
}
customElements.define("db-result-table", ResultTable);

function svgBar(at: number, share: number): ReturnType<typeof svg> {
  const height = Math.max(share > 0 ? 1 : 0, share * 12);
  return svg`<rect x=${at + 0.05} y=${12 - height} width="0.9" height=${height}></rect>`;
}

const share = (count: number, of: number): string =>
  `${((count / Math.max(1, of)) * 100).toFixed(count / of < 0.1 ? 1 : 0)}%`;
