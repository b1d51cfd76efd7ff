import type { Completion } from "@codemirror/autocomplete";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { attributeOf, type Cell, contentOf, findCell, type Kind, lastingId } from "../../cells/document/document.ts";
import { KINDS } from "../../cells/kinds/kinds.ts";
import { cellStatus } from "../../cells/session/cell-status.ts";
import type { CellContent, Column, Operation, ProcessView } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { WorkspaceView } from "../../cells/wire/http-workspace.ts";
import { ask, notebookApi } from "../api.ts";
import { integer, moment } from "../format.ts";
import { LightElement } from "../light-element.ts";
import { SessionStore, type Wish } from "../session/store.ts";
import { webSocketLine } from "../session/web-socket-line.ts";
import { applyTheme, nextTheme, savedTheme } from "../theme.ts";
import { type ActionName, KeyMap, pressName } from "./actions.ts";
import { type CellHost, loadEditor } from "./cell-view.ts";
import { completionsOf, relationsOf } from "./completions.ts";
import { jobBadge } from "./job-badge.ts";
import { NotebookJobs } from "./notebook-jobs.ts";
import { promotableFrom } from "./promotable.ts";
import { quickChart } from "./quick-chart.ts";
import "./sidebar.ts";
import "../outputs/result-table.ts";
import "../styles/notebook.css";

type CellElement = HTMLElement & {
  readonly updateComplete: Promise<boolean>;
  readonly opening: boolean;
  edit(): Promise<void>;
  leave(): void;
  insert(text: string): void;
  toggleOutput(): void;
};
const SAY_LOST_AFTER_MILLIS = 1000;
const TOAST_MILLIS = 8000;
const EDITOR_AFTER_MILLIS = 500;
const SIDEBAR_KEY = "driftbook-sidebar";

interface Toast {
  readonly text: string;
  readonly undo: boolean;
  readonly link: { readonly words: string; readonly address: string } | null;
}

