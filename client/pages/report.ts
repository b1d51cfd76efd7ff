import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { measuredText, measuredTitle } from "../../cells/page/measured-text.ts";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { NewLink, Report, ReportDetail, ReportLink, Revision } from "../../cells/wire/http-reports.ts";
import { ask } from "../api.ts";
import { integer, moment } from "../format.ts";
import { openForm } from "./job-form.ts";
import { jobAddress, notebookAddress, runAddress } from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import { openPublish } from "./report-publish.ts";
import { headlineView, linkState, pageAddress, reportApi } from "./report-words.ts";
import { sentence } from "./sentence.ts";
import { verdictView } from "./verdict-view.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";
import "../styles/reports.css";

const SPANS = [
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["90d", "90 days"],
  ["365d", "a year"],
] as const;

/** One report: its revisions with what changed, and the links by which others read it. */
class ReportPage extends LoadingPage<ReportDetail> {
  static override properties = { ...LoadingPage.properties, slug: {}, made: { state: true } };
  declare slug: string;
  /** A link that was just made: its address is shown this once. */
  declare made: NewLink | null;

  constructor() {
    super();
    this.made = null;
  }

  protected load(): Promise<ReportDetail> {
    return ask<ReportDetail>(reportApi(this.slug));
  }

  protected show({ zone, report, revisions }: ReportDetail): TemplateResult {
    const { title, slug, job, notebook, stale, revokedAt } = report;
    return html`<p class="small"><a href="/reports">Reports</a></p><h1>${title}</h1>
      <p class="muted">${revokedAt === null ? html`<a href=${pageAddress(slug)} target="_blank">/r/${slug}</a>` : html`/r/${slug}`} · of ${job === null ? html`<a href=${notebookAddress(notebook)}>${notebook}</a>` : html`the job <a href=${jobAddress(job)}>${job}</a>, a revision with every scheduled run`} · times in ${zone}</p>
      ${revokedAt === null ? nothing : html`<p class="notice">It was withdrawn ${moment(revokedAt, zone)}: nobody can read it. Publishing to this address again begins with the next revision.</p>`}
      ${stale === null ? nothing : html`<p class="notice warn">▲ Stale: ${sentence(stale, zone)}</p>`}
      <div class="j-actions">
        <button class="outlined" @click=${() => void this.#publish(report)}>Publish a revision…</button>
        ${revokedAt === null ? html`<button class="outlined" @click=${() => void this.#link()}>Make a link…</button><button class="outlined" @click=${() => void this.#withdraw(report)}>Withdraw…</button>` : nothing}
      </div>
      ${this.made === null ? nothing : this.#madeView(this.made, zone)}
      <section class="section" aria-labelledby="revisions"><header><h2 id="revisions">Revisions</h2><span class="muted small">${revisions.length}</span></header>
        ${revisions.length === 0 ? html`<p class="empty">${report.waiting ?? "None can be read."}</p>` : revisionTable(revisions, zone)}</section>
      <section class="section" aria-labelledby="links"><header><h2 id="links">Links</h2></header>
        ${report.links.length === 0 ? html`<p class="empty">No links: only signed-in people read it.</p>` : this.#linkTable(report.links, zone)}</section>`;
  }

  #madeView({ link, address }: NewLink, zone: string): TemplateResult {
    const full = new URL(address, location.origin).href;
    return html`<div class="notice r-made" role="status"><p>Whoever has this link reads the report until ${momentText(link.expiresAt, zone)}. It is shown this once.</p>
      <p class="r-address"><input type="text" readonly aria-label="The link" .value=${full} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
      <button class="outlined" @click=${() => void this.#copy(full)}>Copy</button></p></div>`;
  }

  async #copy(text: string): Promise<void> {
    await this.attempt(async () => {
      await navigator.clipboard.writeText(text);
      this.said = "The link is copied.";
    });
  }

  #linkTable(links: readonly ReportLink[], zone: string): TemplateResult {
    return html`<div class="scroll"><table class="rows j-rows"><thead><tr><th scope="col">Link</th><th scope="col">Made</th><th scope="col">Used</th><th scope="col">Good until</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${repeat(
        links,
        ({ id }) => id,
        (link) => html`<tr><td class="mono">${link.id}</td><td title=${link.madeBy}>${moment(link.madeAt, zone)}</td>
          <td>${link.lastUsedAt === null ? html`<span class="muted">never</span>` : moment(link.lastUsedAt, zone)}</td>
          <td>${linkState(link) === "open" ? html`<span title=${momentTitle(link.expiresAt, zone)}>${momentText(link.expiresAt, zone)}</span>` : html`<span class="muted">${linkState(link)}</span>`}</td>
          <td class="right">${linkState(link) === "open" ? html`<button class="small" @click=${() => void this.#revoke(link)}>Revoke</button>` : nothing}</td></tr>`,
      )}</tbody></table></div>`;
  }

