import { html, nothing, type TemplateResult } from "lit";
import type { AlertList, AlertRecord } from "../../cells/wire/http-alerts.ts";
import type { Job, Queued, RunList, TickList, VersionList } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { alertAddress, alertFinding, alertMark } from "./alert-words.ts";
import { JOB_FACES, type JobFace } from "./job-faces.ts";
import { jobFacts } from "./job-facts.ts";
import { openForm } from "./job-form.ts";
import { runTable, tickTable } from "./job-lists.ts";
import { jobAddress, jobApi, jobState, notebookAddress, targetWords } from "./job-words.ts";
import { renewsJobsAfter } from "./jobs.ts";
import { LoadingPage } from "./loading.ts";
import { scheduleWords } from "./schedule-words.ts";
import { tickStrip } from "./tick-strip.ts";
import { verdictView } from "./verdict-view.ts";
import "./job-settings.ts";
import "./job-versions.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";
import "../styles/reading.css";

const FACE_WORDS: Readonly<Record<JobFace, string>> = {
  runs: "Runs",
  ticks: "Due times",
  versions: "Versions",
  settings: "Settings",
};

interface Loaded {
  readonly job: Job;
  readonly runs: RunList["runs"];
  readonly ticks: TickList["ticks"];
  readonly versions: VersionList["versions"];
  /** Open ones of this job, and what its alerts were worth. */
  readonly alerts: AlertList;
}
const LISTED = 100;
const MOST_LISTED = 1000;
const MOST_ALERTS = 5;

/** One job: when it runs, what came of it, which versions it had, and what can be done with it. */
class JobPage extends LoadingPage<Loaded> {
  static override properties = {
    ...LoadingPage.properties,
    job: { attribute: false },
    face: { attribute: false },
    limit: { state: true },
  };
  declare job: string;
  declare face: JobFace;
  /** How many runs and due times are listed at most. */
  declare limit: number;

  constructor() {
    super();
    this.limit = LISTED;
  }

  protected async load(): Promise<Loaded> {
    const api = jobApi(this.job);
    const [job, { runs }, { ticks }, { versions }, alerts] = await Promise.all([
      ask<Job>(api),
      ask<RunList>(`${api}/runs?limit=${this.limit}`),
      ask<TickList>(`${api}/ticks?limit=${this.limit}`),
      ask<VersionList>(`${api}/versions`),
      ask<AlertList>(`/api/alerts?job=${encodeURIComponent(this.job)}`),
    ]);
    return { job, runs, ticks, versions, alerts };
  }

  protected override renewsAfter(value: Loaded | null): number {
    return renewsJobsAfter(value === null ? [] : [value.job]);
  }