/** One notebook: head bar, cells, sidebar; every action of the keyboard goes through `act`. */
class NotebookPage extends LightElement implements CellHost {
  static override properties = {
    path: { attribute: false },
    version: { state: true },
    selected: { state: true },
    mode: { state: true },
    sidebar: { state: true },
    toast: { state: true },
  };
  declare path: string;
  declare version: number;
  declare selected: string | null;
  declare mode: "command" | "edit";
  declare sidebar: boolean;
  declare toast: Toast | null;
  store!: SessionStore;
  zone = "UTC";
  readonly #keys = new KeyMap();
  #copied: CellContent | null = null;
  #said = "";
  #typedEarly = "";
  #toastTimer: ReturnType<typeof setTimeout> | null = null;
  #resizer: ResizeObserver | null = null;
  #relations: readonly Completion[] = [];
  readonly #jobs = new NotebookJobs(() => {
    this.version += 1;
  });
  readonly #onKey = (event: KeyboardEvent): void => this.#press(event);
  readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
    if (this.store.hasUnsent) event.preventDefault();
  };

  constructor() {
    super();
    this.version = 0;
    this.selected = null;
    this.mode = "command";
    this.toast = null;
    this.sidebar = localStorage.getItem(SIDEBAR_KEY) !== "closed" && innerWidth > 900;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const client = `tab-${crypto.randomUUID().slice(0, 8)}`;
    this.store = new SessionStore(webSocketLine(this.path), client, Math.min(820, innerWidth - 32));
    this.store.observe((operations) => this.#heard(operations));
    this.store.connect();
    addEventListener("keydown", this.#onKey);
    addEventListener("beforeunload", this.#beforeUnload);
    this.addEventListener("insert-text", (event) =>
      this.#cellElement(this.selected)?.insert((event as CustomEvent<string>).detail),
    );
    this.addEventListener("go-to-cell", (event) => this.#goTo((event as CustomEvent<string>).detail));
    this.addEventListener("chart-columns", (event) =>
      this.#chartOf((event as CustomEvent<{ cell: Cell; columns: readonly Column[] }>).detail),
    );
    this.addEventListener("threshold-moved", (event) =>
      this.#moveInput((event as CustomEvent<{ input: string; value: number }>).detail),
    );
    void this.#learnWorkspace();
    this.#jobs.follow(this.path);
    // Reading needs no editor, so it comes after the page and before it is needed.
    setTimeout(() => void loadEditor(), EDITOR_AFTER_MILLIS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#jobs.close();
    this.store.close();
    this.#resizer?.disconnect();
    removeEventListener("keydown", this.#onKey);
    removeEventListener("beforeunload", this.#beforeUnload);
  }

  override updated(): void {
    const column = this.querySelector(".cells");
    if (column === null || this.#resizer !== null) return;
    // Charts are drawn for the width of an output; the kernel is told when that changes.
    this.#resizer = new ResizeObserver(([entry]) =>
      this.store.resize(Math.round(Math.max(240, (entry?.contentRect.width ?? 720) - 24))),
    );
    this.#resizer.observe(column);
  }

  override render(): TemplateResult {
    const { state } = this.store;
    const { endedBecause } = this.store;
    if (endedBecause !== null)
      return html`<div class="page"><h1>${this.path}</h1><p class="notice fail">${endedBecause}</p><a href="/">Go home</a></div>`;
    if (state === null)
      return html`${this.#head()}<div class="page"><p class="muted" role="status">${this.#lost && !this.store.signedOut ? "Reconnecting …" : "Opening …"}</p></div>`;
    const title = state.document.frontMatter.title ?? this.path;
    document.title = `${title} · Driftbook`;
    const { cells } = state.document;
    return html`${this.#head()}
      <div class="notebook ${this.sidebar ? "with-sidebar" : ""}">
        <section class="cells" aria-label="Cells">
          ${cells.length === 0 ? this.#empty() : this.#between(0)}
          ${repeat(
            cells,
            (cell) => cell.id,
            (cell, index) => html`
            <db-cell data-cell=${cell.id} .host=${this} .cell=${cell} .state=${state} .selected=${cell.id === this.selected} .mode=${this.mode} .jobs=${this.#jobs.of(cell)}></db-cell>
            ${this.#between(index + 1)}`,
          )}
        </section>
        ${this.sidebar ? html`<aside class="sidebar" aria-label="Sidebar"><db-sidebar .state=${state} .selected=${this.selected}></db-sidebar></aside>` : nothing}
      </div>
      <div class="visually-hidden" aria-live="polite">${this.#said}</div>
      ${this.toast === null ? nothing : html`<div class="toast" role="status">${this.toast.text}${this.toast.undo ? html`<button @click=${() => this.act("restore")}>Undo</button>` : nothing}${this.toast.link === null ? nothing : html`<a href=${this.toast.link.address}>${this.toast.link.words}</a>`}</div>`}`;
  }

  get #lost(): boolean {
    const { lostSince } = this.store;
    return lostSince !== null && Date.now() - lostSince > SAY_LOST_AFTER_MILLIS;
  }

  #head(): TemplateResult {
    const { state } = this.store;
    const stale =
      state === null
        ? 0
        : state.document.cells.filter((cell) => ["stale", "never"].includes(cellStatus(state, cell.id).state)).length;
    const busy = state !== null && (state.running !== null || state.queue.length > 0);
    return html`<header class="top head">
      <a class="brand" href="/" aria-label="Home"><img src="/icon.svg" alt="" /></a>
      <input class="title" aria-label="Title" .value=${state?.document.frontMatter.title ?? this.path} ?disabled=${state === null}
        @change=${(event: Event) => this.#ask({ type: "set-title", title: (event.target as HTMLInputElement).value })} />
      ${this.#jobs.of(null).map(jobBadge)}
      <span class="small muted save-state">${this.#saveState()}</span>
      <span class="space"></span>
      ${
        state === null
          ? nothing
          : html`
        <label class="small hide-narrow">Window <input class="window-input mono" type="text" placeholder="none" aria-label="Window" title=${state.window.resolved === null ? "A window such as last 28 days, 2026-03 or 2026-03-01/2026-04-01" : `${state.window.resolved.start} to ${state.window.resolved.end}, half-open`}
          .value=${state.window.text ?? ""} @change=${(event: Event) => this.#ask({ type: "set-window", window: (event.target as HTMLInputElement).value.trim() || null })} /></label>
        <span class="small as-of hide-narrow" title=${state.asOf ?? ""}>${state.asOf === null ? html`<span class="muted">no as-of yet</span>` : html`as of <b>${moment(state.asOf, this.zone)}</b>`}
          ${state.newerEvents > 0 ? html`<span class="muted">· ${integer(state.newerEvents)} newer</span>` : nothing}
          <button class="small outlined" @click=${() => this.act("refresh")}>Refresh</button></span>
        ${this.#processes(state.processes.kernel, state.processes.engine)}
        <button class="small hide-narrow" title="Automatic: what depends on a change runs by itself. Manual: it goes stale." @click=${() => this.act("mode")}>${state.mode === "automatic" ? "Automatic" : "Manual"}</button>
        ${busy ? html`<button class="small outlined" @click=${() => this.act("interrupt")}>Interrupt</button>` : nothing}
        <button class="small primary" ?disabled=${busy} @click=${() => this.act(state.begun && stale > 0 ? "run-stale" : "run-all")}>${state.begun && stale > 0 ? `Run ${stale} stale` : "Run all"}</button>`
      }
      <button class="small hide-narrow" title="Show or hide the sidebar" aria-pressed=${this.sidebar} @click=${() => this.act("sidebar")}>Sidebar</button>
      <button class="small" title="Find an action (Ctrl-K)" @click=${() => this.act("palette")}>⌘K</button>
    </header>
    ${this.#lost ? html`<div class="line-lost small" role="status">${this.store.signedOut ? "You are signed out. Open the link that driftbook serve printed in another tab: this page then goes on, with what you typed." : "Reconnecting … what you type is kept here."}</div>` : nothing}
    ${state?.saveProblem == null ? nothing : html`<div class="line-lost small" role="alert">Not saved: ${state.saveProblem}</div>`}`;
  }

  #saveState(): string {
    const { state } = this.store;
    if (state === null) return "";
    if (this.store.hasUnsent) return "editing …";
    return state.saved === null ? "" : `saved ${moment(state.saved.at, this.zone)}`;
  }

  #processes(kernel: ProcessView, engine: ProcessView): TemplateResult {
    return html`<span class="processes small hide-narrow">${(
      [
        ["TypeScript", kernel],
        ["SQL", engine],
      ] as const
    ).map(
      ([name, view]) =>
        html`<span title="${name}: ${view.phase}. ${view.message ?? ""} ${view.hint ?? ""}"><i class="dot phase-${view.phase}"></i>${name}<span class="visually-hidden"> ${view.phase}</span></span>`,
    )}</span>`;
  }

  #between(index: number): TemplateResult {
    return html`<div class="between" role="group" aria-label="Insert a cell here">
      ${(["prose", "sql", "ts", "input", "drift", "kpi", "check"] as const).map((kind) => html`<button class="small" tabindex="-1" @click=${() => void this.#insert(index, kind)}>+ ${KINDS[kind].label}</button>`)}
    </div>`;
  }

  /** A threshold that was dragged in a chart moves the input that it came from. */
  #moveInput({ input, value }: { readonly input: string; readonly value: number }): void {
    const cell = this.store.state?.document.cells.find((one) => one.name === input && one.kind === "input");
    if (cell === undefined) return;
    this.store
      .request({ type: "move-input", cell: cell.id, value })
      .catch((error: Error) => this.notice(error.message));
  }

  #empty(): TemplateResult {
    return html`<div class="empty"><p>An empty notebook. Begin with a question in SQL, a chart in TypeScript, or a sentence.</p>
      <p>${(["sql", "ts", "prose", "input", "drift", "kpi", "check"] as const).map((kind) => html`<button class="outlined" @click=${() => void this.#insert(0, kind)}>+ ${KINDS[kind].label}</button> `)}</p></div>`;
  }

  // What cells ask of the page.

  completions(cell: string): readonly Completion[] {
    const { state } = this.store;
    if (state === null) return [];
    return completionsOf(state, cell, { relations: this.#relations, textOf: (one) => this.store.textOf(one) });
  }

  select(cell: string, mode: "command" | "edit"): void {
    this.selected = cell;
    this.mode = mode;
    if (mode === "command") this.#typedEarly = "";
  }

  takeTypedEarly(): string {
    const typed = this.#typedEarly;
    this.#typedEarly = "";
    return typed;
  }

  notice(message: string, undo = false, link: Toast["link"] = null): void {
    if (this.#toastTimer !== null) clearTimeout(this.#toastTimer);
    this.toast = { text: message, undo, link };
    this.#toastTimer = setTimeout(() => {
      this.toast = null;
    }, TOAST_MILLIS);
  }

  exportUrl(cell: string, run: string, format: string): string {
    return `${notebookApi(this.path)}/results/${encodeURIComponent(cell)}?format=${format}&run=${encodeURIComponent(run)}`;
  }

  act(action: ActionName, cell: string | null = this.selected): void {
    void this.#perform(action, cell).catch((error: unknown) =>
      this.notice(error instanceof Error ? error.message : String(error)),
    );
  }

  async #perform(action: ActionName, id: string | null): Promise<void> {
    const { state } = this.store;
    if (state === null) return;
    const { cells } = state.document;
    const index = cells.findIndex((cell) => cell.id === id);
    const cell = cells[index];
    switch (action) {
      case "run":
      case "run-next":
      case "run-insert":
        if (cell === undefined) return;
        // The run must see what was just typed.
        await this.store.settled();
        await this.store.request({ type: "run", cells: [cell.id] });
        if (action === "run-insert" || (action === "run-next" && index === cells.length - 1))
          return this.#insert(index + 1, cell.kind === "input" ? "sql" : cell.kind);
        if (action === "run-next") this.#leaveTo(index + 1);
        else this.#cellElement(cell.id)?.leave();
        return;
      case "run-all":
      case "run-stale":
        await this.store.settled();
        await this.store.request({ type: "run", cells: action === "run-all" ? "all" : "stale" });
        return;
      case "interrupt":
        await this.store.request({ type: "interrupt" });
        return;
      case "restart":
        await this.store.request({ type: "restart" });
        this.notice("Kernel and engine were restarted.");
        return;
      case "edit":
        await this.#cellElement(id)?.edit();
        return;
      case "leave":
        leaveEditor();
        this.#cellElement(id)?.leave();
        this.mode = "command";
        await this.updateComplete;
        this.#article(id)?.focus();
        return;
      case "next":
      case "previous":
        return this.#leaveTo(index + (action === "next" ? 1 : -1));
      case "insert-above":
      case "insert-below":
        return this.#insert(
          Math.max(0, index + (action === "insert-below" ? 1 : 0)),
          cell?.kind === "prose" || cell?.kind === "ts" ? cell.kind : "sql",
        );
      case "delete":
        if (cell === undefined) return;
        await this.store.request({ type: "delete", cell: cell.id });
        this.#leaveTo(Math.min(index, cells.length - 2));
        return this.notice(`${cell.name ?? `The ${KINDS[cell.kind].label} cell`} was deleted.`, true);
      case "restore": {
        const last = state.trash.at(-1);
        if (last === undefined) return this.notice("There is no deleted cell to bring back.");
        await this.store.request({ type: "restore", cell: last.cell.id });
        this.toast = null;
        return this.#goTo(last.cell.id);
      }
      case "copy":
      case "cut":
        if (cell === undefined) return;
        this.#copied = contentOf(cell);
        if (action === "cut") return this.#perform("delete", id);
        return this.notice("The cell was copied.");
      case "paste":
        if (this.#copied === null) return;
        return this.#insert(index + 1, this.#copied.kind, this.#copied.source, this.#copied.attributes);
      case "to-prose":
      case "to-ts":
      case "to-sql":
      case "to-input":
      case "to-drift":
      case "to-kpi":
      case "to-check":
        if (cell === undefined) return;
        await this.store.request({ type: "set-kind", cell: cell.id, kind: action.slice(3) as Kind });
        return;
      case "toggle-output":
        this.#cellElement(id)?.toggleOutput();
        return;
      case "toggle-code":
        if (cell === undefined) return;
        await this.store.request({
          type: "set-attribute",
          cell: cell.id,
          key: "code",
          value: attributeOf(cell, "code") === "hidden" ? null : "hidden",
        });
        return;
      case "move-up":
      case "move-down": {
        const to = index + (action === "move-up" ? -1 : 1);
        if (cell === undefined || to < 0 || to >= cells.length) return;
        await this.store.request({ type: "move", cell: cell.id, index: to });
        return;
      }
      case "save":
        await this.store.settled();
        await this.store.request({ type: "save" });
        return this.notice("Saved.");
      case "refresh":
        await this.store.request({ type: "refresh", asOf: null });
        return;
      case "mode":
        await this.store.request({ type: "set-mode", mode: state.mode === "automatic" ? "manual" : "automatic" });
        return;
      case "clear-outputs":
        await this.store.request({ type: "clear-outputs", cells: cells.map((one) => one.id) });
        return;
      case "palette": {
        const { choosePalette } = await import("./palette.ts");
        const chosen = await choosePalette();
        if (chosen !== null) await this.#perform(chosen, id);
        return;
      }
      case "help":
        return (await import("./palette.ts")).showKeys();
      case "sidebar":
        this.sidebar = !this.sidebar;
        localStorage.setItem(SIDEBAR_KEY, this.sidebar ? "open" : "closed");
        return;
      case "theme":
        return applyTheme(nextTheme(savedTheme()));
      case "promote": {
        const runs = promotableFrom(state.document.cells, Math.max(0, index));
        if (runs !== null) return this.#promote(runs);
        return this.notice("From here on nothing runs: choose a cell that does, or promote the whole notebook.");
      }
      case "promote-notebook":
        return this.#promote(null);
      case "publish":
        return this.#publish();
      case "home":
        dispatchEvent(new CustomEvent("driftbook-go", { detail: "/" }));
        return;
    }
  }

  /** Null promotes the whole notebook. */
  async #promote(cell: Cell | null): Promise<void> {
    // The server freezes what it has: what was just typed must be there.
    await this.store.settled();
    const { state } = this.store;
    if (state === null) return;
    const moved = movedInputs(state);
    const { openPromotion } = await import("../pages/promote.ts");
    const job = await openPromotion({
      notebook: this.path,
      cell: cell === null ? null : lastingId(cell),
      kind: cell !== null && cell.name === null ? cell.kind : null,
      window: state.window.text,
      moved,
      job: state.document.frontMatter.job,
    });
    if (job === null) return;
    await this.#jobs.refresh();
    this.notice(`${job.name} runs version ${job.version} from now on.`, false, {
      words: "Open the job",
      address: `/jobs/${encodeURIComponent(job.name)}`,
    });
  }

  async #publish(): Promise<void> {
    await this.store.settled();
    const { state } = this.store;
    if (state === null) return;
    const { openPublish } = await import("../pages/report-publish.ts");
    const done = await openPublish({
      notebook: this.path,
      title: state.document.frontMatter.title ?? this.path.replace(/\.nb\.md$/, ""),
      moved: movedInputs(state),
      window: state.window.text,
    });
    if (done === null) return;
    this.notice(`Revision ${done.revision.number} is published.`, false, {
      words: "Open its page",
      address: `/reports/${encodeURIComponent(done.revision.slug)}`,
    });
  }

  #press(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const writes = target.closest(".cm-editor, input, textarea, select, dialog") !== null;
    const name = pressName(event);
    // The editor was asked for and is on its way: what is typed is for it.
    if (
      !writes &&
      this.#cellElement(this.selected)?.opening === true &&
      event.key.length === 1 &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey
    ) {
      event.preventDefault();
      this.#typedEarly += event.key;
      return;
    }
    const isGlobal = name.startsWith("Mod-") && name !== "Mod-Enter";
    if (writes && !isGlobal) return;
    if (!writes) this.mode = "command";
    if (event.key === "Enter" && target.closest("button, a, summary, pre.code") !== null && name === "Enter") return;
    if (isGlobal && !["Mod-k", "Mod-s"].includes(name)) return;
    const action = this.#keys.press(name, event.timeStamp);
    if (action === null) return;
    event.preventDefault();
    if (this.selected === null) this.selected = this.store.state?.document.cells[0]?.id ?? null;
    this.act(action);
  }

  async #insert(index: number, kind: Kind, source?: string, attributes: CellContent["attributes"] = []): Promise<void> {
    const cell = { kind, name: null, source: source ?? KINDS[kind].defaultSource, attributes };
    const id = (await this.store.request({ type: "insert", index, cell })) as string | undefined;
    if (id === undefined) return;
    this.select(id, source === undefined ? "edit" : "command");
    await this.updateComplete;
    if (source === undefined) await this.#cellElement(id)?.edit();
    else this.#goTo(id);
  }

  /** A Plot cell below that draws these columns. */
  #chartOf({ cell, columns }: { cell: Cell; columns: readonly Column[] }): void {
    if (cell.name === null) return this.notice("Name the cell first: the chart reads it by its name.");
    const index = this.store.state!.document.cells.findIndex((one) => one.id === cell.id);
    void this.#insert(index + 1, "ts", quickChart(cell.name, columns)).then(() => this.act("run"));
  }

  #ask(wish: Wish): void {
    this.store.request(wish).catch((error: Error) => {
      this.notice(error.message);
      this.version += 1;
    });
  }

  #heard(operations: readonly Operation[]): void {
    if (operations.some(({ type }) => changesText(type))) this.#jobs.textChanged();
    for (const operation of operations)
      if (operation.type === "run-ended") {
        const name = findCell(this.store.state!.document, operation.cell)?.name ?? "A cell";
        this.#said =
          operation.status === "ok" ? `${name} has run` : `${name}: ${operation.error?.message ?? operation.status}`;
      }
    this.version += 1;
    if (this.store.line === "lost") setTimeout(() => this.requestUpdate(), SAY_LOST_AFTER_MILLIS + 50);
  }

  #leaveTo(index: number): void {
    const cell = this.store.state?.document.cells[index];
    if (cell === undefined) return;
    if (this.selected !== null) this.#cellElement(this.selected)?.leave();
    this.#goTo(cell.id);
  }

  #goTo(cell: string): void {
    leaveEditor();
    this.select(cell, "command");
    void this.updateComplete.then(async () => {
      await this.#cellElement(cell)?.updateComplete;
      const article = this.#article(cell);
      article?.scrollIntoView({ block: "nearest" });
      article?.focus({ preventScroll: true });
    });
  }

  #article(cell: string | null): HTMLElement | null {
    return cell === null ? null : document.getElementById(`cell-${cell}`);
  }

  #cellElement(cell: string | null): CellElement | null {
    return cell === null ? null : this.querySelector<CellElement>(`db-cell[data-cell="${CSS.escape(cell)}"]`);
  }

  async #learnWorkspace(): Promise<void> {
    try {
      const workspace = await ask<WorkspaceView>("/api/workspace");
      this.zone = workspace.zone;
      this.#relations = relationsOf(workspace);
      this.version += 1;
    } catch {
      this.#relations = []; // Completion without tables; the page itself says when the server is gone.
    }
  }
}
customElements.define("db-notebook", NotebookPage);

const TEXT_CHANGES: ReadonlySet<Operation["type"]> = new Set<Operation["type"]>([
  "cell-inserted",
  "cell-deleted",
  "cell-restored",
  "cell-moved",
  "cell-edited",
  "cell-renamed",
  "cell-kind-set",
  "cell-attribute-set",
  "window-set",
]);
const changesText = (type: Operation["type"]): boolean => TEXT_CHANGES.has(type);

/** At once: the next key is a command, and must not be typed into an editor that loses its focus a moment later. */
function leaveEditor(): void {
  const active = document.activeElement;
  if (active instanceof HTMLElement && active.closest(".cm-editor") !== null) active.blur();
}

/** Inputs that stand elsewhere than their default, by name. */
function movedInputs({ document, inputs }: SessionState): Record<string, unknown> {
  return Object.fromEntries(
    document.cells.flatMap(({ id, name }) => (name !== null && id in inputs ? [[name, inputs[id]]] : [])),
  );
}
