import { html, nothing, type TemplateResult } from "lit";
import type { SilenceSubjects } from "../../cells/wire/http-alerts.ts";
import { ask } from "../api.ts";
import { LightElement } from "../light-element.ts";
import { problemText } from "./job-form.ts";

/** What may be chosen: `value` is what the form gives. */
export interface SilenceChoice {
  readonly value: string;
  readonly words: string;
}
interface ChoiceGroup {
  readonly label: string;
  readonly choices: readonly SilenceChoice[];
}

const SPANS = [
  ["2h", "2 hours"],
  ["8h", "8 hours"],
  ["1d", "1 day"],
  ["3d", "3 days"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const;
const AT = "at";

/**
 * Fields `job`, `what`, `from`, `for` or `until`, and `comment` of the form around it. Where `choices` are given they are all;
 * else what there is of the chosen job is asked for.
 */
class SilenceFields extends LightElement {
  static override properties = {
    jobs: { attribute: false },
    choices: { attribute: false },
    zone: { attribute: false },
    job: { state: true },
    groups: { state: true },
    problem: { state: true },
    begins: { state: true },
    ends: { state: true },
  };
  declare jobs: readonly string[];
  declare choices: readonly SilenceChoice[] | null;
  declare zone: string;
  declare job: string;
  declare groups: readonly ChoiceGroup[];
  declare problem: string | null;
  declare begins: string;
  declare ends: string;

  constructor() {
    super();
    this.choices = null;
    this.groups = [];
    this.problem = null;
    this.begins = "now";
    this.ends = "1d";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.job = this.jobs[0] ?? "";
    if (this.choices === null) void this.#load();
  }

  /** A dialog looks for what to focus before this has any. */
  override firstUpdated(): void {
    this.querySelector<HTMLElement>("[autofocus]")?.focus();
  }

  async #load(): Promise<void> {
    const { job } = this;
    this.groups = [];
    try {
      const { cells } = await ask<SilenceSubjects>(`/api/silences/subjects?job=${encodeURIComponent(job)}`);
      if (job === this.job) this.groups = cells.map(groupOf);
      this.problem = null;
    } catch (error) {
      this.problem = problemText(error);
    }
  }

  override render(): TemplateResult {
    const { jobs, choices, job, groups, problem, begins, ends } = this;
    const chosen = (event: Event): string => (event.target as HTMLSelectElement).value;
    return html`${
      jobs.length < 2
        ? html`<input type="hidden" name="job" value=${job} />`
        : html`<label><span>Job</span><select name="job" autofocus @change=${(event: Event) => {
            this.job = chosen(event);
            void this.#load();
          }}>${jobs.map((name) => html`<option value=${name} ?selected=${name === job}>${name}</option>`)}</select></label>`
    }
      <label><span>What</span><select name="what" ?autofocus=${jobs.length < 2}>${
        choices === null
          ? html`<option value="{}">all alerts of ${job}</option>${groups.map(({ label, choices: those }) => html`<optgroup label=${label}>${those.map(option)}</optgroup>`)}`
          : choices.map(option)
      }</select></label>
      ${problem === null ? nothing : html`<p class="j-hint verdict-fail" role="alert">× ${problem}</p>`}
      <div class="j-pair">
        <label><span>Begins</span><select @change=${(event: Event) => {
          this.begins = chosen(event);
        }}><option value="now">now</option><option value=${AT}>at a time …</option></select></label>
        ${begins === AT ? moment("from", "Begins at") : nothing}
      </div>
      <div class="j-pair">
        <label><span>Lasts</span><select name=${ends === AT ? nothing : "for"} @change=${(event: Event) => {
          this.ends = chosen(event);
        }}>${SPANS.map(([value, words]) => html`<option value=${value} ?selected=${value === ends}>${words}</option>`)}<option value=${AT}>until a time …</option></select></label>
        ${ends === AT ? moment("until", "Ends at") : nothing}
      </div>
      ${begins === AT || ends === AT ? html`<p class="j-hint">Times in ${this.zone}</p>` : nothing}
      <label><span>Why</span><input type="text" name="comment" required maxlength="500" placeholder="the new model goes live today" /></label>`;
  }
}
customElements.define("db-silence-fields", SilenceFields);

const option = ({ value, words }: SilenceChoice): TemplateResult => html`<option value=${value}>${words}</option>`;

const moment = (name: string, words: string): TemplateResult =>
  html`<label><span>${words}</span><input type="datetime-local" name=${name} required /></label>`;

function groupOf({ cell, values }: SilenceSubjects["cells"][number]): ChoiceGroup {
  return {
    label: cell,
    choices: [
      { value: JSON.stringify({ cell }), words: `all of ${cell}` },
      ...values.map(({ title, metric, subject, slice }) => ({
        value: JSON.stringify({ cell, metric, subject, slice }),
        words: title,
      })),
    ],
  };
}
