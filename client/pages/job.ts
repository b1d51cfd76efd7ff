import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { join } from "lit/directives/join.js";
import type { AlertList, AlertRecord } from "../../cells/wire/http-alerts.ts";
import type { Job, JobSeries, Queued, RunList, TickList, VersionList } from "../../cells/wire/http-jobs.ts";
import { ApiError, ask } from "../api.ts";
import { alertAddress, alertFinding, alertMark } from "./alert-words.ts";
import { backfill, runOver } from "./job-acts.ts";
import { JOB_FACES, type JobFace } from "./job-faces.ts";
import { jobFacts } from "./job-facts.ts";
import { runTable, tickTable } from "./job-lists.ts";
import { jobSeriesView } from "./job-series.ts";
import {
  firedWords,
  isGoing,
  jobAddress,
  jobApi,
  jobState,
  notebookAddress,
  removedWords,
  targetWords,
  versionAddress,
} from "./job-words.ts";
import { renewsJobsAfter } from "./jobs.ts";
import { LoadingPage } from "./loading.ts";
import { rollBack } from "./roll-back.ts";
import { scheduleWords } from "./schedule-words.ts";
import { newSilence } from "./silence-acts.ts";
import { silenceNotice } from "./silence-list.ts";
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
  readonly series: JobSeries;
}
const LISTED = 100;
const MOST_ALERTS = 5;

/** One job: when it runs, what came of it, which versions it had, and what can be done with it. */
class JobPage extends LoadingPage<Loaded> {
  static override properties = {
    ...LoadingPage.properties,
    job: { attribute: false },
    face: { attribute: false },
    olderThan: { attribute: false },
    charted: { state: true },
  };
  declare job: string;
  declare face: JobFace;
  /** Of the list that is shown: the run or due time where the page before it ended; null for the newest. */
  declare olderThan: string | null;

  /** Name of the value whose course is drawn; null for the one that says most. */
  declare charted: string | null;

  constructor() {
    super();
    this.charted = null;
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    const isMoved = changed.has("olderThan") && changed.get("olderThan") !== undefined;
    if (isMoved) void this.refresh();
  }

  protected async load(): Promise<Loaded> {
    const api = jobApi(this.job);
    const page = (face: JobFace): string =>
      `${face}?${new URLSearchParams({ limit: String(LISTED), ...(this.olderThan !== null && face === this.face ? { before: this.olderThan } : {}) })}`;
    const chosen = this.charted === null ? "" : `?${new URLSearchParams({ value: this.charted })}`;
    const [job, { runs }, { ticks }, { versions }, alerts, series] = await Promise.all([
      ask<Job>(api),
      ask<RunList>(`${api}/${page("runs")}`),
      ask<TickList>(`${api}/${page("ticks")}`),
      ask<VersionList>(`${api}/versions`),
      ask<AlertList>(`/api/alerts?job=${encodeURIComponent(this.job)}`),
      ask<JobSeries>(`${api}/series${chosen}`),
    ]);
    const { series: shown } = this.value ?? {};
    const isSame = JSON.stringify(shown) === JSON.stringify(series);
    return { job, runs, ticks, versions, alerts, series: isSame ? shown! : series };
  }

  protected override renewsAfter(value: Loaded | null): number {
    return renewsJobsAfter(value === null ? [] : [value.job]);
  }

  protected show({ job, runs, ticks, versions, alerts, series }: Loaded): TemplateResult {
    const counts: Readonly<Record<JobFace, string>> = {
      runs: runs.length === 0 || this.olderThan !== null ? "" : `${runs.length}${runs.length === LISTED ? "+" : ""}`,
      ticks: "",
      versions: versions.length === 0 ? "" : String(versions.length),
      settings: "",
    };
    return html`<p class="small"><a href="/jobs">Jobs</a> / ${job.name}</p>
      <h1>${job.name}</h1>
      ${this.#lead(job, alerts.zone)}
      ${job.problem === null ? nothing : html`<div class="notice fail"><p>${job.problem}</p></div>`}
      ${this.#changedSince(job)}
      ${alerts.silences.map((one) => silenceNotice(one, job.zone))}
      ${job.removed === null ? this.#actions(job, versions, alerts) : this.#removed(job, job.removed)}
      ${tickStrip(job.name, job.ticks, job.zone)}
      ${alerts.alerts.length === 0 ? nothing : openAlerts(alerts, job.zone)}
      ${pastAlert(alerts.past, job, series)}
      ${jobSeriesView(job.name, series, job.zone, (name) => {
        this.charted = name;
        void this.refresh();
      })}
      ${job.removed !== null ? nothing : jobFacts(job, versions.find(({ number }) => number === job.version) ?? null, recordOf(job, alerts))}
      <nav class="j-tabs" aria-label="About ${job.name}">${facesOf(job).map((face) => html`<a href="${jobAddress(job.name)}${face === "runs" ? "" : `?show=${face}`}" aria-current=${face === this.face ? "page" : nothing} @click=${goWithoutScroll}>${FACE_WORDS[face]} <span class="count">${counts[face]}</span></a>`)}</nav>
      ${this.#shown({ job, runs, ticks, versions, alerts, series })}`;
  }