  protected show({ job, runs, ticks, versions, alerts }: Loaded): TemplateResult {
    const counts: Readonly<Record<JobFace, string>> = {
      runs: runs.length === 0 ? "" : `${runs.length}${runs.length === this.limit ? "+" : ""}`,
      ticks: "",
      versions: versions.length === 0 ? "" : String(versions.length),
      settings: "",
    };
    return html`<p class="small"><a href="/jobs">Jobs</a> / ${job.name}</p>
      <h1>${job.name}</h1>
      ${this.#lead(job)}
      ${job.problem === null ? nothing : html`<div class="notice fail"><p>${job.problem}</p></div>`}
      ${job.textChanged && job.version !== null ? html`<div class="notice warn"><p>The text of <a href=${notebookAddress(job.notebook)}>${targetWords(job)}</a> has changed since version ${job.version}. Runs use version ${job.version} until it is promoted again. <button class="outlined small" @click=${() => void this.#promote(job)}>Promote again…</button></p></div>` : nothing}
      ${this.#actions(job, versions)}
      ${tickStrip(job.name, job.ticks, job.zone)}
      ${alerts.alerts.length === 0 ? nothing : openAlerts(alerts.alerts)}
      ${jobFacts(job, versions.find(({ number }) => number === job.version) ?? null, recordOf(job, alerts))}
      <nav class="j-tabs" aria-label="About ${job.name}">${JOB_FACES.map((face) => html`<a href="${jobAddress(job.name)}${face === "runs" ? "" : `?show=${face}`}" aria-current=${face === this.face ? "page" : nothing}>${FACE_WORDS[face]} <span class="count">${counts[face]}</span></a>`)}</nav>
      ${this.#shown({ job, runs, ticks, versions, alerts })}`;
  }

  #lead(job: Job): TemplateResult {
    const state = jobState(job);
    return html`<p class="j-lead">${job.lastRun?.verdict == null ? nothing : verdictView(job.lastRun.verdict)}<span class="tone-${state.tone}" role="status">${state.word}</span>
      <span>${scheduleWords(job.spec.schedule)}, <span class="muted">${job.zone}</span></span>
      <span><a href=${notebookAddress(job.notebook)}>${targetWords(job)}</a>${job.version === null ? nothing : html` <span class="muted">in version ${job.version}</span>`}</span></p>`;
  }

  #actions(job: Job, versions: Loaded["versions"]): TemplateResult {
    const canRun = job.version !== null;
    return html`<p class="j-actions">
      <button class="primary" ?disabled=${!canRun} @click=${() => void this.#run()}>Run now</button>
      <button class="outlined" ?disabled=${!canRun} @click=${() => void this.#runOver(job)}>Run over…</button>
      <button class="outlined" ?disabled=${!canRun} @click=${() => void this.#backfill(job)}>Backfill…</button>
      <button class="outlined" @click=${() => void this.#pause(job)}>${job.paused ? "Resume" : "Pause"}</button>
      <button class="outlined" ?disabled=${versions.length < 2} @click=${() => void this.#rollBack(job, versions)}>Roll back…</button></p>`;
  }

  #shown({ job, runs, ticks, versions }: Loaded): TemplateResult {
    switch (this.face) {
      case "runs":
        return html`${runTable(job, runs, (run) => void this.#cancel(run))}${this.#older(runs.length)}`;
      case "ticks":
        return html`${tickTable(job, ticks)}${this.#older(ticks.length)}`;
      case "versions":
        return html`<db-job-versions .job=${job} .versions=${versions} @changed=${() => void this.refresh()}></db-job-versions>`;
      case "settings":
        return html`<db-job-settings .job=${job} @changed=${(event: CustomEvent<string>) => {
          this.said = event.detail;
          void this.refresh();
        }}></db-job-settings>`;
    }
  }

