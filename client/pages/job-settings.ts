import { html, nothing, type TemplateResult } from "lit";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import type { DestinationList } from "../../cells/wire/http-alerts.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { LightElement } from "../light-element.ts";
import { alertFields, moreFields, SHOWN_FIELDS, specOf, timeFields, waitField } from "./job-fields.ts";
import { fieldOf, problemText } from "./job-form.ts";
import { jobApi } from "./job-words.ts";

/** What of a job can change without a new version, and its end. */
class JobSettings extends LightElement {
  static override properties = {
    job: { attribute: false },
    destinations: { state: true },
    problem: { state: true },
  };
  declare job: Job;
  declare destinations: DestinationList["destinations"] | null;
  declare problem: string | null;
  /** The spec that the form was made from: a job that renews itself must not undo what is being typed. */
  #begun: JobSpec | null = null;

  constructor() {
    super();
    this.destinations = null;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void ask<DestinationList>("/api/destinations").then(
      ({ destinations }) => {
        this.destinations = destinations;
      },
      (error: unknown) => {
        this.problem = problemText(error);
      },
    );
  }

  override render(): TemplateResult {
    this.#begun ??= this.job.spec;
    const spec = this.#begun;
    const { name, zone } = this.job;
    return html`${this.problem === null || SHOWN_FIELDS.has(fieldOf(this.problem)?.field ?? "") ? nothing : html`<p class="notice fail" role="alert">${fieldOf(this.problem)?.sentence ?? this.problem}</p>`}
      <form class="j-form j-settings" @submit=${(event: SubmitEvent) => void this.#save(event)}>
        ${timeFields(spec, zone, this.problem)}
        <div class="j-pair">${waitField(spec, this.problem)}</div>
        ${alertFields(spec, this.destinations)}
        ${moreFields(spec, this.problem)}
        <p class="j-hint">Window and input values belong to the version: promote the cell again to change them.</p>
        <p class="j-actions"><button class="primary">Save settings</button></p>
      </form>
      <section class="section"><header><h2>jobs/${name}.yaml</h2></header><pre class="code">${specLines(this.job.spec)}</pre></section>
      <p class="j-actions"><button class="danger" @click=${() => void this.#delete()}>Delete the job…</button></p>`;
  }

  async #save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const spec = specOf(new FormData(event.target as HTMLFormElement), this.job.spec);
    await this.#attempt(async () => {
      await ask<Job>(jobApi(this.job.name), { method: "PUT", json: { spec, promote: false } });
      this.#begun = null;
      this.dispatchEvent(new CustomEvent("changed", { detail: "The settings are in force." }));
    });
  }

  async #delete(): Promise<void> {
    const { name } = this.job;
    if (
      !confirm(
        `Delete the job "${name}"? It runs no more and its file is removed. What it measured can still be read, and it can be brought back, under Removed on the page Jobs.`,
      )
    )
      return;
    await this.#attempt(async () => {
      await ask(jobApi(name), { method: "DELETE" });
      dispatchEvent(new CustomEvent("driftbook-go", { detail: "/jobs" }));
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
customElements.define("db-job-settings", JobSettings);

/** As it is in force, one key a line. */
function specLines(spec: JobSpec): string {
  return Object.entries(spec)
    .map(([key, value]) => `${key}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join("\n");
}