  #changedSince(job: Job): TemplateResult | typeof nothing {
    const { version, textChanged, contractsChanged: streams } = job;
    const parts = [
      ...(textChanged ? [html`text of <a href=${notebookAddress(job.notebook)}>${targetWords(job)}</a>`] : []),
      ...streams.map((stream) => html`contract of <a href="/s/${encodeURIComponent(stream)}">${stream}</a>`),
    ];
    if (version === null || parts.length === 0) return nothing;
    return html`<div class="notice warn"><p>The ${join(parts, " and the ")} ${parts.length === 1 ? "has" : "have"} changed since version ${version}. Runs use version ${version} until it is promoted again. <button class="outlined small" @click=${() => void this.#promote(job)}>Promote again…</button></p></div>`;
  }

  #lead(job: Job, workspaceZone: string): TemplateResult {
    const state = jobState(job);
    return html`<p class="j-lead">${job.lastRun?.verdict == null ? nothing : verdictView(job.lastRun.verdict)}<span class="tone-${state.tone}" role="status">${state.word}</span>
      <span>${scheduleWords(job.spec.schedule)}, <span class="muted">${job.zone === workspaceZone ? job.zone : html`times in ${job.zone}, not the workspace’s ${workspaceZone}`}</span></span>
      <span><a href=${notebookAddress(job.notebook)}>${targetWords(job)}</a>${job.version === null ? nothing : html` <a class="muted" href=${versionAddress(job.name, job.version)}>in version ${job.version}</a>`}</span></p>`;
  }

  #actions(job: Job, versions: Loaded["versions"], alerts: AlertList): TemplateResult {
    const canRun = job.version !== null;
    return html`<p class="j-actions">
      <button class="primary" ?disabled=${!canRun} @click=${() => void this.#run()}>Run now</button>
      <button class="outlined" ?disabled=${!canRun} @click=${() => void this.#after(runOver(job))}>Run over…</button>
      <button class="outlined" ?disabled=${!canRun} @click=${() => void this.#after(backfill(job))}>Backfill…</button>
      <button class="outlined" @click=${() => void this.#pause(job)}>${job.paused ? "Resume" : "Pause"}</button>
      <button class="outlined" ?disabled=${versions.length < 2} @click=${() => void this.#after(rollBack(job, versions))}>Roll back…</button>
      <button class="outlined" @click=${() => void this.#silence(alerts)}>Silence…</button></p>`;
  }

  /** Its history can be read; nothing runs. */
  #removed(job: Job, removed: NonNullable<Job["removed"]>): TemplateResult {
    return html`<div class="notice"><p>This job was ${removedWords(removed, job.zone)}. It runs no more; what it measured stays. ${job.version === null ? nothing : html`<button class="outlined small" title="With its settings and version ${job.version}, from its next due time on" @click=${() => void this.#restore()}>Bring it back</button>`}</p></div>`;
  }

  async #restore(): Promise<void> {
    await this.attempt(async () => {
      const { version } = await ask<Job>(`${jobApi(this.job)}/restore`, { method: "POST", json: {} });
      await this.#renew(`It is back, with version ${version}.`);
    });
  }

  #shown({ job, runs, ticks, versions }: Loaded): TemplateResult {
    switch (facesOf(job).includes(this.face) ? this.face : "runs") {
      case "runs":
        return html`${this.#cancelAll(runs)}${runTable(job, runs, (run) => void this.#cancel(run))}${this.#pages(runs.map(({ id }) => id))}`;
      case "ticks":
        return html`${tickTable(job, ticks)}${this.#pages(ticks.map(({ scheduledFor }) => scheduledFor))}`;
      case "versions":
        return html`<db-job-versions .job=${job} .versions=${versions} @changed=${() => void this.refresh()}></db-job-versions>`;
      case "settings":
        return html`<db-job-settings .job=${job} @changed=${(event: CustomEvent<string>) => {
          this.said = event.detail;
          void this.refresh();
        }}></db-job-settings>`;
    }
  }

  #cancelAll(runs: Loaded["runs"]): TemplateResult | typeof nothing {
    const going = runs.filter(({ state }) => isGoing(state)).map(({ id }) => id);
    if (going.length < 2) return nothing;
    return html`<p class="small" role="status">${going.length} runs go on or wait. <button class="small outlined" @click=${() => void this.#cancel(...going)}>Cancel all</button></p>`;
  }

  /** To the part of the list before what is shown, and back to its beginning. */
  #pages(listed: readonly string[]): TemplateResult | typeof nothing {
    const last = listed.length === LISTED ? listed.at(-1)! : null;
    if (last === null && this.olderThan === null) return nothing;
    const address = (before: string | null): string => {
      const asked = { ...(this.face === "runs" ? {} : { show: this.face }), ...(before === null ? {} : { before }) };
      return `${jobAddress(this.job)}?${new URLSearchParams(asked)}`;
    };
    return html`<nav class="j-actions" aria-label="Parts of the list">
      ${this.olderThan === null ? nothing : html`<a class="button outlined" href=${address(null)} @click=${goWithoutScroll}>Newest</a>`}
      ${last === null ? nothing : html`<a class="button outlined" href=${address(last)} @click=${goWithoutScroll}>Older</a>`}</nav>`;
  }

  async #run(): Promise<void> {
    await this.attempt(async () => {
      await ask<Queued>(`${jobApi(this.job)}/run`, { method: "POST", json: {} });
      this.value = await this.load();
    });
  }

  async #promote({ notebook, cell }: Job): Promise<void> {
    await this.attempt(async () => {
      const { openPromotion } = await import("./promote.ts");
      const made = await openPromotion({ notebook, cell, kind: null, window: null, moved: {}, job: null });
      if (made !== null) await this.#renew(`Version ${made.version} runs from now on.`);
    });
  }

  async #silence({ zone }: AlertList): Promise<void> {
    await this.attempt(async () => {
      if (await newSilence(zone, this.job)) await this.#renew("Nobody is told in that time.");
    });
  }

  async #pause(job: Job): Promise<void> {
    await this.attempt(async () => {
      await ask<Job>(`${jobApi(this.job)}/${job.paused ? "resume" : "pause"}`, { method: "POST", json: {} });
      this.value = await this.load();
    });
  }

  /** `act` asks for what is wanted and resolves to a sentence about what was done, or null. */
  async #after(act: Promise<string | null>): Promise<void> {
    const said = await act;
    if (said !== null) await this.#renew(said);
  }

  async #cancel(...runs: readonly string[]): Promise<void> {
    await this.attempt(async () => {
      for (const run of runs)
        await ask(`${jobApi(this.job)}/cancel`, { method: "POST", json: { run } }).catch((error: unknown) => {
          // One of many that ended by itself meanwhile is what was wanted.
          if (runs.length === 1 || !(error instanceof ApiError) || error.status !== 409) throw error;
        });
      this.value = await this.load();
    });
  }

  async #renew(said: string): Promise<void> {
    this.said = said;
    await this.refresh();
  }
}
customElements.define("db-job", JobPage);

