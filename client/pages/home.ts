import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { AlertList } from "../../cells/wire/http-alerts.ts";
import type { JobList } from "../../cells/wire/http-jobs.ts";
import type { NotebookMoved } from "../../cells/wire/http-notebooks.ts";
import type { NotebookSummary, StreamSummary, WorkspaceView } from "../../cells/wire/http-workspace.ts";
import { ask, notebookApi } from "../api.ts";
import { ago, integer, moment } from "../format.ts";
import { movedNotice } from "./home-moved.ts";
import { firingSection, jobSection, missingSection } from "./home-watch.ts";
import { renewsJobsAfter } from "./jobs.ts";
import { LoadingPage } from "./loading.ts";
import { sparkline } from "./spark.ts";
import "../drop-file/drop-file.ts";

interface Loaded {
  readonly view: WorkspaceView;
  readonly jobs: JobList["jobs"];
  /** Open ones. */
  readonly alerts: AlertList["alerts"];
  readonly past: AlertList["past"];
}

/** The workspace at a glance: what is wrong, jobs, streams, notebooks. */
class Home extends LoadingPage<Loaded> {
  static override properties = {
    ...LoadingPage.properties,
    renaming: { state: true },
    deleted: { state: true },
    moved: { state: true },
  };
  /** Path of the notebook whose name is being written. */
  declare renaming: string | null;
  /** The last that was deleted: it can come back. */
  declare deleted: { readonly path: string; readonly text: string } | null;
  /** The last that was renamed, where jobs or reports went with it. */
  declare moved: NotebookMoved | null;

  constructor() {
    super();
    this.moved = null;
    this.renaming = null;
    this.deleted = null;
  }

  protected async load(): Promise<Loaded> {
    const [view, { jobs }, { alerts, past }] = await Promise.all([
      ask<WorkspaceView>("/api/workspace"),
      ask<JobList>("/api/jobs"),
      ask<AlertList>("/api/alerts"),
    ]);
    return { view, jobs, alerts, past };
  }

  protected override renewsAfter(value: Loaded | null): number {
    return renewsJobsAfter(value?.jobs ?? []);
  }

