import { html, nothing, svg, type TemplateResult } from "lit";
import { KINDS } from "../../cells/kinds/kinds.ts";
import { outlineOf } from "../../cells/markdown/outline.ts";
import { cellStatus } from "../../cells/session/cell-status.ts";
import { sessionGraph } from "../../cells/session/derived.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { RelationsView, RelationView } from "../../cells/wire/http-workspace.ts";
import { ask } from "../api.ts";
import { compact, integer } from "../format.ts";
import { LightElement } from "../light-element.ts";

type Face = "outline" | "variables" | "data";
const FACES: Readonly<Record<Face, string>> = { outline: "Outline", variables: "Variables", data: "Data" };

/** Beside the cells: where things are, what they are, and what there is to query. */
class Sidebar extends LightElement {
  static override properties = {
    state: { attribute: false },
    selected: { attribute: false },
    face: { state: true },
    relations: { state: true },
    problem: { state: true },
  };
  declare state: SessionState;
  declare selected: string | null;
  declare face: Face;
  declare relations: RelationsView | null;
  declare problem: string | null;

  constructor() {
    super();
    this.face = "outline";
    this.relations = null;
    this.problem = null;
  }

  override render(): TemplateResult {
    return html`<div class="tabs" role="tablist" aria-label="Sidebar">
        ${(Object.keys(FACES) as Face[]).map((face) => html`<button role="tab" id="tab-${face}" aria-selected=${face === this.face} aria-controls="side-panel" @click=${() => this.#turn(face)}>${FACES[face]}</button>`)}
      </div>
      <div id="side-panel" role="tabpanel" aria-labelledby="tab-${this.face}" class="side-panel">
        ${this.face === "outline" ? this.#outline() : this.face === "variables" ? this.#variables() : this.#data()}
      </div>`;
  }

  #turn(face: Face): void {
    this.face = face;
    if (face === "data") void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.relations = await ask<RelationsView>("/api/relations");
      this.problem = null;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #go(cell: string): void {
    this.dispatchEvent(new CustomEvent("go-to-cell", { bubbles: true, detail: cell }));
  }

  #outline(): TemplateResult {
    const headings = this.state.document.cells.flatMap((cell) =>
      cell.kind === "prose" ? outlineOf(cell.source).map((heading) => ({ ...heading, cell: cell.id })) : [],
    );
    return html`
      <ul class="outline">${headings.map((heading) => html`<li style="padding-left:${(heading.level - 1) * 12}px"><button @click=${() => this.#go(heading.cell)}>${heading.text}</button></li>`)}</ul>
      <h3 class="side-title">Dataflow</h3>
      ${this.#graph()}`;
  }

  /** Cells in the order of the notebook; an arc from each to those that read it. */
  #graph(): TemplateResult {
    const graph = sessionGraph(this.state);
    const cells = this.state.document.cells.filter(
      (cell) => (graph.parents.get(cell.id)?.length ?? 0) + (graph.children.get(cell.id)?.length ?? 0) > 0,
    );
    if (cells.length === 0) return html`<p class="empty small">Cells that read each other's names appear here.</p>`;
    const row = 24;
    const at = new Map(cells.map((cell, i) => [cell.id, i * row + 14]));
    const arcs = cells.flatMap((cell) =>
      (graph.parents.get(cell.id) ?? []).map((parent) => {
        const [from, to] = [at.get(parent) ?? 0, at.get(cell.id) ?? 0];
        const lit = parent === this.selected || cell.id === this.selected;
        const bend = 10 + Math.min(60, Math.abs(to - from) / 4);
        return svg`<path class=${lit ? "arc lit" : "arc"} d="M 70 ${from} C ${70 - bend} ${from}, ${70 - bend} ${to}, 70 ${to}"></path>`;
      }),
    );
    return html`<div class="graph" style="height:${cells.length * row + 8}px">
      <svg width="76" height=${cells.length * row + 8} aria-hidden="true">${arcs}</svg>
      <ul>${cells.map((cell) => {
        const state = cellStatus(this.state, cell.id).state;
        const near =
          cell.id === this.selected ||
          graph.parents.get(this.selected ?? "")?.includes(cell.id) ||
          graph.children.get(this.selected ?? "")?.includes(cell.id);
        return html`<li><button class="${near ? "near" : ""}" title="${KINDS[cell.kind].label}, ${state}" @click=${() => this.#go(cell.id)}><i class="dot state-${state}"></i>${cell.name ?? (cell.kind === "prose" ? "text" : cell.id)}</button></li>`;
      })}</ul>
    </div>`;
  }

  #variables(): TemplateResult {
    const rows = this.state.document.cells.flatMap((cell) => {
      const run = this.state.runs[cell.id];
      const table = run?.result?.table;
      if (table != null && cell.name !== null)
        return [
          {
            cell: cell.id,
            name: cell.name,
            type: "table",
            size: `${integer(table.rowCount)} × ${table.columns.length}`,
            preview: table.columns.map((column) => column.name).join(", "),
          },
        ];
      return (run?.result?.variables ?? []).map((variable) => ({ cell: cell.id, ...variable }));
    });
    if (rows.length === 0)
      return html`<p class="empty small">Names that cells define appear here once they have run.</p>`;
    return html`<ul class="variables">${rows.map(
      (row) => html`<li><button @click=${() => this.#go(row.cell)}>
      <b class="mono">${row.name}</b> <span class="muted small">${row.type}${row.size === null ? "" : ` ${row.size}`}</span>
      <span class="muted small mono preview">${row.preview}</span></button></li>`,
    )}</ul>`;
  }

  #data(): TemplateResult {
    if (this.problem !== null)
      return html`<p class="verdict-fail small">${this.problem} <button class="small" @click=${() => void this.#load()}>Try again</button></p>`;
    if (this.relations === null) return html`<p class="muted small">Looking at the streams …</p>`;
    const { relations } = this.relations;
    const hasOwn = relations.some(({ kind }) => kind !== "monitor");
    return html`${hasOwn ? nothing : html`<p class="empty small">No streams and no files under data/ yet.</p>`}${relations.map((relation) => this.#relation(relation))}`;
  }

  #relation(relation: RelationView): TemplateResult {
    return html`<details class="relation">
      <summary title=${relation.about ?? nothing}><b class="mono">${relation.name}</b> <span class="muted small">${relation.rowCount === null ? "" : `${compact(relation.rowCount)} rows`}</span></summary>
      ${relation.problem === null ? nothing : html`<p class="verdict-fail small">${relation.problem}</p>`}
      <button class="small" @click=${() => this.#insert(relation.name)}>Insert name</button>
      <ul>${relation.columns.map((column) => {
        const most = Math.max(1, ...(column.bins ?? [1]));
        return html`<li><button title=${column.about !== null ? column.about : column.top === null ? column.type : column.top.map(({ value, count }) => `${value}: ${integer(count)}`).join("\n")} @click=${() => this.#insert(column.name)}>
          <span class="mono">${column.name}</span><span class="muted small">${column.type.toLowerCase()}</span>
          ${column.missing !== null && column.missing > 0 ? html`<span class="verdict-warn small">${(column.missing * 100).toFixed(0)}%</span>` : nothing}
          ${column.bins === null ? nothing : html`<svg class="mini" viewBox="0 0 ${column.bins.length} 10" preserveAspectRatio="none" aria-hidden="true">${column.bins.map((count, i) => svg`<rect x=${i} y=${10 - (10 * count) / most} width="0.9" height=${(10 * count) / most}></rect>`)}</svg>`}
        </button></li>`;
      })}</ul>
    </details>`;
  }

  #insert(text: string): void {
    this.dispatchEvent(new CustomEvent("insert-text", { bubbles: true, detail: text }));
  }
}
customElements.define("db-sidebar", Sidebar);
