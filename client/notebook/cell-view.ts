import type { Completion } from "@codemirror/autocomplete";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { attributeOf, type Cell, type Kind } from "../../cells/document/document.ts";
import type { InputValue } from "../../cells/kinds/input/input-spec.ts";
import { isMonitoring, KINDS } from "../../cells/kinds/kinds.ts";
import { renderMarkdown } from "../../cells/markdown/render-markdown.ts";
import type { Display } from "../../cells/results/display.ts";
import { cellStatus } from "../../cells/session/cell-status.ts";
import type { CellResult, Problem } from "../../cells/session/operation.ts";
import type { CellStatus, SessionState } from "../../cells/session/state.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import { counted, duration, integer, moment } from "../format.ts";
import { LightElement } from "../light-element.ts";
import { safeHtml } from "../outputs/output.ts";
import type { TableSource } from "../outputs/result-table.ts";
import type { SessionStore } from "../session/store.ts";
import type { ActionName } from "./actions.ts";
import type { CellEditor } from "./editor.ts";
import { inputView } from "./input-view.ts";
import { jobBadge } from "./job-badge.ts";
import { isPromotable } from "./promotable.ts";

type EditorCode = typeof import("./editor.ts");
/** Once it is here, text at rest is coloured as well. */
let editorCode: EditorCode | null = null;
const editorArrived = Promise.withResolvers<void>();

/** Loaded after the page, or with the first editor that somebody opens: reading a notebook needs none. */
export async function loadEditor(): Promise<EditorCode> {
  editorCode = await import("./editor.ts");
  editorArrived.resolve();
  return editorCode;
}
const MOVE_EVERY_MILLIS = 60;
const FOLDED_LOG_LINES = 12;

export interface CellHost {
  readonly store: SessionStore;
  readonly zone: string;
  completions(cell: string): readonly Completion[];
  act(action: ActionName, cell: string): void;
  select(cell: string, mode: "command" | "edit"): void;
  notice(message: string): void;
  /** What was typed between asking for the editor and its arrival. */
  takeTypedEarly(): string;
  exportUrl(cell: string, run: string, format: string): string;
}

/** One cell: its text or its editor, its state in words, its output. */
class CellView extends LightElement {
  static override properties = {
    host: { attribute: false },
    cell: { attribute: false },
    state: { attribute: false },
    selected: { attribute: false },
    mode: { attribute: false },
    jobs: { attribute: false },
    outputHidden: { state: true },
    open: { state: true },
  };
  declare host: CellHost;
  declare cell: Cell;
  declare state: SessionState;
  declare selected: boolean;
  declare mode: "command" | "edit";
  /** Those that run this cell alone. */
  declare jobs: readonly Job[];
  declare outputHidden: boolean;
  /** Prose shows its text only while it is edited; hidden code as well. */
  declare open: boolean;
  /** The editor was asked for and is not there yet. */
  opening = false;
  #editor: CellEditor | null = null;
  #stopTyping: (() => void) | null = null;
  #lastDisplays: readonly Display[] = [];
  #moved: { value: InputValue; timer: ReturnType<typeof setTimeout> } | null = null;

  constructor() {
    super();
    this.outputHidden = false;
    this.open = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (editorCode === null) void editorArrived.promise.then(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closeEditor();
  }

  get status(): CellStatus {
    return cellStatus(this.state, this.cell.id);
  }

  override render(): TemplateResult {
    const { cell } = this;
    const status = this.status;
    const label = cell.name ?? `${KINDS[cell.kind].label} cell`;
    const isProse = cell.kind === "prose";
    const showsCode = isProse ? this.open : this.open || !this.#codeHidden;
    return html`<article id="cell-${cell.id}" class="cell kind-${cell.kind} state-${status.state} ${this.selected ? "selected" : ""} ${this.selected && this.mode === "edit" ? "editing" : ""}"
      aria-label="${label}, ${stateWords(status)}" tabindex=${this.selected ? 0 : -1}
      @focusin=${(event: FocusEvent) => this.#focused(event)} @mousedown=${() => this.#pointed()}>
      ${this.#bar(status)}
      ${showsCode ? this.#code() : nothing}
      ${
        cell.kind === "input"
          ? inputView(
              this.state,
              cell,
              (value) => this.#move(value),
              () => this.#keep(),
            )
          : nothing
      }
      ${this.outputHidden ? html`<button class="small muted" @click=${() => this.toggleOutput()}>Output hidden · show</button>` : this.#output(status)}
    </article>`;
  }

  get #codeHidden(): boolean {
    return this.cell.kind === "input" || attributeOf(this.cell, "code") === "hidden";
  }

