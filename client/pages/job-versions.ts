import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Version } from "../../cells/jobs/version.ts";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Job, VersionDiff } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { LightElement } from "../light-element.ts";
import { problemText } from "./job-form.ts";
import { jobApi, notebookAddress, versionAddress } from "./job-words.ts";
import { diffView } from "./version-diff.ts";

/** The versions of a job: what differs between any two, and each as a notebook to go on from. */
class JobVersions extends LightElement {
  static override properties = {
    job: { attribute: false },
    versions: { attribute: false },
    from: { state: true },
    to: { state: true },
    diff: { state: true },
    problem: { state: true },
  };
  declare job: Job;
  declare versions: readonly Version[];
  declare from: number | null;
  declare to: number | null;
  declare diff: VersionDiff | null;
  declare problem: string | null;

  constructor() {
    super();
    this.from = null;
    this.to = null;
    this.diff = null;
    this.problem = null;
  }

  override render(): TemplateResult {
    const versions = this.versions.toSorted((a, b) => b.number - a.number);
    if (versions.length === 0)
      return html`<p class="empty">Nothing is promoted yet. Open <a href=${notebookAddress(this.job.notebook)}>${this.job.notebook}</a> and choose Promote to job….</p>`;
    return html`${this.problem === null ? nothing : html`<p class="notice fail" role="alert">${this.problem}</p>`}
      <div class="scroll"><table class="rows j-rows j-stack"><thead><tr><th scope="col">Version</th><th scope="col">Promoted</th><th scope="col">Note</th><th scope="col" class="hide-narrow">Program</th><th scope="col" class="hide-narrow">Commit</th><th></th></tr></thead>
      <tbody>${versions.map((version) => this.#row(version))}</tbody></table></div>
      ${versions.length < 2 ? nothing : this.#comparison(versions)}`;
  }

  #row({ number, hash, madeAt, madeBy, note, program, commit }: Version): TemplateResult {
    const { zone } = this.job;
    return html`<tr><td class="nowrap"><a href=${versionAddress(this.job.name, number)}><b>v${number}</b></a> <span class="mono muted" title=${hash}>${hash.slice(0, 8)}</span>${number === this.job.version ? html` <span class="j-badge">in force</span>` : nothing}</td>
      <td class="nowrap" title=${momentTitle(madeAt, zone)}>${momentText(madeAt, zone)}<div class="j-sub">by ${madeBy}</div></td>
      <td class="j-reason j-whole">${note ?? nothing}</td>
      <td class="muted hide-narrow">${program.driftbook}</td><td class="mono muted hide-narrow" title=${commit ?? nothing}>${commit?.slice(0, 8) ?? "–"}</td>
      <td class="right nowrap"><button class="small outlined" aria-label="Open as notebook: version ${number}" @click=${() => void this.#open(number)}>Open as notebook</button></td></tr>`;
  }

  #comparison(versions: readonly Version[]): TemplateResult {
    const latest = this.job.version ?? versions[0]!.number;
    const to = this.to ?? latest;
    const from = this.from ?? versions.find(({ number }) => number < to)?.number ?? versions.at(-1)!.number;
    const choice = (label: string, chosen: number, choose: (number: number) => void): TemplateResult =>
      html`<label>${label} <select @change=${(event: Event) => choose(Number((event.target as HTMLSelectElement).value))}>${repeat(
        versions,
        // An option stays its version's when another is made.
        ({ number }) => number,
        ({ number }) => html`<option value=${number} .selected=${number === chosen}>version ${number}</option>`,
      )}</select></label>`;
    // What was asked for another pair, before a version was made or another chosen, says nothing of this one.
    const diff = this.diff?.from === from && this.diff.to === to ? this.diff : null;
    return html`<section class="section"><header><h2>What changed</h2></header>
      <p class="j-choice">${choice("From", from, (number) => {
        this.from = number;
      })} ${choice("to", to, (number) => {
        this.to = number;
      })} <button class="outlined" ?disabled=${from === to} @click=${() => void this.#compare(from, to)}>Compare</button></p>
      ${diff === null ? nothing : diffView(diff)}</section>`;
  }

  async #compare(from: number, to: number): Promise<void> {
    await this.#attempt(async () => {
      this.diff = await ask<VersionDiff>(`${jobApi(this.job.name)}/diff?from=${from}&to=${to}`);
    });
  }

  async #open(version: number): Promise<void> {
    await this.#attempt(async () => {
      const { path } = await ask<{ path: string }>(`${jobApi(this.job.name)}/open`, {
        method: "POST",
        json: { version },
      });
      dispatchEvent(new CustomEvent("driftbook-go", { detail: notebookAddress(path) }));
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (error) {
      this.problem = problemText(error);
    }
  }
}
customElements.define("db-job-versions", JobVersions);
