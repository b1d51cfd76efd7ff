import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { sentenceText } from "../../cells/views/sentence-times.ts";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Job, Run, Tick } from "../../cells/wire/http-jobs.ts";
import { duration, integer } from "../format.ts";
import { isGoing, PURPOSE_WORDS, RUN_WORDS, runAddress, runRemark, saysAsOf, TICK_WORDS } from "./job-words.ts";
import { windowsOf } from "./run-windows.ts";
import { sentence } from "./sentence.ts";
import { tickGlyph, verdictView } from "./verdict-view.ts";

/** Newest first: what each run came to. */
export function runTable({ name, zone }: Job, runs: readonly Run[], cancel: (run: string) => void): TemplateResult {
  if (runs.length === 0)
    return html`<p class="empty">No runs yet. Run now measures at once; the schedule does by itself.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table class="rows j-rows">
    <thead><tr><th scope="col">For</th><th scope="col">Result</th><th scope="col">Window</th><th scope="col" class="right">Readings</th><th scope="col" class="right hide-narrow">Took</th><th scope="col" class="hide-narrow">Version</th><th></th></tr></thead>
    <tbody>${repeat(
      runs,
      ({ id }) => id,
      (run) => runRow(name, run, zone, cancel),
    )}</tbody></table></div>`;
}

function runRow(job: string, run: Run, zone: string, cancel: (run: string) => void): TemplateResult {
  const remark = runRemark(run);
  return html`<tr>
    <td class="nowrap"><a href=${runAddress(job, run.id)} title=${momentTitle(run.scheduledFor, zone)}>${momentText(run.scheduledFor, zone)}</a>${run.purpose === "scheduled" && remark === null ? nothing : html`<div class="j-sub">${[run.purpose === "scheduled" ? null : PURPOSE_WORDS[run.purpose], remark].filter(Boolean).join(", ")}</div>`}</td>
    <td class="j-result">${runResult(run)}${run.reason === null ? nothing : html`<div class="j-sub" title=${sentenceText(run.reason, zone)}>${sentence(run.reason, zone)}</div>`}</td>
    <td class="nowrap"><span title=${asOfTip(run, zone)}>${windowsOf(run, zone)}</span>${saysAsOf(run) ? html`<div class="j-sub">as of ${momentText(run.asOf!, zone)}</div>` : nothing}</td>
    <td class="right">${integer(run.readings)}</td>
    <td class="right nowrap muted hide-narrow">${run.durationMillis === null ? "–" : duration(run.durationMillis)}</td>
    <td class="muted hide-narrow">v${run.version}</td>
    <td class="right">${isGoing(run.state) ? html`<button class="small outlined" aria-label="Cancel the run for ${momentText(run.scheduledFor, zone)}" @click=${() => cancel(run.id)}>Cancel</button>` : nothing}</td>
  </tr>`;
}

const asOfTip = ({ asOf }: Run, zone: string): string => (asOf === null ? "" : `as of ${momentTitle(asOf, zone)}`);

/** The verdict where there is one, else how far it came. */
export function runResult({ state, verdict }: Pick<Run, "state" | "verdict">): TemplateResult {
  if (state === "done" && verdict !== null) return verdictView(verdict);
  const tick = state === "queued" ? "waiting" : state === "lost" || state === "cancelled" ? "skipped" : state;
  return html`<span class="m-verdict ${state === "failed" ? "verdict-error" : isGoing(state) ? "tone-busy" : "muted"}" role=${isGoing(state) ? "status" : nothing}>${tickGlyph(tick, null)}<span>${RUN_WORDS[state]}</span></span>`;
}

/** Newest first: every due time and what became of it. */
export function tickTable({ name, zone }: Job, ticks: readonly Tick[]): TemplateResult {
  if (ticks.length === 0) return html`<p class="empty">No due time has come yet.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Due times"><table class="rows j-rows">
    <thead><tr><th scope="col">Due</th><th scope="col">State</th><th scope="col">Result</th><th scope="col">Why</th></tr></thead>
    <tbody>${repeat(
      ticks,
      ({ scheduledFor }) => scheduledFor,
      (tick) => html`<tr>
      <td class="nowrap" title=${momentTitle(tick.scheduledFor, zone)}>${tick.run === null ? momentText(tick.scheduledFor, zone) : html`<a href=${runAddress(name, tick.run)}>${momentText(tick.scheduledFor, zone)}</a>`}</td>
      <td><span class="m-verdict ${tick.state === "failed" ? "verdict-error" : ""}">${tickGlyph(tick.state, null)}<span>${TICK_WORDS[tick.state]}</span></span></td>
      <td>${tick.verdict === null ? html`<span class="muted">–</span>` : verdictView(tick.verdict)}</td>
      <td class="j-reason">${tick.reason === null ? nothing : sentence(tick.reason, zone)}</td></tr>`,
    )}</tbody></table></div>`;
}
