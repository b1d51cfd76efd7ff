import { html, nothing, type TemplateResult } from "lit";
import type { DeliveryList, DestinationList } from "../../cells/wire/http-alerts.ts";
import { ask } from "../api.ts";
import { moment } from "../format.ts";
import { LightElement } from "../light-element.ts";
import { deliveryTable } from "./alert-deliveries.ts";
import { problemText } from "./job-form.ts";
import "../styles/jobs.css";
import "../styles/reading.css";

interface Loaded {
  readonly destinations: DestinationList["destinations"];
  readonly lost: DestinationList["lost"];
  readonly deliveries: DeliveryList["deliveries"];
}

/** Where alerts go: each with a button that sends a test, and what was sent lately. */
class Destinations extends LightElement {
  static override properties = {
    zone: { attribute: false },
    value: { state: true },
    said: { state: true },
    testing: { state: true },
  };
  declare zone: string;
  declare value: Loaded | null;
  declare said: { readonly text: string; readonly isProblem: boolean } | null;
  declare testing: string | null;

  constructor() {
    super();
    this.value = null;
    this.said = null;
    this.testing = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#attempt(() => this.#load());
  }

  async #load(): Promise<void> {
    const [{ destinations, lost }, { deliveries }] = await Promise.all([
      ask<DestinationList>("/api/destinations"),
      ask<DeliveryList>("/api/deliveries"),
    ]);
    this.value = { destinations, lost, deliveries };
  }

  override render(): TemplateResult {
    return html`<section class="section" aria-labelledby="destinations"><header><h2 id="destinations">Destinations</h2></header>
      ${this.said === null ? nothing : html`<p class="notice ${this.said.isProblem ? "fail" : ""}" role=${this.said.isProblem ? "alert" : "status"}>${this.said.text}</p>`}
      ${this.value === null ? nothing : this.#list(this.value)}</section>`;
  }

  #list({ destinations, lost, deliveries }: Loaded): TemplateResult {
    if (destinations.length === 0 && lost.length === 0)
      return html`<p class="empty">No destinations yet. Write one under <code>destinations:</code> in driftbook.yaml, such as a webhook or e-mail; jobs name it under <code>alert:</code>.</p>`;
    return html`<div class="scroll"><table class="rows j-rows j-stack"><thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Leads to</th><th scope="col">Last delivered</th><th scope="col" class="right">Waiting</th><th scope="col" class="right">Failed</th><th></th></tr></thead>
      <tbody>${destinations.map(
        (
          one,
        ) => html`<tr><td class="j-whole">${one.name}${one.problem === null ? nothing : html`<div class="j-problem">× ${one.problem}</div>`}${one.lastProblem === null ? nothing : html`<div class="j-sub">▲ last attempt: ${one.lastProblem}</div>`}</td>
        <td>${one.type === "email" ? "e-mail" : one.format}${one.signed ? html` <span class="muted small">signed</span>` : nothing}${one.allowPrivate ? html` <span class="muted small" title="May lead to addresses within this network">private allowed</span>` : nothing}</td><td class="mono">${one.target}</td>
        <td class="muted nowrap"><span class="only-narrow">last delivered </span>${one.lastDeliveredAt === null ? "never" : moment(one.lastDeliveredAt, this.zone)}</td><td class="right"><span class="only-narrow muted">waiting </span>${one.waiting}</td><td class="right"><span class="only-narrow muted">failed </span>${one.failed > 0 ? html`<span class="verdict-fail">× ${one.failed}</span>` : "0"}</td>
        <td class="right"><button class="small outlined" aria-label="Send test to ${one.name}" ?disabled=${one.problem !== null || this.testing !== null} @click=${() => void this.#test(one.name)}>${this.testing === one.name ? "Sending …" : "Send test"}</button></td></tr>`,
      )}${lost.map(lostRow)}</tbody></table></div>
      ${deliveries.length === 0 ? nothing : html`<details class="r-fold"><summary>Deliveries</summary>${deliveryTable(deliveries, this.zone, (work, said) => void this.#act(work, said))}</details>`}`;
  }

  async #test(name: string): Promise<void> {
    this.testing = name;
    await this.#attempt(async () => {
      const { ok, message } = await ask<{ ok: boolean; message: string }>(
        `/api/destinations/${encodeURIComponent(name)}/test`,
        { method: "POST", json: {} },
      );
      await this.#load();
      this.said = { text: `${name}: ${message}`, isProblem: !ok };
    });
    this.testing = null;
  }

  async #act(work: () => Promise<unknown>, said: string): Promise<void> {
    await this.#attempt(async () => {
      await work();
      this.said = { text: said, isProblem: false };
      await this.#load();
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.said = { text: problemText(error), isProblem: true };
    }
  }
}
customElements.define("db-destinations", Destinations);

function lostRow({ name, jobs, waiting, failed, lastProblem }: DestinationList["lost"][number]): TemplateResult {
  const named = jobs.length === 0 ? "No job names it any more" : `Named by ${jobs.join(", ")}`;
  return html`<tr><td class="j-whole">${name}<div class="j-problem">× not in driftbook.yaml: write it there under <code>destinations:</code> and start the server again.</div><div class="j-sub">${named}.</div>${lastProblem === null ? nothing : html`<div class="j-sub">▲ last attempt: ${lastProblem}</div>`}</td>
    <td class="muted hide-narrow">–</td><td class="muted hide-narrow">–</td><td class="muted hide-narrow">–</td><td class="right"><span class="only-narrow muted">waiting </span>${waiting}</td><td class="right"><span class="only-narrow muted">failed </span>${failed > 0 ? html`<span class="verdict-fail">× ${failed}</span>` : "0"}</td><td></td></tr>`;
}
