import { html, nothing, type TemplateResult } from "lit";
import type { Kind } from "../../cells/document/document.ts";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Job, VersionView } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { highlighted } from "../notebook/editor.ts";
import { jobAddress, jobApi, notebookAddress, targetWords } from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";
import "../styles/notebook.css";
import "../styles/reading.css";

interface Loaded {
  readonly job: Job;
  readonly version: VersionView;
}

/** One version of a job: what it holds, word for word, and where it was made. */
class JobVersionPage extends LoadingPage<Loaded> {
  static override properties = {
    ...LoadingPage.properties,
    job: { attribute: false },
    version: { attribute: false },
  };
  declare job: string;
  /** Its number, as the address has it. */
  declare version: string;

  protected async load(): Promise<Loaded> {
    const api = jobApi(this.job);
    const [job, version] = await Promise.all([
      ask<Job>(api),
      ask<VersionView>(`${api}/versions/${encodeURIComponent(this.version)}`),
    ]);
    return { job, version };
  }

  protected show({ job, version }: Loaded): TemplateResult {
    const { number, hash, note, cells, frozen } = version;
    return html`<p class="small"><a href="/jobs">Jobs</a> / <a href=${jobAddress(job.name)}>${job.name}</a> / <a href="${jobAddress(job.name)}?show=versions">versions</a></p>
      <h1>Version ${number}</h1>
      <p class="j-lead"><span class="mono muted">${hash}</span>${number === job.version && job.removed === null ? html`<span class="j-badge">in force</span>` : nothing}${note === null ? nothing : html`<span>${note}</span>`}<span class="muted">times in ${job.zone}</span></p>
      <p class="j-actions"><button class="outlined" title="Writes its text as a notebook, to edit and promote again" @click=${() => void this.#open(number)}>Open as notebook</button></p>
      ${facts(version, job.zone)}
      <section class="section" aria-labelledby="inputs"><header><h2 id="inputs">Inputs</h2><span class="muted small">the values that every run is given</span></header>${inputTable(frozen.set)}</section>
      <section class="section" aria-labelledby="cells"><header><h2 id="cells">Cells</h2><span class="muted small">${cells.length}</span></header>${cells.map(cellText)}</section>
      ${packageSection(version)}`;
  }

  async #open(version: number): Promise<void> {
    await this.attempt(async () => {
      const json = { version };
      const { path } = await ask<{ path: string }>(`${jobApi(this.job)}/open`, { method: "POST", json });
      dispatchEvent(new CustomEvent("driftbook-go", { detail: notebookAddress(path) }));
    });
  }
}
customElements.define("db-job-version", JobVersionPage);

function facts({ frozen, madeAt, madeBy, commit, program, runtime }: VersionView, zone: string): TemplateResult {
  const rows: readonly (readonly [string, TemplateResult])[] = [
    ["Measures", html`<a href=${notebookAddress(frozen.notebook)}>${targetWords(frozen)}</a>`],
    [
      "Window",
      frozen.window === null
        ? html`<span class="muted">of each cell, else the time since the due time before</span>`
        : html`${frozen.window} <span class="muted">for cells that state none of their own</span>`,
    ],
    [
      "Zone",
      frozen.zone === undefined
        ? html`<span class="muted">the workspace's as it is: an earlier Driftbook promoted it</span>`
        : html`${frozen.zone} <span class="muted">in which windows of cells and local times count</span>`,
    ],
    ["Promoted", html`<span title=${momentTitle(madeAt, zone)}>${momentText(madeAt, zone)}</span> by ${madeBy}`],
    [
      "Commit",
      commit === null
        ? html`<span class="muted">none: no git repository</span>`
        : html`<span class="mono">${commit}</span>`,
    ],
    [
      "Contracts",
      frozen.contracts.length === 0
        ? html`<span class="muted">it reads no stream</span>`
        : html`${frozen.contracts.map(({ stream, hash }) => html`<div><a href="/s/${encodeURIComponent(stream)}">${stream}</a> <span class="mono muted">${hash}</span></div>`)}`,
    ],
    [
      "Promoted under",
      html`Driftbook ${program.driftbook}, ${program.engine}, Node ${runtime.node}, Deno ${runtime.deno}`,
    ],
  ];
  return html`<dl class="r-facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function inputTable(set: VersionView["frozen"]["set"]): TemplateResult {
  const values = Object.entries(set);
  if (values.length === 0) return html`<p class="empty">It reads no input.</p>`;
  return html`<div class="scroll"><table class="rows j-rows"><thead><tr><th scope="col">Input</th><th scope="col">Value</th></tr></thead>
    <tbody>${values.map(([name, value]) => html`<tr><td class="mono">${name}</td><td class="mono">${typeof value === "string" ? value : JSON.stringify(value)}</td></tr>`)}</tbody></table></div>`;
}

const cellText = ({ id, name, kind, source }: VersionView["cells"][number]): TemplateResult =>
  html`<article class="j-cell" aria-label=${name ?? id}>
    <header><h3>${name ?? id}</h3><span class="muted small">${kind}</span></header>
    <pre class="code" tabindex="0" role="region" aria-label="Text of ${name ?? id}">${highlighted(kind as Kind, source).map(({ text, classes }) => (classes === "" ? text : html`<span class=${classes}>${text}</span>`))}</pre></article>`;

function packageSection({ packages, frozen }: VersionView): TemplateResult | typeof nothing {
  if (frozen.lock === null) return nothing;
  const files = Object.entries(JSON.parse(frozen.lock) as Record<string, string>);
  return html`<section class="section" aria-labelledby="packages"><header><h2 id="packages">Packages</h2><span class="muted small">${packages.length}</span></header>
    ${packages.length === 0 ? nothing : html`<div class="scroll"><table class="rows j-rows"><thead><tr><th scope="col">Asked for</th><th scope="col">Locked</th></tr></thead><tbody>${packages.map(({ name, locked }) => html`<tr><td class="mono">${name}</td><td class="mono">${locked}</td></tr>`)}</tbody></table></div>`}
    ${files.map(([name, text]) => html`<details class="r-fold"><summary>${name}</summary><pre class="code" tabindex="0" role="region" aria-label=${name}>${text}</pre></details>`)}</section>`;
}
