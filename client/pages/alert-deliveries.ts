import { html, nothing, type TemplateResult } from "lit";
import { momentText, momentTitle } from "../../cells/views/time-text.ts";
import type { Delivery } from "../../cells/wire/http-alerts.ts";
import { ask } from "../api.ts";
import { counted, duration } from "../format.ts";

const STATES: Readonly<Record<Delivery["state"], TemplateResult>> = {
  waiting: html`<span class="tone-busy">waiting</span>`,
  delivered: html`<span class="verdict-ok">● delivered</span>`,
  failed: html`<span class="verdict-fail">× failed</span>`,
};

/** Does what was asked for, then says so. */
type Do = (work: () => Promise<unknown>, said: string) => void;

/** Messages and how often they were tried, newest first. */
export function deliveryTable(deliveries: readonly Delivery[], zone: string, act: Do): TemplateResult {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Messages"><table class="rows j-rows j-stack"><thead><tr><th scope="col">Message</th><th scope="col">To</th><th scope="col">State</th><th scope="col">Tried</th><th></th></tr></thead>
    <tbody>${deliveries
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
      .map(
        (
          one,
        ) => html`<tr><td class="j-whole">${one.title}<div class="j-sub nowrap" title=${momentTitle(one.createdAt, zone)}>${momentText(one.createdAt, zone)}</div></td><td class="nowrap"><span class="only-narrow muted">to </span>${one.destination}</td>
      <td class="nowrap">${STATES[one.state]}${one.nextAt === null ? nothing : html`<div class="j-sub">next try ${Date.parse(one.nextAt) <= Date.now() ? "now" : momentText(one.nextAt, zone)}</div>`}</td>
      <td class="j-whole">${attempts(one, zone)}</td>
      <td class="right"><button class="small outlined" aria-label="Send again: ${one.title} to ${one.destination}" ?disabled=${one.state === "waiting"} @click=${() => act(() => ask(`/api/deliveries/${encodeURIComponent(one.id)}/redeliver`, { method: "POST", json: {} }), "It is sent again.")}>Send again</button></td></tr>`,
      )}</tbody></table></div>`;
}

function attempts({ attempts: tries }: Delivery, zone: string): TemplateResult {
  const last = tries.at(-1);
  if (last === undefined) return html`<span class="muted">not yet</span>`;
  const words = ({ at, status, message, durationMillis, outcome }: typeof last): string =>
    [
      outcome === "unknown" ? "interrupted, may have arrived" : outcome,
      status === null ? null : `status ${status}`,
      message,
      durationMillis === null ? null : duration(durationMillis),
      momentText(at, zone),
    ]
      .filter((part) => part !== null)
      .join(", ");
  return tries.length === 1
    ? html`<span class="small">${words(last)}</span>`
    : html`<details class="r-fold"><summary class="small">${counted(tries.length, "time")}, last: ${words(last)}</summary><ol class="small">${tries.map((one) => html`<li>${words(one)}</li>`)}</ol></details>`;
}
