import { html, nothing, type TemplateResult } from "lit";
import type { Mark } from "../../cells/monitoring/mark.ts";
import type { MarkList } from "../../cells/wire/http-marks.ts";
import type { ImportView, QuarantineEntry, StreamView } from "../../cells/wire/http-streams.ts";
import { ask } from "../api.ts";
import { ago, integer, moment } from "../format.ts";
import { LoadingPage } from "./loading.ts";
import { curve, sparkline } from "./spark.ts";
import { type MarkWish, marksSection } from "./stream-marks.ts";
import "../drop-file/drop-file.ts";

interface Loaded {
  readonly view: StreamView;
  readonly quarantine: readonly QuarantineEntry[];
  readonly imports: readonly ImportView[];
  readonly marks: MarkList;
}

/** One decision process: its contract, what came in, what was refused and why, and how to send more. */
class StreamPage extends LoadingPage<Loaded> {
  static override properties = { ...LoadingPage.properties, stream: { attribute: false }, raw: { state: true } };
  declare stream: string;
  declare raw: { readonly id: string; readonly text: string } | null;

  constructor() {
    super();
    this.raw = null;
  }

  get #address(): string {
    return `/api/streams/${encodeURIComponent(this.stream)}`;
  }

  protected async load(): Promise<Loaded> {
    const [view, quarantine, imports, marks] = await Promise.all([
      ask<StreamView>(this.#address),
      ask<{ entries: QuarantineEntry[] }>(`${this.#address}/quarantine`),
      ask<{ imports: ImportView[] }>(`/api/imports?stream=${encodeURIComponent(this.stream)}`),
      ask<MarkList>(`${this.#address}/marks`),
    ]);
    return { view, quarantine: quarantine.entries, imports: imports.imports, marks };
  }

  protected show({ view, quarantine, imports, marks }: Loaded): TemplateResult {
    const days = view.days.map(({ decisions }) => decisions);
    return html`<p class="small"><a href="/">Home</a></p><h1>${view.name}</h1>
      <p class="muted">${integer(view.decisions)} decisions · ${integer(view.feedback)} feedback · last event ${view.lastRecordedAt === null ? "none yet" : html`<span title=${view.lastRecordedAt}>${ago(view.lastRecordedAt)}</span>`} · latest decision ${view.lastDecidedAt === null ? "–" : moment(view.lastDecidedAt, "UTC")}</p>
      ${view.contract.problem === null ? nothing : html`<div class="notice fail"><p>The contract is not right, so nothing is accepted.</p><pre>${view.contract.problem}</pre></div>`}
      <section class="section"><header><h2>Volume</h2></header>
        ${sparkline(days, "Decisions per day, the last 90 days", 640, 48)}
        <p class="muted small">Decisions per day, the last 90 days. Not in the lake: ${integer(view.duplicates)} duplicates, ${integer(view.quarantine.conflicts)} conflicts. Feedback without its decision: ${integer(view.orphans)}.</p>
        ${view.violations.length === 0 ? nothing : html`<p class="small">Accepted and counted: ${view.violations.map(({ rule, count }) => html`<span class="verdict-warn">▲ ${rule} ${integer(count)} </span>`)}</p>`}
      </section>
      <section class="section"><header><h2>How labels arrive</h2></header>
        ${
          view.maturity.points.length < 2
            ? html`<p class="empty">Appears once decisions are old enough to have feedback.</p>`
            : curve(
                view.maturity.points.map(({ ageDays, share }) => ({ x: ageDays, y: share })),
                "Share of decisions with feedback by age in days",
              )
        }
        <p class="muted small">Share of decisions with stated feedback, by age${view.maturity.horizonDays === null ? "" : `; the contract expects them complete after ${view.maturity.horizonDays} days`}.</p>
      </section>
      ${marksSection(marks, { make: (wish) => this.#mark(wish), remove: (one) => void this.#unmark(one) })}
      <section class="section"><header><h2>Quarantine</h2><span style="flex:1"></span>${quarantine.length === 0 ? nothing : html`<button class="outlined" @click=${() => void this.#replay(null)}>Check all again</button>`}</header>
        ${
          quarantine.length === 0
            ? html`<p class="empty">Nothing was refused.</p>`
            : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Reason</th><th scope="col">Log</th><th scope="col">When</th><th scope="col"></th></tr></thead>
          <tbody>${quarantine.map((entry) => this.#entry(entry))}</tbody></table></div>`
        }
      </section>
      <section class="section"><header><h2>Imports</h2></header>
        ${
          imports.length === 0
            ? html`<p class="empty">No files were loaded. Drop one anywhere on this page.</p>`
            : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Files</th><th scope="col">Log</th><th scope="col" class="right">Accepted</th><th scope="col" class="right">Duplicates</th><th scope="col" class="right">Quarantined</th><th scope="col">When</th><th></th></tr></thead>
          <tbody>${imports.map(
            (
              one,
            ) => html`<tr class=${one.state === "withdrawn" ? "faint" : ""}><td>${one.files.join(", ")}${one.history ? html` <span class="muted small">history</span>` : nothing}${one.problem === null ? nothing : html`<div class="verdict-fail small">${one.problem}</div>`}</td><td>${one.log}</td><td class="right">${integer(one.accepted)}</td><td class="right">${integer(one.duplicates)}</td><td class="right">${integer(one.quarantined)}</td><td class="muted" title=${one.startedAt}>${moment(one.startedAt, "UTC")}</td>
            <td>${one.state === "loaded" ? html`<button class="danger" @click=${() => void this.#withdraw(one)}>Withdraw</button>` : html`<span class="muted">${one.state}</span>`}</td></tr>`,
          )}</tbody></table></div>`
        }
      </section>
      <section class="section"><header><h2>Contract</h2><span class="muted small mono">${view.contract.path}</span></header><pre class="code">${view.contract.text}</pre></section>
      <section class="section"><header><h2>Send events</h2></header>${this.#send(view)}</section>
      <db-drop-file .stream=${this.stream} @loaded=${() => void this.refresh()}></db-drop-file>`;
  }

  #entry(entry: QuarantineEntry): TemplateResult {
    const open = this.raw?.id === entry.id;
    return html`<tr><td>${entry.reason}${open ? html`<pre class="code">${this.raw?.text}</pre>` : nothing}</td><td>${entry.log}</td><td class="muted" title=${entry.recordedAt}>${moment(entry.recordedAt, "UTC")}</td>
      <td style="white-space:nowrap"><button @click=${() => void this.#show(entry.id)} aria-expanded=${open}>${open ? "Hide" : "Raw event"}</button>${entry.replayed ? html`<span class="muted">sent again</span>` : html`<button @click=${() => void this.#replay([entry.id])}>Check again</button>`}</td></tr>`;
  }

  async #show(id: string): Promise<void> {
    if (this.raw?.id === id) {
      this.raw = null;
      return;
    }
    await this.attempt(async () => {
      const { raw } = await ask<{ raw: string }>(`${this.#address}/quarantine/${encodeURIComponent(id)}`);
      this.raw = { id, text: raw };
    });
  }

  async #replay(ids: readonly string[] | null): Promise<void> {
    await this.attempt(async () => {
      const done = await ask<{ replayed: number; stillRefused: { reason: string }[] }>(
        `${this.#address}/quarantine/replay`,
        { method: "POST", json: ids === null ? {} : { ids } },
      );
      this.said = `${done.replayed} accepted now, ${done.stillRefused.length} still refused${done.stillRefused[0] === undefined ? "" : `: ${done.stillRefused[0].reason}`}.`;
      await this.refresh();
    });
  }

  async #mark(wish: MarkWish): Promise<boolean> {
    let made = false;
    await this.attempt(async () => {
      await ask(`${this.#address}/marks`, { method: "POST", json: wish });
      made = true;
      await this.refresh();
    });
    return made;
  }

  async #unmark({ id, note }: Mark): Promise<void> {
    if (!confirm(`Remove the mark "${note}"? An earlier as-of still sees it.`)) return;
    await this.attempt(async () => {
      await ask(`${this.#address}/marks/${encodeURIComponent(id)}`, { method: "DELETE" });
      await this.refresh();
    });
  }

  async #withdraw(one: ImportView): Promise<void> {
    if (
      !confirm(
        `Withdraw ${one.files.join(", ")}? Its ${integer(one.accepted)} rows are hidden from now on; an earlier as-of still sees them.`,
      )
    )
      return;
    await this.attempt(async () => {
      await ask(`/api/imports/${encodeURIComponent(one.id)}/withdraw`, { method: "POST" });
      await this.refresh();
    });
  }

  #send(view: StreamView): TemplateResult {
    const url = `${location.origin}${this.#address}/decisions`;
    const [decision = "approve"] = ((view.contract.parsed as { decision?: { values?: string[] } } | null)?.decision
      ?.values ?? []) as string[];
    const event = `{"decision_id": "t-1", "decided_at": "2026-03-01T10:15:00Z", "decision": "${decision}", "score": 0.5}`;
    return html`<p class="muted">Make a key with the scope <code>ingest:${view.name}</code> in <a href="/settings">Settings</a>. An answer of 200 means that the events are on disk; retry as often as you like.</p>
      <h3>curl</h3><pre class="code">curl ${url} \\
  -H "Authorization: Bearer $DRIFTBOOK_KEY" -H "Content-Type: application/json" \\
  -d '${event}'</pre>
      <h3>TypeScript</h3><pre class="code">await fetch("${url}", {
  method: "POST",
  headers: {authorization: \`Bearer \${key}\`, "content-type": "application/json"},
  body: JSON.stringify(${event}),
});</pre>
      <h3>Python</h3><pre class="code">requests.post("${url}", headers={"Authorization": f"Bearer {key}"},
    json=${event})</pre>`;
  }
}
customElements.define("db-stream", StreamPage);
