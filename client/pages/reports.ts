import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { measuredText } from "../../cells/page/measured-text.ts";
import { momentTitle } from "../../cells/views/time-text.ts";
import type { JobList } from "../../cells/wire/http-jobs.ts";
import type { Report, ReportList } from "../../cells/wire/http-reports.ts";
import type { NotebookSummary } from "../../cells/wire/http-workspace.ts";
import { ask } from "../api.ts";
import { counted, moment } from "../format.ts";
import { openForm } from "./job-form.ts";
import { jobAddress, notebookAddress } from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import { openPublish } from "./report-publish.ts";
import { headlineView, linkState, pageAddress, reportAddress } from "./report-words.ts";
import { sentence } from "./sentence.ts";
import { verdictView } from "./verdict-view.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";
import "../styles/reports.css";

/** Published pages: where they are, what their newest revision says, who can read them. */
class ReportsPage extends LoadingPage<ReportList> {
  protected load(): Promise<ReportList> {
    return ask<ReportList>("/api/reports");
  }

  protected show({ zone, reports }: ReportList): TemplateResult {
    const [open, withdrawn] = [reports.filter(isOpen), reports.filter((one) => !isOpen(one))];
    return html`<h1>Reports</h1>
      <div class="j-actions"><button class="outlined" @click=${() => void this.#publish()}>Publish…</button></div>
      ${open.length === 0 ? noReports() : html`<p class="muted small">${counted(open.length, "report")} · times in ${zone}</p>${table(open, zone)}`}
      ${
        withdrawn.length === 0
          ? nothing
          : html`<section class="section" aria-labelledby="withdrawn"><header><h2 id="withdrawn">Withdrawn</h2></header><ul class="r-lines">${withdrawn.map(({ slug, title, notebook, job, revokedAt }) => html`<li><a href=${reportAddress(slug)}>${title}</a> <span class="muted">/r/${slug}, of ${job === null ? notebook : `the job ${job}`}, ${moment(revokedAt!, zone)}</span></li>`)}</ul></section>`
      }`;
  }

  async #publish(): Promise<void> {
    await this.attempt(async () => {
      const [{ notebooks }, { jobs }] = await Promise.all([
        ask<{ notebooks: NotebookSummary[] }>("/api/notebooks"),
        ask<JobList>("/api/jobs"),
      ]);
      let chosen = "";
      const isChosen = await openForm({
        title: "Publish",
        about:
          "A notebook is run and kept as it comes out; a job’s output becomes a revision with every scheduled run.",
        fields: html`<label><span>What</span><select name="what" required autofocus>
          <optgroup label="Notebooks">${notebooks.map(({ path }) => html`<option value=${`notebook ${path}`}>${path}</option>`)}</optgroup>
          <optgroup label="Jobs">${jobs.filter(({ lastRun }) => lastRun !== null).map(({ name }) => html`<option value=${`job ${name}`}>${name}</option>`)}</optgroup></select></label>`,
        act: "Next",
        submit: async (data) => {
          chosen = String(data.get("what") ?? "");
        },
      });
      if (!isChosen || chosen === "") return;
      const name = chosen.slice(chosen.indexOf(" ") + 1);
      const job = chosen.startsWith("job ") ? jobs.find((one) => one.name === name) : undefined;
      // The notebook's title is of more than a job of one cell shows.
      const of = job === undefined ? name : job.cell === null ? job.notebook : null;
      const title = notebooks.find(({ path }) => path === of)?.title ?? name.replace(/\.nb\.md$/, "");
      const done = await openPublish(job === undefined ? { notebook: name, title } : { job: name, title });
      if (done === null) return;
      this.said = `Revision ${done.revision.number} is at ${done.address}.`;
      this.value = await this.load();
    });
  }
}
customElements.define("db-reports", ReportsPage);

const isOpen = ({ revokedAt }: Report): boolean => revokedAt === null;

function noReports(): TemplateResult {
  return html`<div class="j-empty"><p>Nothing is published yet. A report is a notebook, or what a job gave, kept as it came out at an address that stays: reading it runs nothing.</p>
    <ol><li>Open a notebook and choose <b>Publish as a report…</b> with Ctrl K, or press <b>Publish…</b> above.</li>
    <li>Say what readers see: code, single rows and personal columns stay out unless you choose them.</li>
    <li>Make a link for people who have no account here.</li></ol></div>`;
}

function table(reports: readonly Report[], zone: string): TemplateResult {
  return html`<div class="scroll"><table class="rows j-rows j-stack">
    <thead><tr><th scope="col">Report</th><th scope="col">Headline, and the revision before</th><th scope="col">Newest</th><th scope="col" class="hide-narrow">Read by</th></tr></thead>
    <tbody>${repeat(
      reports,
      ({ slug }) => slug,
      (one) => row(one, zone),
    )}</tbody></table></div>`;
}

function row(
  { slug, title, notebook, job, latest, revisions, stale, waiting, links }: Report,
  zone: string,
): TemplateResult {
  const open = links.filter((link) => linkState(link) === "open").length;
  return html`<tr>
    <td><a class="j-name" href=${reportAddress(slug)}>${title}</a>
      <div class="j-sub"><a href=${pageAddress(slug)} target="_blank">/r/${slug}</a> · ${job === null ? html`<a href=${notebookAddress(notebook)}>${notebook}</a>` : html`job <a href=${jobAddress(job)}>${job}</a>`}</div>
      ${stale === null ? nothing : html`<div class="r-stale verdict-warn">▲ Stale: ${sentence(stale, zone)}</div>`}</td>
    <td>${latest === null ? html`<span class="muted">${waiting}</span>` : latest.headline.length === 0 ? verdictView(latest.verdict) : headlineView(latest.headline)}${latest === null ? nothing : html`<div class="j-sub">${measuredText(latest, zone)}</div>`}</td>
    <td class="nowrap">${latest === null ? nothing : html`<span title=${momentTitle(latest.madeAt, zone)}>${moment(latest.madeAt, zone)}</span><div class="j-sub">${counted(revisions, "revision")}</div>`}</td>
    <td class="nowrap hide-narrow">${open === 0 ? html`<span class="muted">signed-in people</span>` : counted(open, "link")}</td>
  </tr>`;
}
