import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { CLOSED_WORDS } from "../../cells/alerts/alert-words.ts";
import { possibleActs } from "../../cells/alerts/possible-acts.ts";
import { momentTitle } from "../../cells/views/time-text.ts";
import type { AlertList, AlertRecord, AlertView } from "../../cells/wire/http-alerts.ts";
import { ask } from "../api.ts";
import { moment } from "../format.ts";
import { acknowledge, close } from "./alert-acts.ts";
import { alertAddress, alertFinding, alertMark, alertMarkOf, groupOf } from "./alert-words.ts";
import { jobAddress } from "./job-words.ts";
import { LoadingPage } from "./loading.ts";
import { endSilence, newSilence, silenceAlert } from "./silence-acts.ts";
import { silenceList } from "./silence-list.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";

interface Loaded {
  readonly open: AlertList;
  readonly history: AlertList;
}
const REFRESH_MILLIS = 10_000;

/** What is wrong now, what may become wrong, what was silenced, and what it was before. */
class AlertsPage extends LoadingPage<Loaded> {
  protected async load(): Promise<Loaded> {
    const [open, history] = await Promise.all([
      ask<AlertList>("/api/alerts?state=open"),
      ask<AlertList>("/api/alerts?state=history"),
    ]);
    return { open, history };
  }

  protected override renewsAfter(): number {
    return REFRESH_MILLIS;
  }

  protected show({ open, history }: Loaded): TemplateResult {
    const { zone, silences, records } = open;
    const groups = Object.groupBy(open.alerts, groupOf);
    return html`<h1>Alerts</h1>
      <p class="muted small">Times in ${zone}</p>
      <p class="j-actions"><button class="outlined" @click=${() => void this.#act(() => newSilence(zone))}>New silence…</button></p>
      ${this.#section("Firing", groups.firing ?? [], zone, html`<p class="empty"><span class="verdict-ok">●</span> Nothing is firing.</p>`)}
      ${this.#section("Pending", groups.pending ?? [], zone, null)}
      ${this.#section("Silenced", groups.silenced ?? [], zone, null)}
      ${silenceList(silences, zone, (one) => void this.#act(() => endSilence(one)))}
      ${historyList(history.alerts, zone)}
      ${records.length === 0 ? nothing : recordList(records)}`;
  }