/** What was removed has no settings any more. */
const facesOf = ({ removed }: Job): readonly JobFace[] =>
  removed === null ? JOB_FACES : JOB_FACES.filter((face) => face !== "settings");

const recordOf = ({ name }: Job, { records }: AlertList): AlertRecord | null =>
  records.find(({ job }) => job === name) ?? null;

/** Quiet: what fired last and is over. */
function pastAlert(
  past: AlertList["past"],
  { name, zone }: Job,
  { fired }: JobSeries,
): TemplateResult | typeof nothing {
  const last = past.find(({ job }) => job === name);
  // The course says it as well.
  if (last === undefined || fired.some(({ alert }) => alert === last.alert)) return nothing;
  return html`<p class="small muted">Last alert that is over: <a href=${alertAddress(last.alert)}>${last.title}</a>, ${firedWords(last.firedAt, last.endedAt, zone)}</p>`;
}

function openAlerts({ alerts }: AlertList, zone: string): TemplateResult {
  return html`<ul class="j-alerts" aria-label="Open alerts">${alerts.slice(0, MOST_ALERTS).map((alert) => html`<li>${alertMark(alert.state)} <a href=${alertAddress(alert.id)}>${alert.title}</a> <span class="muted">${alertFinding(alert, zone)}</span></li>`)}${alerts.length > MOST_ALERTS ? html`<li><a href="/alerts">${alerts.length - MOST_ALERTS} more</a></li>` : nothing}</ul>`;
}

/** Another face of the same page: it stays where it is. */
function goWithoutScroll(event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  dispatchEvent(new CustomEvent("driftbook-go", { detail: (event.currentTarget as HTMLAnchorElement).href }));
}
