import { html, nothing, type TemplateResult } from "lit";
import { CLOSED_WORDS } from "../../cells/alerts/alert-words.ts";
import { possibleActs } from "../../cells/alerts/possible-acts.ts";
import { readingAddress } from "../../cells/results/reading-address.ts";
import { valueName } from "../../cells/results/value-name.ts";
import { momentText, momentTitle, windowText } from "../../cells/views/time-text.ts";
import type { AlertDetail, AlertEvent, AlertView } from "../../cells/wire/http-alerts.ts";
import type { JobSeries } from "../../cells/wire/http-jobs.ts";
import { ApiError, ask } from "../api.ts";
import { acknowledge, alertApi, close } from "./alert-acts.ts";
import { deliveryTable } from "./alert-deliveries.ts";
import { alertFinding, alertMark, alertMarkOf } from "./alert-words.ts";
import { jobSeriesView } from "./job-series.ts";
import { jobAddress, jobApi, runAddress } from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import { sentence } from "./sentence.ts";
import { silenceAlert } from "./silence-acts.ts";
import { silenceNotice } from "./silence-list.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";
import "../styles/reading.css";

interface Loaded {
  readonly detail: AlertDetail;
  /** Null where it is about no value, or about one that the job does not measure any more. */
  readonly series: JobSeries | null;
}

/** One alert: what fired it, what would end it, what was done, who was told. */
class AlertPage extends LoadingPage<Loaded> {
  static override properties = { ...LoadingPage.properties, alert: { attribute: false } };
  declare alert: string;

  protected async load(): Promise<Loaded> {
    const detail = await ask<AlertDetail>(alertApi(this.alert));
    const { series: shown } = this.value ?? {};
    return { detail, series: shown ?? (await courseOf(detail.alert)) };
  }

