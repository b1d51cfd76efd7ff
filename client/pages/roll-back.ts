import { html, nothing, type TemplateResult } from "lit";
import type { Version } from "../../cells/jobs/version.ts";
import { momentText } from "../../cells/views/time-text.ts";
import type { Job, VersionDiff } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { LightElement } from "../light-element.ts";
import { openForm, problemText } from "./job-form.ts";
import { jobApi } from "./job-words.ts";
import { diffView } from "./version-diff.ts";

/** Which version to roll back to, and what that changes. */
class VersionChoice extends LightElement {
  static override properties = {
    job: { attribute: false },
    versions: { attribute: false },
    chosen: { state: true },
    diff: { state: true },
    problem: { state: true },
  };
  declare job: Job;
  /** Those that can be chosen, the newest first. */
  declare versions: readonly Version[];
  declare chosen: number | null;
  declare diff: VersionDiff | null;
  declare problem: string | null;

  constructor() {
    super();
    this.chosen = null;
    this.diff = null;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#choose(this.versions[0]!.number);
  }

  /** The dialog is open before this is drawn, and would leave the focus at the note. */
  override firstUpdated(): void {
    this.querySelector("select")?.focus();
  }

  override render(): TemplateResult {
    const { zone } = this.job;
    return html`<label><span>Version</span><select name="version" @change=${(event: Event) => void this.#choose(Number((event.target as HTMLSelectElement).value))}>${this.versions.map(({ number, madeAt, note }) => html`<option value=${number}>Version ${number}, ${momentText(madeAt, zone)}${note === null ? "" : `: ${note}`}</option>`)}</select></label>
      ${this.problem === null ? nothing : html`<p class="notice fail" role="alert">${this.problem}</p>`}
      ${this.diff?.to === this.chosen && this.diff !== null ? html`<section class="j-changes" aria-label="What it changes">${diffView(this.diff)}</section>` : nothing}`;
  }

  async #choose(number: number): Promise<void> {
    this.chosen = number;
    try {
      const { name, version } = this.job;
      const diff = await ask<VersionDiff>(`${jobApi(name)}/diff?from=${version}&to=${number}`);
      if (this.chosen !== number) return;
      this.diff = diff;
      this.problem = null;
    } catch (error) {
      this.problem = problemText(error);
    }
  }
}
customElements.define("db-version-choice", VersionChoice);

/** Resolves to a sentence about what was done, or null where nothing was. */
export async function rollBack(job: Job, versions: readonly Version[]): Promise<string | null> {
  const { name, version } = job;
  const others = versions.filter(({ number }) => number !== version).toSorted((a, b) => b.number - a.number);
  const isDone = await openForm({
    title: `Roll ${name} back`,
    about: "Runs from now on use a new version that equals an earlier one. The notebook stays as it is.",
    fields: html`<db-version-choice .job=${job} .versions=${others}></db-version-choice>
      <label><span>Note for the list of versions</span><input type="text" name="note" maxlength="500" placeholder="why, such as: the new bounds fire too often" autocomplete="off" /></label>`,
    act: "Roll back",
    submit: async (data) => {
      const note = String(data.get("note") ?? "").trim();
      await ask<Job>(`${jobApi(name)}/rollback`, {
        method: "POST",
        json: { version: Number(data.get("version")), note: note === "" ? null : note },
      });
    },
  });
  return isDone ? "Rolled back." : null;
}
