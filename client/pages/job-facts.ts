import { html, nothing, type TemplateResult } from "lit";
import { falseAlarmsText } from "../../cells/alerts/false-alarms-text.ts";
import type { Version } from "../../cells/jobs/version.ts";
import { momentTitle } from "../../cells/views/time-text.ts";
import type { AlertRecord } from "../../cells/wire/http-alerts.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import { dueText, until } from "./job-words.ts";
import { ownWindows, windowsOf } from "./run-windows.ts";

const CATCH_UP = "the latest one is caught up";

/** What is measured: where cells state their own windows that is not what the job or the notebook says. */
function windowFact(job: Job, asked: string | null): TemplateResult {
  const words = asked ?? "the time since the due time before";
  switch (ownWindows(job, asked)) {
    case "none":
      return asked === null ? html`<span class="muted">${words}</span>` : html`${words}`;
    case "some":
      return html`${words} <span class="muted">for cells that state none of their own</span>`;
    case "all":
      return html`${job.cell === null ? "the cells’ own" : "the cell’s own"}: ${windowsOf(job.lastRun!, job.zone)} <span class="muted">in the last run, not ${words}</span>`;
  }
}

/** What is set: when, over what, how it waits, who is told. Defaults are said as such. */
export function jobFacts(job: Job, inForce: Version | null, record: AlertRecord | null): TemplateResult {
  const { spec, zone, nextTimes, paused } = job;
  const usual = (value: string | undefined, otherwise: string): TemplateResult =>
    value === undefined ? html`<span class="muted">${otherwise}</span>` : html`${value}`;
  const facts: readonly (readonly [string, TemplateResult])[] = [
    ["Schedule", html`<span class="mono">${spec.schedule}</span> in ${zone}`],
    ["Window", windowFact(job, spec.window ?? inForce?.frozen.window ?? null)],
    [
      "Next times",
      paused
        ? html`<span class="muted">none while paused</span>`
        : nextTimes.length === 0
          ? html`<span class="muted">none</span>`
          : html`${nextTimes.map((iso, at) => html`<span class="nowrap" title=${momentTitle(iso, zone)}>${dueText(iso, zone)}${at === 0 ? html` <span class="muted">${until(iso)}</span>` : nothing}</span> `)}`,
    ],
    ["Waits for data", usual(spec.wait, "2 hours, the default")],
    [
      "Tells",
      spec.alert?.to === undefined
        ? html`<span class="muted">nobody; alerts still stand under <a href="/alerts">Alerts</a></span>`
        : html`${spec.alert.to.join(", ")}${spec.alert.repeat === undefined ? nothing : html` <span class="muted">again after ${spec.alert.repeat}</span>`}`,
    ],
    ["Fires after", usual(spec.alert?.after, "2 runs that fail in a row, checks after 1")],
    [
      "False alarms",
      html`<span class=${record === null || record.closed === 0 ? "muted" : ""}>${falseAlarmsText(record)}</span>`,
    ],
    ["When missed", usual(spec.catch_up, CATCH_UP)],
  ];
  return html`<dl class="r-facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
