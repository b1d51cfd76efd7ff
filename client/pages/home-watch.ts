import { html, nothing, type TemplateResult } from "lit";
import type { AlertList, AlertView } from "../../cells/wire/http-alerts.ts";
import type { Job, Tick } from "../../cells/wire/http-jobs.ts";
import type { WorkspaceView } from "../../cells/wire/http-workspace.ts";
import { ago, moment } from "../format.ts";
import { alertAddress, alertFinding, alertMark, groupOf } from "./alert-words.ts";
import { byUrgency } from "./job-order.ts";
import { dueText, jobAddress, runAddress } from "./job-words.ts";
import { jobTable } from "./jobs.ts";
import { sentence } from "./sentence.ts";
import { verdictView } from "./verdict-view.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";

const MOST_SHOWN = 8;

/** What fires now, measured values and broken runs alike; missing data has a section of its own. */
export function firingSection(alerts: readonly AlertView[], zone: string): TemplateResult | typeof nothing {
  const firing = alerts.filter((alert) => groupOf(alert) === "firing" && alert.state !== "no-data");
  if (firing.length === 0) return nothing;
  return html`<section class="section" aria-labelledby="firing"><header><h2 id="firing">Firing</h2><span class="muted small">${firing.length}</span><span class="space"></span><a class="small" href="/alerts">All alerts</a></header>
    <div class="scroll"><table class="rows j-rows j-stack"><thead class="visually-hidden"><tr><th scope="col">State</th><th scope="col">What</th><th scope="col">Since</th></tr></thead><tbody>${firing
      .slice(0, MOST_SHOWN)
      .map(
        (alert) =>
          html`<tr><td class="nowrap">${alertMark(alert.state)}</td><td><a class="j-name" href=${alertAddress(alert.id)}>${alert.title}</a><div class="small">${alertFinding(alert, zone)}</div>${alert.acknowledged === null ? nothing : html`<div class="j-sub">✓ ${alert.acknowledged.by} looks into it</div>`}</td><td class="right nowrap muted" title=${alert.since}>since ${moment(alert.since, zone)}</td></tr>`,
      )}</tbody></table></div>
    ${firing.length > MOST_SHOWN ? html`<p class="small"><a href="/alerts">${firing.length - MOST_SHOWN} more</a></p>` : nothing}</section>`;
}

interface Missing {
  readonly what: TemplateResult;
  readonly why: string;
  readonly since: string;
}

/** Where numbers are missing: alerts that say so, and jobs whose last due time has none and no alert yet. */
export function missingSection(
  alerts: readonly AlertView[],
  jobs: readonly Job[],
  { zone }: Pick<WorkspaceView, "zone">,
): TemplateResult | typeof nothing {
  const told = alerts.filter((alert) => groupOf(alert) === "firing" && alert.state === "no-data");
  const untold = jobs.flatMap((job) => {
    const last = job.ticks.findLast(isOver);
    return last !== undefined && lacksNumbers(last) && !told.some((alert) => alert.job === job.name)
      ? [{ job, last }]
      : [];
  });
  const missing: readonly Missing[] = [
    ...told.map((alert) => ({
      what: html`<a class="j-name" href=${alertAddress(alert.id)}>${alert.title}</a>`,
      why: alert.reason ?? "",
      since: alert.since,
    })),
    ...untold.map(({ job, last }) => ({
      what: html`<a class="j-name" href=${last.run === null ? `${jobAddress(job.name)}?show=ticks` : runAddress(job.name, last.run)}>${job.name}, due ${dueText(last.scheduledFor, zone)}</a>`,
      why: last.reason ?? "",
      since: last.scheduledFor,
    })),
  ];
  if (missing.length === 0) return nothing;
  return html`<section class="section" aria-labelledby="missing"><header><h2 id="missing">Missing data</h2><span class="muted small">${missing.length}</span></header>
    <div class="scroll"><table class="rows j-rows j-stack"><tbody>${missing.slice(0, MOST_SHOWN).map(({ what, why, since }) => html`<tr><td class="nowrap">${verdictView("no-data")}</td><td>${what}<div class="small">${sentence(why, zone)}</div></td><td class="right nowrap muted" title=${since}>${ago(since)}</td></tr>`)}</tbody></table></div></section>`;
}

const isOver = ({ state }: Tick): boolean => state === "done" || state === "failed" || state === "skipped";
const lacksNumbers = ({ state, verdict }: Tick): boolean => state === "done" && verdict === "no-data";

export function jobSection(jobs: readonly Job[], zone: string, past: AlertList["past"]): TemplateResult {
  return html`<section class="section" aria-labelledby="jobs"><header><h2 id="jobs"><a href="/jobs">Jobs</a></h2></header>${jobTable(byUrgency(jobs).slice(0, MOST_SHOWN), zone, past)}${jobs.length > MOST_SHOWN ? html`<p class="small"><a href="/jobs">${jobs.length - MOST_SHOWN} more jobs</a></p>` : nothing}</section>`;
}