  protected show({ view, jobs, alerts, past }: Loaded): TemplateResult {
    const isEmpty = view.streams.length === 0 && view.notebooks.length === 0;
    return html`<h1>${view.name}</h1>
      <p class="muted small">${view.watermark === null ? "Nothing is loaded yet" : html`Loaded up to <span title=${view.watermark}>${moment(view.watermark, view.zone)}</span>`} · times in ${view.zone} · Driftbook ${view.version}</p>
      ${view.problems.map(({ message, where, hint }) => html`<div class="notice warn"><p><b>${where}</b>: ${message}</p>${hint === null ? nothing : html`<p class="muted">${hint}</p>`}</div>`)}
      ${firingSection(alerts, view.zone)} ${missingSection(alerts, jobs, view)} ${jobs.length === 0 ? nothing : jobSection(jobs, view.zone, past)}
      ${isEmpty ? this.#ways() : html`${this.#streams(view)} ${this.#notebooks(view)}`}
      <db-drop-file @loaded=${() => void this.refresh()}></db-drop-file>`;
  }

  #streams(view: WorkspaceView): TemplateResult {
    return html`<section class="section" aria-labelledby="streams">
      <header><h2 id="streams">Streams</h2></header>
      ${
        view.streams.length === 0
          ? html`<p class="empty">No streams yet. Drop a file with decisions anywhere on this page, or send an event.</p>`
          : html`<div class="scroll"><table class="rows j-rows j-stack">
        <thead><tr><th scope="col">Stream</th><th scope="col" class="hide-narrow">Last 48 hours</th><th scope="col" class="right">Decisions</th><th scope="col" class="right">Feedback</th><th scope="col" class="right">Quarantine</th><th scope="col">Last event</th></tr></thead>
        <tbody>${view.streams.map((stream) => this.#stream(stream, view.zone))}</tbody></table></div>`
      }
    </section>`;
  }

  #stream(stream: StreamSummary, zone: string): TemplateResult {
    const counts = stream.rate.map(({ decisions }) => decisions);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return html`<tr>
      <td><a class="j-name" href="/s/${encodeURIComponent(stream.name)}">${stream.name}</a>${stream.problem === null ? nothing : html`<div class="verdict-fail small">× ${stream.problem.split("\n")[0]}</div>`}</td>
      <td class="hide-narrow">${sparkline(counts, `${integer(total)} decisions recorded in the last 48 hours`)}</td>
      <td class="right">${integer(stream.decisions)}<span class="only-narrow muted"> decisions</span></td><td class="right">${integer(stream.feedback)}<span class="only-narrow muted"> feedback</span></td>
      <td class="right ${stream.quarantined > 0 ? "verdict-warn" : ""}">${stream.quarantined > 0 ? "▲ " : ""}${integer(stream.quarantined)}<span class="only-narrow"> in quarantine</span></td>
      <td class="muted" title=${stream.lastRecordedAt ?? ""}><span class="only-narrow">last event </span>${stream.lastRecordedAt === null ? "none yet" : html`<span title=${moment(stream.lastRecordedAt, zone)}>${ago(stream.lastRecordedAt)}</span>`}</td>
    </tr>`;
  }

  #notebooks(view: WorkspaceView): TemplateResult {
    return html`<section class="section" aria-labelledby="notebooks">
      <header><h2 id="notebooks">Notebooks</h2><span style="flex:1"></span><button class="outlined" @click=${() => void this.#create()}>New notebook</button></header>
      ${this.deleted === null ? nothing : html`<p class="notice" role="status">${this.deleted.path} was deleted. <button class="outlined" @click=${() => void this.#bringBack()}>Undo</button></p>`}
      ${this.moved === null ? nothing : movedNotice(this.moved)}
      ${
        view.notebooks.length === 0
          ? html`<p class="empty">No notebooks yet.</p>`
          : html`<div class="scroll"><table class="rows">
        <thead><tr><th scope="col">Notebook</th><th scope="col" class="right hide-narrow">Cells</th><th scope="col">Last run</th><th scope="col" class="hide-narrow">Last edit</th><th scope="col"><span class="visually-hidden">File</span></th></tr></thead>
        <tbody>${repeat(
          view.notebooks,
          // A row stays its notebook's: what is pressed while the list changes must not be another's.
          ({ path }) => path,
          (notebook) => this.#notebook(notebook, view.zone),
        )}</tbody></table></div>`
      }
    </section>`;
  }

  #notebook(notebook: NotebookSummary, zone: string): TemplateResult {
    const run = notebook.lastRun;
    return html`<tr>
      <td><a href="/n/${notebook.path.split("/").map(encodeURIComponent).join("/")}">${notebook.title ?? notebook.path}</a> ${this.renaming === notebook.path ? this.#nameForm(notebook.path) : notebook.title === null ? nothing : html`<span class="muted small mono">${notebook.path}</span>`}${notebook.problem === null ? nothing : html`<div class="verdict-fail small">× ${notebook.problem}</div>`}</td>
      <td class="right hide-narrow">${notebook.cells}</td>
      <td class=${run === null ? "muted" : run.status === "error" ? "verdict-fail" : ""}>${run === null ? "–" : html`${run.status === "error" ? "× " : run.status === "ok" ? "● " : ""}${moment(run.at, zone)}`}</td>
      <td class="muted hide-narrow" title=${notebook.modifiedAt}>${moment(notebook.modifiedAt, zone)}${notebook.viewers > 0 ? html` · open in ${notebook.viewers}` : nothing}</td>
      <td class="right row-tools">
        <button class="small" aria-label="Rename ${notebook.path}" @click=${() => this.#rename(notebook.path)}>Rename</button>
        <button class="small" aria-label="Duplicate ${notebook.path}" @click=${() => void this.#duplicate(notebook.path)}>Duplicate</button>
        <button class="small" aria-label="Delete ${notebook.path}" @click=${() => void this.#delete(notebook.path)}>Delete</button>
      </td>
    </tr>`;
  }

  #nameForm(path: string): TemplateResult {
    const stop = (): void => {
      this.renaming = null;
    };
    return html`<form class="name-form" @submit=${(event: SubmitEvent) => void this.#renamed(event, path)} @keydown=${(event: KeyboardEvent) => event.key === "Escape" && stop()}>
      <input type="text" name="to" class="mono" aria-label="New name of ${path}" .value=${path} required maxlength="500" size="32" />
      <button class="outlined">Rename</button><button type="button" @click=${stop}>Cancel</button></form>`;
  }

  #ways(): TemplateResult {
    return html`<section class="section"><header><h2>Three ways to begin</h2></header><div class="empty-grid">
      <div><h3>Send an event</h3><p class="muted">Write a contract in <code>streams/</code>, make a key in <a href="/settings">Settings</a>, and post the first decision.</p></div>
      <div><h3>Drop a file</h3><p class="muted">Drop CSV, NDJSON, JSON or Parquet with past decisions anywhere on this page: Driftbook proposes a contract, rehearses the load, and loads it.</p></div>
      <div><h3>Open the example</h3><p class="muted">In a terminal: <code>driftbook init demo --example card-fraud</code>, then <code>driftbook serve demo</code>.</p></div>
    </div><p><button class="primary" @click=${() => void this.#create()}>New notebook</button></p></section>`;
  }

  #rename(path: string): void {
    this.renaming = path;
    void this.updateComplete.then(() => {
      const input = this.querySelector<HTMLInputElement>('input[name="to"]');
      input?.focus();
      // The folder and the ending stay as they are, most times.
      input?.setSelectionRange(path.lastIndexOf("/") + 1, path.length - ".nb.md".length);
    });
  }

  async #renamed(event: SubmitEvent, path: string): Promise<void> {
    event.preventDefault();
    const to = String(new FormData(event.target as HTMLFormElement).get("to") ?? "").trim();
    await this.attempt(async () => {
      const moved =
        to === path ? null : await ask<NotebookMoved>(`${notebookApi(path)}/move`, { method: "POST", json: { to } });
      const value = await this.load();
      this.renaming = null;
      this.moved = moved;
      this.value = value;
    });
  }

  async #duplicate(path: string): Promise<void> {
    await this.attempt(async () => {
      const { text } = await ask<{ text: string }>(notebookApi(path));
      const base = path.slice(0, -".nb.md".length);
      await ask("/api/notebooks", { method: "POST", json: { path: this.#free(`${base}-copy`), text } });
      this.value = await this.load();
    });
  }

  async #delete(path: string): Promise<void> {
    await this.attempt(async () => {
      const { text } = await ask<{ text: string }>(notebookApi(path));
      await ask(notebookApi(path), { method: "DELETE" });
      // The row goes when the sentence comes.
      const value = await this.load();
      this.deleted = { path, text };
      this.value = value;
    });
  }

  async #bringBack(): Promise<void> {
    const { deleted } = this;
    if (deleted === null) return;
    await this.attempt(async () => {
      await ask("/api/notebooks", { method: "POST", json: deleted });
      this.deleted = null;
      this.value = await this.load();
    });
  }

  /** A path that no notebook has. */
  #free(base: string): string {
    const taken = new Set(this.value?.view.notebooks.map(({ path }) => path));
    let path = `${base}.nb.md`;
    for (let n = 2; taken.has(path); n++) path = `${base}-${n}.nb.md`;
    return path;
  }

  async #create(): Promise<void> {
    const path = this.#free("untitled");
    await this.attempt(async () => {
      await ask("/api/notebooks", { method: "POST", json: { path } });
      dispatchEvent(new CustomEvent("driftbook-go", { detail: `/n/${path}` }));
    });
  }
}
customElements.define("db-home", Home);
