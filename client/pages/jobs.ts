import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { AlertList } from "../../cells/wire/http-alerts.ts";
import type { Applied, Job, JobList } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { moment } from "../format.ts";
import { alertAddress } from "./alert-words.ts";
import { runResult } from "./job-lists.ts";
import { hasWords } from "./job-order.ts";
import {
  dueText,
  firedWords,
  jobAddress,
  jobState,
  notebookAddress,
  removedWords,
  runAddress,
  targetWords,
  until,
} from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import { scheduleWords } from "./schedule-words.ts";
import { tickStrip } from "./tick-strip.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";

const FILTERED_FROM = 12;
const FIRST_JOBS = 100;
const IDLE_MILLIS = 10_000;
const BUSY_MILLIS = 2000;

/** What runs is looked at soon, what waits for its time seldom. */
export const renewsJobsAfter = (jobs: readonly Pick<Job, "active">[]): number =>
  jobs.some(({ active }) => active > 0) ? BUSY_MILLIS : IDLE_MILLIS;

type Loaded = JobList & Pick<AlertList, "past">;

/** All jobs: what their last runs came to, when the next is due, what is wrong with them. */
class JobsPage extends LoadingPage<Loaded> {
  static override properties = { ...LoadingPage.properties, wanted: { state: true }, isWhole: { state: true } };
  /** Words that a job must have. */
  declare wanted: string;
  declare isWhole: boolean;

  constructor() {
    super();
    this.wanted = "";
    this.isWhole = false;
  }

  protected async load(): Promise<Loaded> {
    const [jobs, { past }] = await Promise.all([ask<JobList>("/api/jobs"), ask<AlertList>("/api/alerts?limit=1")]);
    return { ...jobs, past };
  }

  protected override renewsAfter(value: Loaded | null): number {
    return renewsJobsAfter(value?.jobs ?? []);
  }

  protected show({ zone, jobs, unreadable, removed, past }: Loaded): TemplateResult {
    const found = jobs.filter((job) => hasWords(job, this.wanted));
    const shown = this.isWhole ? found : found.slice(0, FIRST_JOBS);
    return html`<h1>Jobs</h1>
      ${unreadable.map(({ problem }) => html`<div class="notice warn"><p>${problem}</p></div>`)}
      ${
        jobs.length === 0
          ? noJobs()
          : html`<p class="muted small">${jobs.length === 1 ? "One job" : `${jobs.length} jobs`} · times in ${zone} · <button class="small outlined" title="Read jobs/*.yaml and take up what changed" @click=${() => void this.#apply()}>Take up changed files</button></p>${
              jobs.length <= FILTERED_FROM
                ? nothing
                : html`<p><input type="search" aria-label="Find jobs" placeholder="Find by name, notebook, verdict or state" size="40" .value=${this.wanted} @input=${(
                    event: Event,
                  ) => {
                    this.wanted = (event.target as HTMLInputElement).value;
                  }} /></p>`
            }${found.length === 0 ? html`<p class="empty">No job has these words.</p>` : jobTable(shown, zone, past)}${
              shown.length === found.length
                ? nothing
                : html`<p><button class="outlined" @click=${() => {
                    this.isWhole = true;
                  }}>Show all ${found.length}</button></p>`
            }`
      }
      ${removed.length === 0 ? nothing : removedJobs(removed, zone)}`;
  }

  async #apply(): Promise<void> {
    await this.attempt(async () => {
      const { results } = await ask<Applied>("/api/jobs/apply", { method: "POST", json: {} });
      const changed = results.filter(({ change }) => change !== "unchanged");
      this.said =
        changed.length === 0
          ? "The files are what is in force."
          : changed.map(({ name, message }) => `${name}: ${message}`).join(" ");
      this.value = await this.load();
    });
  }
}
customElements.define("db-jobs", JobsPage);

function noJobs(): TemplateResult {
  return html`<div class="j-empty"><p>No jobs yet. A job runs a cell of a notebook by schedule, keeps what it measured, and says when a bound is broken.</p>
    <ol><li>Open a notebook from <a href="/">Home</a>.</li><li>Choose <b>Promote to job…</b> in the menu ⋯ of a drift, KPI or check cell, or press Ctrl K and promote the whole notebook.</li><li>Give it a schedule such as <code>every day at 06:00</code>.</li></ol>
    <p class="muted">Jobs are files in <code>jobs/</code>: write one by hand and <code>driftbook job apply</code> takes it up.</p></div>`;
}

/** Those that ended, folded: what they measured can still be read. */
function removedJobs(removed: JobList["removed"], zone: string): TemplateResult {
  return html`<details class="r-fold"><summary>Removed <span class="count">${removed.length}</span></summary>
    <ul class="j-removed">${removed.map((job) => html`<li><a href=${jobAddress(job.name)}>${job.name}</a> <span class="muted">${targetWords(job)}, ${removedWords(job, zone)}</span></li>`)}</ul></details>`;
}

/** A line for each job; Home shows the same. */
export function jobTable(jobs: readonly Job[], zone: string, past: AlertList["past"]): TemplateResult {
  const lastOf = new Map(past.map((one) => [one.job, one]));
  return html`<div class="scroll"><table class="rows j-rows j-stack">
    <thead><tr><th scope="col">Job</th><th scope="col">Last ${TICKS} due times</th><th scope="col">Last run</th><th scope="col">Next</th><th scope="col" class="hide-narrow">State</th></tr></thead>
    <tbody>${repeat(
      jobs,
      ({ name }) => name,
      (job) => row(job, zone, lastOf.get(job.name)),
    )}</tbody></table></div>`;
}
const TICKS = 30;

function row(job: Job, zone: string, last: AlertList["past"][number] | undefined): TemplateResult {
  const { name, spec, lastRun, nextTimes, problem, version, ticks } = job;
  const state = jobState(job);
  const [next] = nextTimes;
  return html`<tr>
    <td><a class="j-name" href=${jobAddress(name)}>${name}</a>
      <div class="j-sub">${scheduleWords(spec.schedule)}${job.zone === zone ? nothing : `, ${job.zone}`} · <a href=${notebookAddress(job.notebook)}>${targetWords(job)}</a></div>
      ${problem === null ? nothing : html`<div class="j-problem">× ${problem}</div>`}</td>
    <td>${tickStrip(name, ticks.slice(-TICKS), zone)}${last === undefined ? nothing : html`<div class="j-sub"><a class="muted" href=${alertAddress(last.alert)} title=${last.title}>${firedWords(last.firedAt, last.endedAt, zone)}</a></div>`}</td>
    <td class="nowrap">${lastRun === null ? html`<span class="muted">none yet</span>` : html`${runResult(lastRun)} <a class="small" href=${runAddress(name, lastRun.id)} title=${lastRun.createdAt}>${moment(lastRun.endedAt ?? lastRun.createdAt, zone)}</a>`}</td>
    <td class="nowrap">${next === undefined ? html`<span class="muted">–</span>` : html`<span class="only-narrow muted">next </span><span title=${`${dueText(next, zone)} (${next})`}>${until(next)}</span>`}</td>
    <td class="nowrap hide-narrow"><span class="tone-${state.tone}">${state.word}</span>${version === null ? nothing : html` <span class="muted">v${version}</span>${job.textChanged ? html`<div class="j-sub" title="The notebook's text gives another version than the one in force">text changed</div>` : nothing}${job.contractsChanged.length > 0 ? html`<div class="j-sub" title="Runs read ${job.contractsChanged.join(", ")} under the contract as it was promoted">contract changed</div>` : nothing}`}</td>
  </tr>`;
}