  #bar(status: CellStatus): TemplateResult {
    const { cell } = this;
    const run = this.state.runs[cell.id];
    const canRun = KINDS[cell.kind].runs || cell.source.includes("${");
    const rows = run?.result?.table?.rowCount;
    return html`<header class="cell-bar small">
      <span class="cell-kind">${KINDS[cell.kind].label}</span>
      ${
        cell.kind === "prose"
          ? nothing
          : html`<input class="cell-name mono" aria-label="Name" placeholder="name" spellcheck="false" .value=${cell.name ?? ""} size=${Math.max(5, (cell.name ?? "").length + 1)}
        @change=${(event: Event) => this.#rename((event.target as HTMLInputElement).value.trim())} />`
      }
      <span class="cell-state" role="status">${this.#stateView(status)}</span>
      ${this.jobs.map(jobBadge)}
      <span class="space"></span>
      <span class="muted cell-facts">${[
        ...(rows === undefined ? [] : [counted(rows, isMonitoring(cell.kind) ? "reading" : "row")]),
        ...(run?.durationMillis != null && status.state === "fresh" && canRun ? [duration(run.durationMillis)] : []),
      ].join(" · ")}</span>
      <span class="cell-tools">
        ${
          status.state === "running" || status.state === "queued"
            ? html`<button class="small" title="Interrupt (I I)" @click=${() => this.host.act("interrupt", cell.id)}>Cancel</button>`
            : canRun
              ? html`<button class="small" title="Run (Ctrl-Enter)" aria-label="Run ${cell.name ?? "the cell"}" @click=${() => this.host.act("run", cell.id)}>▶ Run</button>`
              : nothing
        }
        ${cell.kind === "prose" || this.#codeHidden ? html`<button class="small" @click=${() => this.#toggleOpen()}>${this.open ? "Done" : "Edit"}</button>` : nothing}
        <details class="menu" @toggle=${placeMenu}><summary aria-label="More">⋯</summary><div>
          ${(["insert-above", "insert-below", "move-up", "move-down", "toggle-code", "toggle-output", ...(isPromotable(cell) ? (["promote"] as const) : []), "delete"] as const).map((action) => html`<button @click=${(event: Event) => this.#menu(event, action)}>${MENU[action]}</button>`)}
        </div></details>
      </span>
    </header>`;
  }

  #stateView(status: CellStatus): TemplateResult | typeof nothing {
    switch (status.state) {
      case "never":
        return KINDS[this.cell.kind].runs ? html`<span class="muted">not run yet</span>` : nothing;
      case "fresh":
        return status.restored
          ? html`<span class="muted" title=${status.since}>from ${moment(status.since, this.host.zone)}</span>`
          : nothing;
      case "stale":
        return html`<span class="verdict-warn">▲ stale: ${status.because}</span>`;
      case "queued":
        return html`<span class="muted">queued, ${status.position}${ordinal(status.position)}</span>`;
      case "running":
        return html`<db-running .since=${status.since} .progress=${this.state.runs[this.cell.id]?.progress ?? null}></db-running>`;
      case "failed":
        return html`<span class="verdict-fail">× failed</span>`;
      case "blocked":
        return html`<span class="verdict-fail">○ not run</span>`;
    }
  }

  #code(): TemplateResult {
    const text = this.host.store.textOf(this.cell.id);
    if (this.#editor !== null) return html`<div class="code editor"></div>`;
    return html`<pre class="code" role="button" tabindex="0" title="Edit" @click=${(event: MouseEvent) => this.edit(event)} @keydown=${(event: KeyboardEvent) => event.key === "Enter" && this.edit()}>${text === "" ? html`<span class="faint">empty</span>` : this.#coloured(text)}</pre>`;
  }

  #colouredText: { readonly text: string; readonly kind: Kind; readonly view: TemplateResult } | null = null;
  #coloured(text: string): TemplateResult | string {
    if (editorCode === null) return text;
    const { kind } = this.cell;
    if (this.#colouredText?.text !== text || this.#colouredText.kind !== kind) {
      const pieces = editorCode.highlighted(kind, text);
      const view = html`${pieces.map((piece) => (piece.classes === "" ? piece.text : html`<span class=${piece.classes}>${piece.text}</span>`))}`;
      this.#colouredText = { text, kind, view };
    }
    return this.#colouredText.view;
  }

  #output(status: CellStatus): TemplateResult | typeof nothing {
    const { cell, state } = this;
    const run = state.runs[cell.id];
    const problem = status.state === "blocked" ? status.because : status.state === "failed" ? status.problem : null;
    if (cell.kind === "prose")
      return html`${this.open ? nothing : html`<div class="prose" @dblclick=${() => this.#toggleOpen()}>${cell.source.trim() === "" ? html`<p class="faint">Empty text</p>` : safeHtml(renderMarkdown(cell.source, run?.result?.texts ?? []))}</div>`}
        ${problem === null ? nothing : this.#problem(problem)}`;
    if (run === undefined) return problem === null ? nothing : this.#problem(problem);
    // Old displays stay on the page until the new run shows its first.
    if (run.displays.length > 0 || run.status !== "running") this.#lastDisplays = run.displays;
    const table = run.result?.table ?? null;
    return html`<div class="output ${status.state === "stale" ? "is-stale" : ""}">
      ${problem === null ? nothing : this.#problem(problem)}
      ${run.logs.length === 0 ? nothing : this.#logs(run.logs)}
      ${this.#lastDisplays.map((display) => html`<db-output .display=${display} .zone=${this.host.zone}></db-output>`)}
      ${
        table === null
          ? nothing
          : isMonitoring(cell.kind)
            ? html`<div class="monitor"><details class="m-fold"><summary class="small muted">${counted(table.rowCount, "reading")} as a table</summary>${this.#table(run.run, table)}</details></div>`
            : this.#table(run.run, table)
      }
    </div>`;
  }

  #table(run: string, { columns, rowCount }: NonNullable<CellResult["table"]>): TemplateResult {
    const { cell } = this;
    return html`<db-result-table .run=${run} .columns=${columns} .rowCount=${rowCount} .zone=${this.host.zone} .source=${this.#source(run)}
      @quick-chart=${(event: CustomEvent) => this.dispatchEvent(new CustomEvent("chart-columns", { bubbles: true, detail: { cell, columns: event.detail } }))}
      @notice=${(event: CustomEvent<string>) => this.host.notice(event.detail)}></db-result-table>`;
  }

  #tableSource: { readonly run: string; readonly source: TableSource } | null = null;
  #source(run: string): TableSource {
    if (this.#tableSource?.run !== run) {
      const { store } = this.host;
      const cell = this.cell.id;
      this.#tableSource = {
        run,
        source: {
          rows: (sort, filters, offset, limit) => store.rows({ cell, run, sort, filters }, offset, limit),
          summarise: () => store.summarise(cell, run),
          exportUrl: (format) => this.host.exportUrl(cell, run, format),
        },
      };
    }
    return this.#tableSource!.source;
  }

  #problem(problem: Problem): TemplateResult {
    const [first = "", ...rest] = problem.message.split("\n");
    return html`<div class="problem" role="alert">
      <p><span aria-hidden="true">×</span> ${first}${problem.line === undefined ? nothing : html` <button class="small link" @click=${() => void this.#goTo(problem)}>line ${problem.line}${problem.column === undefined ? "" : `, column ${problem.column}`}</button>`}</p>
      ${problem.hint === undefined ? nothing : html`<p class="muted">${problem.hint}</p>`}
      ${rest.length === 0 ? nothing : html`<details><summary class="small muted">Details</summary><pre>${rest.join("\n")}</pre></details>`}
    </div>`;
  }

  #logs(logs: readonly { stream: "out" | "error"; text: string }[]): TemplateResult {
    const text = logs.map((log) => html`<span class="log-${log.stream}">${log.text}</span>`);
    const lines = logs.reduce((sum, log) => sum + log.text.split("\n").length - 1, 0);
    const body = html`<pre class="log" tabindex="0" role="region" aria-label="Printed text">${text}</pre>`;
    return lines > FOLDED_LOG_LINES
      ? html`<details class="log-fold"><summary class="small muted">${integer(lines)} printed lines</summary>${body}</details>`
      : body;
  }

  override updated(_changed: PropertyValues): void {
    const place = this.querySelector(".code.editor");
    if (place !== null && this.#editor !== null && !place.contains(this.#editorPlace)) place.append(this.#editorPlace!);
    const status = this.status;
    this.#editor?.mark(
      status.state === "failed"
        ? status.problem
        : status.state === "blocked" && status.cells.includes(this.cell.id)
          ? status.because
          : null,
    );
    if (this.#editor !== null && !this.#editor.hasFocus) this.#editor.replace(this.host.store.textOf(this.cell.id));
  }

  #editorPlace: HTMLElement | null = null;

  /** Opens the editor, if need be, and puts the cursor into it. */
  async edit(event?: MouseEvent): Promise<void> {
    this.open = true;
    event?.preventDefault();
    this.host.select(this.cell.id, "edit");
    this.opening = true;
    if (this.#editor === null) {
      const { CellEditor } = await loadEditor().catch((error: unknown) => {
        this.opening = false;
        throw error;
      });
      if (this.#editor === null) {
        const { cell, host } = this;
        this.#editorPlace = document.createElement("div");
        this.#editor = new CellEditor({
          parent: this.#editorPlace,
          kind: cell.kind,
          text: host.store.textOf(cell.id),
          label: `Text of ${cell.name ?? KINDS[cell.kind].label}`,
          onType: (changes) => host.store.type(cell.id, changes),
          completions: () => host.completions(cell.id),
          onKey: (key) => this.#key(key),
        });
        this.#stopTyping = host.store.onTyped(cell.id, (changes) => this.#editor?.apply(changes));
        this.requestUpdate();
        await this.updateComplete;
      }
    }
    this.opening = false;
    this.#editor.focus(event === undefined ? null : { x: event.clientX, y: event.clientY });
    this.#editor.insert(this.host.takeTypedEarly());
  }

  leave(): void {
    if (this.cell.kind === "prose" || this.#codeHidden) {
      this.open = false;
      this.#closeEditor();
      this.requestUpdate();
    }
  }

  insert(text: string): void {
    void this.edit().then(() => this.#editor?.insert(text));
  }

  toggleOutput(): void {
    this.outputHidden = !this.outputHidden;
  }

  #key(key: "run" | "run-next" | "run-insert" | "leave" | "above" | "below"): boolean {
    if (key === "above" || key === "below") {
      this.host.act(key === "above" ? "previous" : "next", this.cell.id);
      return false;
    }
    this.host.act(key === "leave" ? "leave" : key, this.cell.id);
    return true;
  }

  #closeEditor(): void {
    this.#stopTyping?.();
    this.#stopTyping = null;
    this.#editor?.destroy();
    this.#editor = null;
    this.#editorPlace = null;
  }

  /** After the kind changed: another language. */
  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("cell") as Cell | undefined;
    if (before !== undefined && before.kind !== this.cell.kind) this.#closeEditor();
  }

  #toggleOpen(): void {
    if (this.open) {
      this.host.act("leave", this.cell.id);
      this.leave();
    } else void this.edit();
  }

  #menu(event: Event, action: ActionName): void {
    (event.target as Element).closest("details")?.removeAttribute("open");
    this.host.act(action, this.cell.id);
  }

  #focused(event: FocusEvent): void {
    const inEditor = (event.target as Element).closest(".cm-editor") !== null;
    this.host.select(this.cell.id, inEditor ? "edit" : "command");
  }

  #pointed(): void {
    if (!this.selected) this.host.select(this.cell.id, "command");
  }

  #rename(name: string): void {
    if (name === (this.cell.name ?? "")) return;
    this.host.store
      .request({ type: "rename", cell: this.cell.id, name: name === "" ? null : name })
      .catch((error: Error) => {
        this.host.notice(error.message);
        this.requestUpdate();
      });
  }

  /** A slider moves faster than queries run: only the latest value is sent, a few times a second. */
  #move(value: InputValue): void {
    if (this.#moved !== null) {
      this.#moved.value = value;
      return;
    }
    const moved = { value, timer: setTimeout(() => this.#sendMove(), MOVE_EVERY_MILLIS) };
    this.#moved = moved;
  }

  #sendMove(): void {
    const value = this.#moved?.value ?? null;
    this.#moved = null;
    this.host.store
      .request({ type: "move-input", cell: this.cell.id, value })
      .catch((error: Error) => this.host.notice(error.message));
  }

  #keep(): void {
    this.host.store
      .request({ type: "keep-as-default", cell: this.cell.id })
      .catch((error: Error) => this.host.notice(error.message));
  }

  async #goTo(problem: Problem): Promise<void> {
    await this.edit();
    this.#editor?.goTo(problem.line ?? 1, problem.column ?? 1);
  }
}
customElements.define("db-cell", CellView);

const MENU = {
  "insert-above": "Insert above",
  "insert-below": "Insert below",
  "move-up": "Move up",
  "move-down": "Move down",
  "toggle-code": "Show or hide code",
  "toggle-output": "Show or hide output",
  promote: "Promote to job…",
  delete: "Delete",
} as const;

function stateWords(status: CellStatus): string {
  return status.state === "stale" ? `stale, ${status.because}` : status.state === "never" ? "not run" : status.state;
}

const ordinal = (n: number): string =>
  n % 10 === 1 && n % 100 !== 11
    ? "st"
    : n % 10 === 2 && n % 100 !== 12
      ? "nd"
      : n % 10 === 3 && n % 100 !== 13
        ? "rd"
        : "th";

/** "running 3.2 s · 40 %", counted here so that the rest of the page stands still. */
class Running extends LightElement {
  static override properties = { since: { attribute: false }, progress: { attribute: false }, tick: { state: true } };
  declare since: string;
  declare progress: { fraction: number | null; message: string | null } | null;
  declare tick: number;
  #timer: ReturnType<typeof setInterval> | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.tick = 0;
    this.#timer = setInterval(() => {
      this.tick += 1;
    }, 200);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  override render(): TemplateResult {
    const elapsed = Math.max(0, Date.now() - Date.parse(this.since));
    const { fraction = null, message = null } = this.progress ?? {};
    return html`<span class="running">running ${duration(elapsed)}${fraction === null ? nothing : html` · ${Math.round(fraction * 100)} % <progress max="1" value=${fraction} aria-label="Progress"></progress>`}${message === null ? nothing : html` · ${message}`}</span>`;
  }
}
customElements.define("db-running", Running);

/** Upwards where there is no room below. */
function placeMenu({ currentTarget }: Event): void {
  const menu = currentTarget as HTMLDetailsElement;
  const list = menu.querySelector("div")!;
  list.style.bottom = "";
  const { bottom, height } = list.getBoundingClientRect();
  if (bottom > innerHeight && menu.getBoundingClientRect().top > height) list.style.bottom = "100%";
}
