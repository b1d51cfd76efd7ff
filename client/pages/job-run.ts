import { html, nothing, type TemplateResult } from "lit";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Job, Queued, RunDetail } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { duration, integer } from "../format.ts";
import { runResult } from "./job-lists.ts";
import { readingTable, runCells } from "./job-run-parts.ts";
import { isGoing, jobAddress, jobApi, PURPOSE_WORDS, removedWords, runAddress, versionAddress } from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import { sentence } from "./sentence.ts";
import "./run-output.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";
import "../styles/reading.css";
import { windowsOf } from "./run-windows.ts";

interface Loaded {
  readonly job: Job;
  readonly detail: RunDetail;
}
const LOOK_MILLIS = 1000;

/** One run: what it measured, over what, how it went, and whether it still gives the same. */
class JobRunPage extends LoadingPage<Loaded> {
  static override properties = {
    ...LoadingPage.properties,
    job: { attribute: false },
    run: { attribute: false },
    replayed: { state: true },
  };
  declare job: string;
  declare run: string;
  /** Of this run's repetition that was asked for here. */
  declare replayed: RunDetail["run"] | null;

  constructor() {
    super();
    this.replayed = null;
  }

  get #api(): string {
    return `${jobApi(this.job)}/runs/${encodeURIComponent(this.run)}`;
  }

  protected async load(): Promise<Loaded> {
    const [job, detail] = await Promise.all([ask<Job>(jobApi(this.job)), ask<RunDetail>(this.#api)]);
    return { job, detail };
  }

  protected override renewsAfter(value: Loaded | null): number | null {
    return value !== null && isGoing(value.detail.run.state) ? LOOK_MILLIS : null;
  }

  protected show({ job, detail }: Loaded): TemplateResult {
    const { run, readings, cells, hasPage } = detail;
    const { zone } = job;
    return html`<p class="small"><a href="/jobs">Jobs</a> / <a href=${jobAddress(job.name)}>${job.name}</a> / run</p>
      <h1 title=${momentTitle(run.scheduledFor, zone)}>${momentText(run.scheduledFor, zone)}</h1>
      <p class="j-lead">${runResult(run)}<span class="muted">${PURPOSE_WORDS[run.purpose]}, version ${run.version}${run.attempt > 1 ? `, attempt ${run.attempt}` : ""} · times in ${zone}</span></p>
      ${run.reason === null ? nothing : html`<div class="notice ${run.state === "failed" || run.verdict === "fail" || run.verdict === "error" ? "fail" : "warn"}"><p>${sentence(run.reason, zone)}</p></div>`}
      ${this.#replayOf(run)}
      <p class="j-actions">
        ${job.removed !== null ? html`<span class="muted">The job was ${removedWords(job.removed, zone)}.</span>` : isGoing(run.state) ? html`<button class="outlined" @click=${() => void this.#cancel()}>Cancel</button>` : html`<button class="outlined" title="Runs the same version over the same window as of the same time, and compares" ?disabled=${run.state !== "done"} @click=${() => void this.#replay()}>Replay</button>`}
        ${hasPage && isShowable(detail) ? html`<button class="outlined" title="Makes a revision of a report from it" @click=${() => void this.#publish()}>Publish this run…</button>` : nothing}
        ${hasPage ? html`<a class="button outlined" href="#output" @click=${(event: Event) => this.#toOutput(event)}>Output</a>` : nothing}
      </p>
      ${this.replayed === null ? nothing : this.#replayResult(this.replayed, zone)}
      ${facts(run, zone)}
      <section class="section" aria-labelledby="readings"><header><h2 id="readings">Readings</h2><span class="muted small">${integer(readings.length)}</span></header>${readings.length === 0 ? html`<p class="empty">${isGoing(run.state) ? "It is still running." : "It measured nothing."}</p>` : readingTable(readings, zone)}</section>
      <section class="section" aria-labelledby="cells"><header><h2 id="cells">Cells</h2></header>${cells.length === 0 ? html`<p class="empty">Nothing of its cells is kept.</p>` : runCells(cells)}</section>
      ${
        hasPage
          ? html`<section class="section" id="output" aria-labelledby="output-title"><header><h2 id="output-title">Output</h2><a class="small" href="${this.#api}/page" target="_blank" rel="noopener">Open alone</a></header>
          <db-run-output .address=${`${this.#api}/page`}></db-run-output></section>`
          : nothing
      }`;
  }

  #replayOf(run: RunDetail["run"]): TemplateResult | typeof nothing {
    if (run.replayOf === null) return nothing;
    const link = html`<a href=${runAddress(run.job, run.replayOf)}>an earlier run</a>`;
    if (run.same === null) return html`<div class="notice"><p>This repeats ${link}.</p></div>`;
    return run.same
      ? html`<div class="notice"><p>This repeats ${link} and gives the same numbers, byte for byte.</p></div>`
      : html`<div class="notice warn"><p>▲ This repeats ${link} and gives other numbers.</p></div>`;
  }

  #replayResult(replayed: RunDetail["run"], zone: string): TemplateResult {
    const link = html`<a href=${runAddress(replayed.job, replayed.id)}>the replay</a>`;
    if (isGoing(replayed.state))
      return html`<div class="notice" role="status"><p>Replaying: ${replayed.state} …</p></div>`;
    if (replayed.state !== "done")
      return html`<div class="notice fail" role="status"><p>${link} ${replayed.state === "failed" ? "failed" : `is ${replayed.state}`}: ${replayed.reason === null ? "it gives no reason." : sentence(replayed.reason, zone)}</p></div>`;
    return replayed.same === true
      ? html`<div class="notice" role="status"><p><span class="verdict-ok">●</span> Same: ${link} gives the same ${integer(replayed.readings)} readings, byte for byte.</p></div>`
      : html`<div class="notice fail" role="status"><p><span class="verdict-fail">■</span> Different: ${link} gives other numbers. Its readings can be compared with these, one by one.</p></div>`;
  }

  async #replay(): Promise<void> {
    await this.attempt(async () => {
      const { runs } = await ask<Queued>(`${jobApi(this.job)}/replay`, { method: "POST", json: { run: this.run } });
      const [id] = runs;
      if (id !== undefined) await this.#follow(id);
    });
  }

  async #follow(id: string): Promise<void> {
    const { run } = await ask<RunDetail>(`${jobApi(this.job)}/runs/${encodeURIComponent(id)}`);
    this.replayed = run;
    if (isGoing(run.state))
      setTimeout(() => this.isConnected && void this.attempt(() => this.#follow(id)), LOOK_MILLIS);
  }

  async #publish(): Promise<void> {
    await this.attempt(async () => {
      const { openPublish } = await import("./report-publish.ts");
      const done = await openPublish({ job: this.job, title: this.job, run: this.run });
      if (done !== null) this.said = `Revision ${done.revision.number} is at ${done.address}.`;
    });
  }

  async #cancel(): Promise<void> {
    await this.attempt(async () => {
      await ask(`${jobApi(this.job)}/cancel`, { method: "POST", json: { run: this.run } });
      this.value = await this.load();
    });
  }

  #toOutput(event: Event): void {
    event.preventDefault();
    this.querySelector("#output")?.scrollIntoView();
  }
}
customElements.define("db-job-run", JobRunPage);

/** Whether it has anything that a report could show. */
const isShowable = ({ run, readings, cells }: RunDetail): boolean =>
  run.state === "done" && (readings.length > 0 || cells.some(({ status }) => status === "ok"));

function facts(run: RunDetail["run"], zone: string): TemplateResult {
  const moment = (iso: string | null): TemplateResult =>
    iso === null
      ? html`<span class="muted">–</span>`
      : html`<span title=${momentTitle(iso, zone)}>${momentText(iso, zone)}</span>`;
  const rows: readonly (readonly [string, TemplateResult])[] = [
    ["Window", windowsOf(run, zone)],
    ["As of", moment(run.asOf)],
    ["Started", moment(run.startedAt)],
    ["Took", run.durationMillis === null ? html`<span class="muted">–</span>` : html`${duration(run.durationMillis)}`],
    ["Version", html`<a href=${versionAddress(run.job, run.version)}>${run.version}</a>`],
    [
      "Programs",
      run.program === null
        ? html`<span class="muted">–</span>`
        : html`Driftbook ${run.program.driftbook}, ${run.program.engine}`,
    ],
    [
      "Read",
      run.inputs.length === 0
        ? html`<span class="muted">no stream</span>`
        : html`${run.inputs.map(({ stream, decisions, feedback, snapshot }) => html`<div><a href="/s/${encodeURIComponent(stream)}">${stream}</a> ${integer(decisions)} decisions, ${integer(feedback)} feedback <span class="mono muted" title=${snapshot}>${snapshot.slice(0, 8)}</span></div>`)}`,
    ],
    ["Run", html`<span class="mono">${run.id}</span>`],
  ];
  return html`<dl class="r-facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