  async #revoke({ id }: ReportLink): Promise<void> {
    await this.attempt(async () => {
      await ask(`${reportApi(this.slug)}/links/${encodeURIComponent(id)}`, { method: "DELETE" });
      if (this.made?.link.id === id) this.made = null;
      this.said = "The link is revoked: whoever came by it can read no more.";
      this.value = await this.load();
    });
  }

  async #link(): Promise<void> {
    await openForm({
      title: "Make a link",
      about: "Whoever has it reads this report, and nothing else, without an account.",
      fields: html`<label><span>Good for</span><select name="expires" autofocus>${SPANS.map(([value, words]) => html`<option value=${value} ?selected=${value === "90d"}>${words}</option>`)}</select></label>`,
      act: "Make the link",
      submit: async (data) => {
        this.made = await ask<NewLink>(`${reportApi(this.slug)}/links`, {
          method: "POST",
          json: { expires: String(data.get("expires")) },
        });
      },
    });
    await this.refresh();
  }

  async #withdraw({ title }: Report): Promise<void> {
    const isDone = await openForm({
      title: "Withdraw",
      about: `Nobody reads ${title} from now on: its revisions are closed and its links revoked. This cannot be taken back.`,
      fields: html``,
      act: "Withdraw the report",
      submit: async () => {
        await ask(reportApi(this.slug), { method: "DELETE" });
      },
    });
    if (isDone) {
      this.made = null;
      await this.refresh();
    }
  }

  async #publish({ job, notebook, title }: Report): Promise<void> {
    await this.attempt(async () => {
      const done = await openPublish(job === null ? { notebook, title } : { job, title });
      if (done === null) return;
      this.said = `Revision ${done.revision.number} is published.`;
      this.value = await this.load();
    });
  }
}
customElements.define("db-report", ReportPage);

function revisionTable(revisions: readonly Revision[], zone: string): TemplateResult {
  return html`<div class="scroll"><table class="rows j-rows j-stack"><thead><tr><th scope="col">Revision</th><th scope="col">Made</th><th scope="col">Window and as-of</th><th scope="col">Headline, and what it was</th></tr></thead>
    <tbody>${repeat(
      revisions,
      ({ number }) => number,
      (one) => revisionRow(one, zone),
    )}</tbody></table></div>`;
}

function revisionRow(one: Revision, zone: string): TemplateResult {
  const { slug, number, madeAt, madeBy, asOf, version, note, approvedBy, verdict, headline, source, rows, leftOut } =
    one;
  return html`<tr>
    <td><a class="j-name" href=${pageAddress(slug, number)} target="_blank">${number}</a> ${verdictView(verdict)}
      ${note === null ? nothing : html`<div>${note}</div>`}
      ${approvedBy === null ? nothing : html`<div class="j-sub">approved by ${approvedBy}</div>`}</td>
    <td><span class="nowrap" title=${momentTitle(madeAt, zone)}>${moment(madeAt, zone)}</span>
      <div class="j-sub">${source.job !== null && source.run !== null ? html`<a href=${runAddress(source.job, source.run)}>run</a> of v${version?.number}` : madeBy}</div></td>
    <td><span title=${measuredTitle(one, zone)}>${measuredText(one, zone)}</span>
      <div class="j-sub">as of ${asOf === null ? "no data" : momentText(asOf, zone)}${rows.map(({ stream, decisions }) => html` · ${integer(decisions)} ${stream}`)}</div>
      ${leftOut.length === 0 ? nothing : html`<div class="j-sub" title=${leftOut.join("\n")}>${leftOut.length === 1 ? "one part" : `${leftOut.length} parts`} left out</div>`}</td>
    <td>${headlineView(headline)}</td></tr>`;
}