  #older(listed: number): TemplateResult | typeof nothing {
    if (listed < this.limit || this.limit >= MOST_LISTED) return nothing;
    return html`<p><button class="outlined" @click=${() => {
      this.limit = MOST_LISTED;
      void this.refresh();
    }}>Show older ones</button></p>`;
  }

  async #run(): Promise<void> {
    await this.attempt(async () => {
      await ask<Queued>(`${jobApi(this.job)}/run`, { method: "POST", json: {} });
      this.value = await this.load();
    });
  }

  async #runOver(job: Job): Promise<void> {
    const isDone = await openForm({
      title: `Run ${job.name} over another window`,
      about: "Once, with the version in force. What is left empty is as the schedule has it.",
      fields: html`<label><span>Window</span><input type="text" name="window" maxlength="200" placeholder="last 7 days, 2026-03, or 2026-03-01/2026-04-01" autofocus /></label>
        <label><span>As of: what was known at that time</span><input type="text" name="asOf" maxlength="40" placeholder="2026-04-01T06:00:00Z" /></label>`,
      act: "Run",
      submit: async (data) => {
        const [window, asOf] = [text(data, "window"), text(data, "asOf")];
        await ask<Queued>(`${jobApi(this.job)}/run`, {
          method: "POST",
          json: { ...(window === "" ? {} : { window }), ...(asOf === "" ? {} : { asOf }) },
        });
      },
    });
    if (isDone) await this.#renew("It runs now.");
  }

  async #backfill(job: Job): Promise<void> {
    let count = 0;
    const isDone = await openForm({
      title: `Backfill ${job.name}`,
      about: "Runs the version in force for every due time of a range that has passed.",
      fields: html`<label><span>Range of due times</span><input type="text" name="range" required maxlength="200" placeholder="2026-03, last 90 days, or 2026-03-01/2026-04-01" autofocus /></label>
        <label><span>Data</span><select name="as"><option value="known-then">as each due time knew it</option><option value="known-now">as it is known now, with labels that came later</option></select></label>
        <label class="j-check"><input type="checkbox" name="alerts" /><span style="color:inherit;font-size:inherit">Alerts may fire</span></label>
        <p class="j-hint">Nobody is told of a backfill unless this is chosen.</p>`,
      act: "Backfill",
      submit: async (data) => {
        const { runs } = await ask<Queued>(`${jobApi(this.job)}/backfill`, {
          method: "POST",
          json: { range: text(data, "range"), as: text(data, "as"), alerts: data.has("alerts") },
        });
        count = runs.length;
      },
    });
    if (isDone) await this.#renew(count === 1 ? "One run is queued." : `${count} runs are queued.`);
  }

  async #promote({ notebook, cell }: Job): Promise<void> {
    await this.attempt(async () => {
      const { openPromotion } = await import("./promote.ts");
      const made = await openPromotion({ notebook, cell, window: null, moved: {} });
      if (made !== null) await this.#renew(`Version ${made.version} runs from now on.`);
    });
  }

  async #pause(job: Job): Promise<void> {
    await this.attempt(async () => {
      await ask<Job>(`${jobApi(this.job)}/${job.paused ? "resume" : "pause"}`, { method: "POST", json: {} });
      this.value = await this.load();
    });
  }

  async #rollBack(job: Job, versions: Loaded["versions"]): Promise<void> {
    const others = versions.filter(({ number }) => number !== job.version).toSorted((a, b) => b.number - a.number);
    const isDone = await openForm({
      title: `Roll ${job.name} back`,
      about: "Runs from now on use a new version that equals an earlier one. The notebook stays as it is.",
      fields: html`<label><span>Version</span><select name="version" autofocus>${others.map(({ number, madeAt, note }) => html`<option value=${number}>Version ${number}, ${madeAt.slice(0, 10)}${note === null ? "" : `: ${note}`}</option>`)}</select></label>
        <label><span>Why</span><input type="text" name="note" maxlength="500" placeholder="the new bounds fire too often" /></label>`,
      act: "Roll back",
      submit: async (data) => {
        await ask<Job>(`${jobApi(this.job)}/rollback`, {
          method: "POST",
          json: { version: Number(data.get("version")), note: text(data, "note") || null },
        });
      },
    });
    if (isDone) await this.#renew("Rolled back.");
  }

  async #cancel(run: string): Promise<void> {
    await this.attempt(async () => {
      await ask(`${jobApi(this.job)}/cancel`, { method: "POST", json: { run } });
      this.value = await this.load();
    });
  }

  async #renew(said: string): Promise<void> {
    this.said = said;
    await this.refresh();
  }
}
customElements.define("db-job", JobPage);

const recordOf = ({ name }: Job, { records }: AlertList): AlertRecord | null =>
  records.find(({ job }) => job === name) ?? null;

function openAlerts(alerts: AlertList["alerts"]): TemplateResult {
  return html`<ul class="j-alerts" aria-label="Open alerts">${alerts.slice(0, MOST_ALERTS).map((alert) => html`<li>${alertMark(alert.state)} <a href=${alertAddress(alert.id)}>${alert.title}</a> <span class="muted">${alertFinding(alert)}</span></li>`)}${alerts.length > MOST_ALERTS ? html`<li><a href="/alerts">${alerts.length - MOST_ALERTS} more</a></li>` : nothing}</ul>`;
}

const text = (data: FormData, name: string): string => String(data.get(name) ?? "").trim();
