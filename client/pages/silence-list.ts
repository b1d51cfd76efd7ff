import { html, nothing, type TemplateResult } from "lit";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Silence } from "../../cells/wire/http-alerts.ts";
import { alertAddress } from "./alert-words.ts";
import { jobAddress } from "./job-words.ts";

/** Silences in force or planned: of what, why, from when until when, who made them. */
export function silenceList(
  silences: readonly Silence[],
  zone: string,
  end: (one: Silence) => void,
): TemplateResult | typeof nothing {
  if (silences.length === 0) return nothing;
  return html`<section class="section" aria-labelledby="silences"><header><h2 id="silences">Silences</h2><span class="muted small">${silences.length}</span></header>
    <div class="scroll"><table class="rows j-rows j-stack"><thead class="visually-hidden"><tr><th scope="col">Of</th><th scope="col">When</th><th scope="col">Actions</th></tr></thead>
    <tbody>${silences.map(
      (
        one,
      ) => html`<tr><td>${of(one)}<div class="small">${one.comment}</div><div class="j-sub"><a href=${jobAddress(one.job)}>${one.job}</a> · ${one.by}</div></td>
      <td class="nowrap muted">${when(one, zone)}</td>
      <td class="right row-acts"><button class="small outlined" aria-label="End the silence of ${one.title}" @click=${() => end(one)}>End</button></td></tr>`,
    )}</tbody></table></div></section>`;
}

const of = ({ alert, title }: Silence): TemplateResult =>
  alert === null
    ? html`<span class="j-name">${title}</span>`
    : html`<a class="j-name" href=${alertAddress(alert)}>${title}</a>`;

function when({ state, from, until }: Silence, zone: string): TemplateResult {
  const moment = (iso: string): TemplateResult =>
    html`<span title=${momentTitle(iso, zone)}>${momentText(iso, zone)}</span>`;
  return state === "planned"
    ? html`<span class="tone-busy">planned</span><br />${moment(from)} to ${moment(until)}`
    : html`until ${moment(until)}`;
}

/** On the pages of a job and of an alert: what of it is silent. */
export function silenceNotice({ title, state, from, until, comment, by }: Silence, zone: string): TemplateResult {
  const moment = (iso: string): TemplateResult =>
    html`<span title=${momentTitle(iso, zone)}>${momentText(iso, zone)}</span>`;
  const time =
    state === "planned"
      ? html`Will be silent from ${moment(from)} until ${moment(until)}`
      : html`Silent until ${moment(until)}`;
  return html`<div class="notice"><p><b>${time}</b>: ${title}. <span class="muted">${comment} (${by})</span></p></div>`;
}