  #section(
    title: string,
    alerts: readonly AlertView[],
    zone: string,
    empty: TemplateResult | null,
  ): TemplateResult | typeof nothing {
    if (alerts.length === 0 && empty === null) return nothing;
    const id = `alerts-${title.toLowerCase()}`;
    return html`<section class="section" aria-labelledby=${id}><header><h2 id=${id}>${title}</h2>${alerts.length === 0 ? nothing : html`<span class="muted small">${alerts.length}</span>`}</header>
      ${
        alerts.length === 0
          ? empty
          : html`<div class="scroll"><table class="rows j-rows j-stack"><thead class="visually-hidden"><tr><th scope="col">State</th><th scope="col">What</th><th scope="col">Since</th><th scope="col">Actions</th></tr></thead><tbody>${repeat(
              alerts,
              ({ id: alert }) => alert,
              (alert) => this.#row(alert, zone),
            )}</tbody></table></div>`
      }</section>`;
  }

  #row(alert: AlertView, zone: string): TemplateResult {
    const can = possibleActs(alert);
    return html`<tr><td class="nowrap">${alertMark(alert.state)}</td>
      <td><a class="j-name" href=${alertAddress(alert.id)}>${alert.title}</a><div class="small">${alertFinding(alert, zone)}</div>
        <div class="j-sub"><a href=${jobAddress(alert.job)}>${alert.job}</a>${progressWords(alert)}${alert.acknowledged === null ? nothing : html` · ✓ ${alert.acknowledged.by}${alert.acknowledged.comment === "" ? nothing : `: ${alert.acknowledged.comment}`}`}${alert.silencedUntil === null ? nothing : html` · silent until ${moment(alert.silencedUntil, zone)}`}</div></td>
      <td class="nowrap muted" title=${momentTitle(alert.since, zone)}>${alert.endedAt === null ? "since" : "began"} ${moment(alert.since, zone)}</td>
      <td class="right row-acts">
        ${can.acknowledge ? html`<button class="small outlined" aria-label="Acknowledge ${alert.title}" @click=${() => void this.#act(() => acknowledge(alert))}>Acknowledge</button>` : nothing}
        ${can.silence ? html`<button class="small outlined" aria-label="Silence ${alert.title}" @click=${() => void this.#act(() => silenceAlert(alert, zone))}>Silence…</button>` : nothing}
        ${can.close ? html`<button class="small outlined" aria-label="Close ${alert.title}" @click=${() => void this.#act(() => close(alert))}>Close…</button>` : nothing}
      </td></tr>`;
  }

  async #act(act: () => Promise<boolean>): Promise<void> {
    await this.attempt(async () => {
      if (await act()) this.value = await this.load();
    });
  }
}
customElements.define("db-alerts", AlertsPage);

/** "1 of 2 runs" until it fires, "1 of 2 good runs" until it resolves. */
function progressWords({ state, bad, good, needed }: AlertView): string {
  if (state === "pending") return ` · ${bad} of ${needed} runs before it fires`;
  return state === "recovering" ? ` · ${good} of ${needed} good runs before it resolves` : "";
}

const FIRST = 50;

function historyList(alerts: readonly AlertView[], zone: string): TemplateResult {
  return html`<section class="section" aria-labelledby="history"><header><h2 id="history">History</h2>${alerts.length > FIRST ? html`<span class="muted small">the last ${FIRST} of ${alerts.length}</span>` : nothing}</header>
    ${
      alerts.length === 0
        ? html`<p class="empty">No alert has ended yet.</p>`
        : html`<div class="scroll"><table class="rows j-rows"><thead><tr><th scope="col">Alert</th><th scope="col" class="hide-narrow">Job</th><th scope="col" class="hide-narrow">Fired</th><th scope="col">Ended</th><th scope="col">Closed as</th></tr></thead>
    <tbody>${alerts.slice(0, FIRST).map((alert) => html`<tr><td><a href=${alertAddress(alert.id)}>${alert.title}</a><div class="j-sub">${alertMarkOf(alert)}${worstWords(alert)}</div></td><td class="hide-narrow"><a href=${jobAddress(alert.job)}>${alert.job}</a></td><td class="nowrap muted hide-narrow" title=${alert.firedAt ?? nothing}>${alert.firedAt === null ? "–" : moment(alert.firedAt, zone)}</td><td class="nowrap muted" title=${alert.endedAt ?? nothing}>${alert.endedAt === null ? "–" : moment(alert.endedAt, zone)}</td><td>${alert.closed === null ? html`<span class="muted">not judged</span>` : CLOSED_WORDS[alert.closed.as]}</td></tr>`)}</tbody></table></div>`
    }</section>`;
}

/** By how much it was past its bound: the last value is within it again. */
function worstWords({ worst, value }: AlertView): TemplateResult | typeof nothing {
  if (worst !== null) return html` · at its worst ${worst.value}`;
  return value === null ? nothing : html` · last ${value}`;
}

function recordList(records: readonly AlertRecord[]): TemplateResult {
  return html`<section class="section" aria-labelledby="records"><header><h2 id="records">False alarms</h2></header>
    <div class="scroll"><table class="rows j-rows"><thead><tr><th scope="col">Job</th><th scope="col" class="right">Fired</th><th scope="col" class="right">Judged</th><th scope="col" class="right">False alarms</th><th scope="col" class="right">Share</th></tr></thead>
    <tbody>${records.map(({ job, fired, closed, falseAlarms }) => html`<tr><td><a href=${jobAddress(job)}>${job}</a></td><td class="right">${fired}</td><td class="right">${closed}</td><td class="right">${falseAlarms}</td><td class="right">${closed === 0 ? html`<span class="muted">–</span>` : `${Math.round((100 * falseAlarms) / closed)}%`}</td></tr>`)}</tbody></table></div></section>`;
}
