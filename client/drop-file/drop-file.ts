import { html, nothing, type TemplateResult } from "lit";
import type { DryRunView, ImportView, InferenceView } from "../../cells/wire/http-streams.ts";
import { ask } from "../api.ts";
import { bytes, integer, moment } from "../format.ts";
import { LightElement } from "../light-element.ts";

type Step =
  | { readonly at: "idle" }
  | { readonly at: "over" }
  | { readonly at: "working"; readonly what: string }
  | {
      readonly at: "review";
      readonly upload: Upload;
      readonly inference: InferenceView;
      readonly stream: string;
      readonly isNew: boolean;
      readonly dryRun: DryRunView | null;
    }
  | { readonly at: "done"; readonly loaded: ImportView };
interface Upload {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

/**
 * A file dropped anywhere on the page: kept, looked at, and shown with a proposed contract and SELECT, which are
 * rehearsed before anything is loaded.
 */
class DropFile extends LightElement {
  static override properties = { stream: { attribute: false }, step: { state: true }, problem: { state: true } };
  declare stream: string | undefined;
  declare step: Step;
  declare problem: string | null;
  readonly #over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (this.step.at === "idle") this.step = { at: "over" };
  };
  readonly #drop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void this.#take(file);
  };
  readonly #leave = (event: DragEvent): void => {
    if (event.relatedTarget === null && this.step.at === "over") this.step = { at: "idle" };
  };

  constructor() {
    super();
    this.step = { at: "idle" };
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("dragover", this.#over);
    addEventListener("drop", this.#drop);
    addEventListener("dragleave", this.#leave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("dragover", this.#over);
    removeEventListener("drop", this.#drop);
    removeEventListener("dragleave", this.#leave);
  }

  override render(): TemplateResult {
    const problem =
      this.problem === null ? nothing : html`<div class="notice fail" role="alert"><pre>${this.problem}</pre></div>`;
    return html`<section class="section">
      <header><h2>Load a file</h2></header>
      ${problem}
      ${this.#body()}
    </section>`;
  }

  #body(): TemplateResult {
    const { step } = this;
    switch (step.at) {
      case "idle":
      case "over":
        return html`<p class=${step.at === "over" ? "notice" : "empty"}>${step.at === "over" ? "Let go to look at the file." : "Drop CSV, NDJSON, JSON or Parquet anywhere on this page, or "}
          <label class="link" style="color:var(--accent);cursor:pointer">choose a file<input class="visually-hidden" type="file" accept=".csv,.ndjson,.jsonl,.json,.parquet" @change=${(
            event: Event,
          ) => {
            const file = (event.target as HTMLInputElement).files?.[0];
            if (file !== undefined) void this.#take(file);
          }} /></label>. Nothing is loaded before you have seen what it would do.</p>`;
      case "working":
        return html`<p class="muted" role="status">${step.what} …</p>`;
      case "review":
        return this.#review(step);
      case "done":
        return html`<div class="notice"><p>${integer(step.loaded.accepted)} accepted, ${integer(step.loaded.duplicates)} duplicates, ${integer(step.loaded.quarantined)} quarantined. It is import <span class="mono">${step.loaded.id}</span> and can be withdrawn.</p>
          <p><a href="/s/${encodeURIComponent(step.loaded.stream)}">Open the stream</a> · <button @click=${() => {
            this.step = { at: "idle" };
          }}>Load another</button></p></div>`;
    }
  }

  #review(step: Extract<Step, { at: "review" }>): TemplateResult {
    const { inference, upload, dryRun } = step;
    return html`<p><b>${upload.name}</b> <span class="muted">${bytes(upload.bytes)}, ${inference.columns.length} columns</span></p>
      <div class="scroll"><table class="rows"><thead><tr>${inference.columns.map(({ name, type }) => html`<th scope="col" title=${type}>${name}</th>`)}</tr></thead>
        <tbody>${inference.rows.slice(0, 5).map((row) => html`<tr>${inference.columns.map(({ name }) => html`<td class="small">${String(row[name] ?? "")}</td>`)}</tr>`)}</tbody></table></div>
      ${inference.notes.map((note) => html`<p class="verdict-warn small">▲ ${note}</p>`)}
      <form id="load-form" @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        void this.#load(step, false);
      }}>
        <p><label>Stream <input type="text" name="stream" .value=${step.stream} pattern="[a-z_][a-z0-9_]*" required ?readonly=${!step.isNew} /></label>
        <label>Log <select name="log"><option>decisions</option><option>feedback</option></select></label>
        <label><input type="checkbox" name="history" checked /> history: known at its source when it happened</label></p>
        ${step.isNew ? html`<label class="small">Contract, written to streams/<br /><textarea name="contract" class="mono" rows="14" style="width:100%">${inference.contract}</textarea></label>` : nothing}
        <label class="small">SELECT over <code>input</code>: left the file's names, right the stream's<br /><textarea name="select" class="mono" rows="8" style="width:100%">${inference.select}</textarea></label>
        ${dryRun === null ? nothing : this.#rehearsed(dryRun)}
        <p><button type="button" class="outlined" @click=${() => void this.#load(step, true)}>Rehearse</button> <button class="primary" ?disabled=${dryRun === null}>Load</button> <button type="button" @click=${() => {
          this.step = { at: "idle" };
          this.problem = null;
        }}>Cancel</button></p>
      </form>`;
  }

  #rehearsed(dryRun: DryRunView): TemplateResult {
    return html`<div class="notice"><p>Would accept <b>${integer(dryRun.accepted)}</b>, find ${integer(dryRun.duplicates)} duplicates, quarantine <b class=${dryRun.quarantined > 0 ? "verdict-warn" : ""}>${integer(dryRun.quarantined)}</b>${dryRun.from === null ? "" : `; from ${moment(dryRun.from, "UTC")} to ${moment(dryRun.to ?? dryRun.from, "UTC")}`}.</p>
      ${dryRun.reasons.map(({ reason, count, example }) => html`<details class="small"><summary>${reason}: ${integer(count)}</summary><pre>${example}</pre></details>`)}</div>`;
  }

  async #attempt(work: () => Promise<void>, back: Step): Promise<void> {
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      this.step = back;
    }
  }

  async #take(file: File): Promise<void> {
    await this.#attempt(
      async () => {
        this.step = { at: "working", what: `Looking at ${file.name}` };
        const upload = await ask<Upload>(`/api/uploads?name=${encodeURIComponent(file.name)}`, {
          method: "POST",
          body: file,
        });
        const guessed =
          file.name
            .toLowerCase()
            .replace(/\.[a-z]+$/, "")
            .replaceAll(/[^a-z0-9_]+/g, "_")
            .replace(/^(?=\d)/, "s_") || "stream";
        const stream = this.stream ?? guessed;
        const inference = await ask<InferenceView>(`/api/uploads/${upload.id}/inference`, {
          method: "POST",
          json: { stream },
        });
        this.step = { at: "review", upload, inference, stream, isNew: this.stream === undefined, dryRun: null };
      },
      { at: "idle" },
    );
  }

  async #load(step: Extract<Step, { at: "review" }>, rehearse: boolean): Promise<void> {
    const data = new FormData(this.querySelector<HTMLFormElement>("#load-form")!);
    const text = (name: string): string => String(data.get(name) ?? "");
    const stream = text("stream");
    const kept = {
      ...step,
      stream,
      inference: {
        ...step.inference,
        select: text("select"),
        contract: step.isNew ? text("contract") : step.inference.contract,
      },
    };
    await this.#attempt(async () => {
      if (step.isNew) await this.#writeContract(stream, text("contract").replace(/^stream: .*$/m, `stream: ${stream}`));
      const json = {
        log: text("log"),
        upload: step.upload.id,
        select: text("select"),
        history: data.get("history") !== null,
        dryRun: rehearse,
      };
      const answer = await ask<{ dryRun: DryRunView } | { import: ImportView }>(
        `/api/streams/${encodeURIComponent(stream)}/imports`,
        { method: "POST", json },
      );
      if ("dryRun" in answer) this.step = { ...kept, dryRun: answer.dryRun };
      else {
        this.step = { at: "done", loaded: answer.import };
        this.dispatchEvent(new CustomEvent("loaded"));
      }
    }, kept);
  }

  /** Written at the first rehearsal, changed by the next: the check is the real one. */
  async #writeContract(stream: string, text: string): Promise<void> {
    const address = `/api/streams/${encodeURIComponent(stream)}/contract`;
    const present = await fetch(address).then((answer) =>
      answer.ok ? (answer.json() as Promise<{ hash: string; text: string }>) : null,
    );
    if (present?.text === text) return;
    await ask(address, {
      method: "PUT",
      json: { text },
      headers: present === null ? {} : { "if-match": `"${present.hash}"` },
    });
  }
}
customElements.define("db-drop-file", DropFile);