  protected show({ detail, series }: Loaded): TemplateResult {
    const { zone: asked, jobZone: zone, alert, resolves, history, deliveries, silences, record } = detail;
    document.title = `${alert.title} · Driftbook`;
    const isOpen = alert.endedAt === null && alert.closed === null;
    const can = possibleActs(alert);
    return html`<p class="small"><a href="/alerts">Alerts</a> / ${alert.job}</p><h1>${alert.title}</h1>
      <p class="j-lead">${alertMarkOf(alert)}<span>${alertFinding(alert, zone)}</span><span class="muted">times in ${zone}</span></p>
      ${worstLine(alert, zone)}
      ${resolves === null || !isOpen ? nothing : html`<p>${resolves}</p>`}
      ${isOpen ? silences.map((one) => silenceNotice(one, zone)) : nothing}
      <p class="j-actions">
        ${can.acknowledge ? html`<button class="primary" @click=${() => void this.#act(() => acknowledge(alert))}>Acknowledge</button>` : nothing}
        ${can.silence ? html`<button class="outlined" @click=${() => void this.#act(() => silenceAlert(alert, asked))}>Silence…</button>` : nothing}
        ${can.close ? html`<button class="outlined" @click=${() => void this.#act(() => close(alert))}>Close…</button>` : nothing}
      </p>
      ${series === null ? nothing : jobSeriesView(alert.job, series, zone, null)}
      ${this.#facts(alert, zone)}
      <section class="section" aria-labelledby="history"><header><h2 id="history">What happened</h2></header>${eventTable(alert, history, zone)}</section>
      <section class="section" aria-labelledby="told"><header><h2 id="told">Who was told</h2></header>
        ${deliveries.length === 0 ? html`<p class="empty">Nobody: ${alert.job} names no destination, or a silence held it back.</p>` : deliveryTable(deliveries, zone, (work, said) => void this.#send(work, said))}</section>
      <p class="muted small r-closing">${alert.job}: ${record.fired} fired, ${record.closed} judged, ${record.falseAlarms} of them false alarms.</p>`;
  }

  #facts(alert: AlertView, zone: string): TemplateResult {
    const moment = (iso: string): TemplateResult =>
      html`<span title=${momentTitle(iso, zone)}>${momentText(iso, zone)}</span>`;
    const seen = alert.observation;
    const remark = ({
      by,
      at,
      comment,
    }: {
      readonly by: string;
      readonly at: string;
      readonly comment: string;
    }): TemplateResult => html`${by}, ${momentText(at, zone)}${comment === "" ? nothing : html`: ${comment}`}`;
    const facts: readonly (readonly [string, TemplateResult | null])[] = [
      ["Job", html`<a href=${jobAddress(alert.job)}>${alert.job}</a>, version ${alert.version}`],
      ["Last run", html`<a href=${runAddress(alert.job, alert.run)}>its readings and output</a>`],
      [
        "Measured",
        seen === null
          ? null
          : html`<a href=${readingAddress(seen.reading, alert)}>${seen.window === null ? "all rows" : windowText(seen.window, zone)}</a>, as of ${momentText(seen.asOf, zone)}`,
      ],
      ["Since", moment(alert.since)],
      ["Fired", alert.firedAt === null ? null : moment(alert.firedAt)],
      ["Told last", alert.toldAt === null ? null : moment(alert.toldAt)],
      ["Ended", alert.endedAt === null ? null : moment(alert.endedAt)],
      ["Acknowledged", alert.acknowledged === null ? null : remark(alert.acknowledged)],
      ["Closed", alert.closed === null ? null : html`as ${CLOSED_WORDS[alert.closed.as]} by ${remark(alert.closed)}`],
    ];
    return html`<dl class="r-facts">${facts.map(([name, value]) => (value === null ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>`;
  }

  async #act(act: () => Promise<boolean>): Promise<void> {
    await this.attempt(async () => {
      if (await act()) this.value = await this.load();
    });
  }

  async #send(work: () => Promise<unknown>, said: string): Promise<void> {
    await this.attempt(async () => {
      await work();
      this.said = said;
      this.value = await this.load();
    });
  }
}
customElements.define("db-alert", AlertPage);

/** Of the value that it is about. */
async function courseOf({ job, cell, metric, subject, slice }: AlertView): Promise<JobSeries | null> {
  if (cell === null || metric === null) return null;
  const asked = { value: valueName({ cell, metric, subject }), ...(slice === null ? {} : { slice }) };
  try {
    return await ask<JobSeries>(`${jobApi(job)}/series?${new URLSearchParams(asked)}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** What it was about, where the last value does not show it any more. */
function worstLine({ job, worst, value }: AlertView, zone: string): TemplateResult | typeof nothing {
  if (worst === null || worst.value === value) return nothing;
  return html`<p>At its worst <a href=${readingAddress(worst.reading, { job })}>${worst.value}</a>, <span title=${momentTitle(worst.at, zone)}>${momentText(worst.at, zone)}</span></p>`;
}

const ACTS: Readonly<Record<AlertEvent["act"], string>> = {
  state: "",
  "told again": "told again",
  acknowledged: "acknowledged",
  silenced: "silenced",
  closed: "closed",
};

function eventTable({ job }: AlertView, history: readonly AlertEvent[], zone: string): TemplateResult {
  if (history.length === 0) return html`<p class="empty">Nothing yet.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What happened, as a table"><table class="rows j-rows j-stack"><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Why</th><th scope="col">Told</th><th scope="col">By</th></tr></thead>
    <tbody>${history.toReversed().map(
      (
        event,
      ) => html`<tr><td class="nowrap" title=${momentTitle(event.at, zone)}>${event.run === null || event.act !== "state" ? momentText(event.at, zone) : html`<a href=${runAddress(job, event.run)}>${momentText(event.at, zone)}</a>`}</td>
      <td class="nowrap">${event.act === "state" ? alertMark(event.to) : ACTS[event.act]}</td><td class="j-reason j-whole">${event.text === null ? nothing : sentence(event.text, zone)}</td>
      <td class="muted"><span class="only-narrow">told: </span>${event.notice === "none" ? "–" : event.notice === "sent" ? "yes" : "silenced"}</td><td class="muted"><span class="only-narrow">by </span>${event.by ?? "its run"}</td></tr>`,
    )}</tbody></table></div>`;
}
