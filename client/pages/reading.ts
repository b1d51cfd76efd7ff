import { html, nothing, type TemplateResult } from "lit";
import { standingOf } from "../../cells/results/reading.ts";
import { jobOfNotebook, readingAddress } from "../../cells/results/reading-address.ts";
import { driftUnit, judgedBy } from "../../cells/views/metric-name.ts";
import { intervalText, unitText } from "../../cells/views/number-text.ts";
import { judgedValue, readingName, readingUnit } from "../../cells/views/reading-words.ts";
import { momentText, windowText, windowTitle } from "../../cells/views/time-text.ts";
import { standingMark } from "../../cells/views/verdict-mark.ts";
import type { KeptReading } from "../../cells/wire/http-readings.ts";
import { ask } from "../api.ts";
import { LoadingPage } from "./loading.ts";
import { usualComparison } from "./reading-choice.ts";
import { detailsSection } from "./reading-details.ts";
import { answerFacts, methodFacts } from "./reading-facts.ts";
import { historySection } from "./reading-history.ts";
import { markupView } from "./reading-markup.ts";
import { sourceAddress, sourceSection, statementsSection } from "./reading-source.ts";
import { unitOf } from "./reading-unit.ts";
import "./reading-compare.ts";
import "../styles/monitor.css";
// Charts and trees look as in a notebook.
import "../styles/notebook.css";
import "../styles/reading.css";

/** One number with all that it came from: where the link of an auditor lands. */
class ReadingPage extends LoadingPage<KeptReading> {
  static override properties = {
    ...LoadingPage.properties,
    reading: { attribute: false },
    other: { attribute: false },
    isWhole: { state: true },
  };
  /** Id of the reading. */
  declare reading: string;
  /** Id of the one to compare it with; null for none. */
  declare other: string | null;
  /** The history is shown to its end. */
  declare isWhole: boolean;

  constructor() {
    super();
    this.other = null;
    this.isWhole = false;
  }

  protected load(): Promise<KeptReading> {
    return ask<KeptReading>(`/api/readings/${encodeURIComponent(this.reading)}${ofJob()}`);
  }

  protected show(kept: KeptReading): TemplateResult {
    const { reading, measurement, otherAnswers, history, zone } = kept;
    const { notebook, cell } = measurement;
    const name = readingName(reading, cell);
    const window = windowText(reading.window, zone);
    const unit = readingUnit(reading);
    const judged = judgedValue(reading);
    const countedIn = unitOf(kept, unit);
    const others = history.filter(({ id }) => id !== reading.id);
    document.title = `${name}, ${window} · Driftbook`;
    return html`<p class="small"><a href="/">Home</a> / <a href="${sourceAddress(notebook)}">${notebook}</a> / ${cell}</p>
      <h1>${name}, <span title=${windowTitle(reading.window, zone) ?? nothing}>${window}</span></h1>
      <p class="r-answer">${markupView(standingMark(standingOf(reading), reading.provisional))}
        <span class="r-value" title=${reading.value === null ? nothing : String(reading.value)}>${unitText(reading.value, unit)}${countedIn === null ? nothing : html` <span class="r-unit">${countedIn}</span>`}</span>
        ${judged === null || judged === reading.value ? nothing : html`<span title=${judgedBy(reading.metric).title ?? nothing}>${unitText(judged, driftUnit(reading.metric))}${judgedBy(reading.metric).suffix} <span class="muted">is judged</span></span>`}
        ${this.#interval(kept)}<span class="muted">times in ${zone}</span></p>
      ${reading.reason === null ? nothing : html`<p class="r-reason">${reading.reason.slice(0, 1).toUpperCase()}${reading.reason.slice(1)}</p>`}
      ${
        otherAnswers.length === 0
          ? nothing
          : html`<div class="notice warn"><p>This question was answered differently ${otherAnswers.length === 1 ? "once" : `${otherAnswers.length} times`} before: by another program, or over a file that changed. This page shows the newest answer; ${otherAnswers.length === 1 ? "the other was" : "the others were"} ${otherAnswers.map(({ value, madeAt }) => `${unitText(value, unit)} (measured ${momentText(madeAt, zone)})`).join(", ")}.</p></div>`
      }
      <p class="r-actions">
        ${others.length === 0 ? nothing : html`<button class="outlined" @click=${() => this.#choose()}>Compare with …</button>`}
        <button class="outlined" @click=${() => void this.#copy(`${location.origin}${readingAddress(reading.id, { job: jobOfNotebook(measurement.notebook), with: this.other })}`, "The link")}>Copy link</button>
        <button class="outlined" @click=${() => void this.#copy(evidence(kept), "The reading with all that it came from")}>Copy as JSON</button>
        <a class="button outlined" href="/api/readings/${encodeURIComponent(reading.id)}/evidence${ofJob()}" download>Evidence</a>
      </p>
      ${answerFacts(kept, unit)}
      <section class="section"><header><h2>Why it changed</h2></header>
        <db-reading-compare .kept=${kept} .unit=${unit} .other=${this.other} .usual=${usualComparison(reading, history)}></db-reading-compare>
      </section>
      ${historySection(kept, unit, {
        isWhole: this.isWhole,
        showAll: () => {
          this.isWhole = true;
        },
      })}
      <section class="section"><header><h2>Method</h2></header>${methodFacts(kept)}</section>
      ${detailsSection(reading)}
      ${sourceSection(kept)}
      ${statementsSection(measurement, (text, what) => void this.#copy(text, what))}`;
  }

  #interval({ reading, measurement }: KeptReading): TemplateResult | typeof nothing {
    const interval = intervalText(reading.lower, reading.upper, readingUnit(reading));
    // Distances and counts of rows never have one.
    if (interval === null && measurement.kind !== "kpi") return nothing;
    return interval === null
      ? html`<span class="muted">no interval</span>`
      : html`<span>${interval} <span class="muted">95% interval</span></span>`;
  }

  #choose(): void {
    const select = this.querySelector<HTMLSelectElement>("db-reading-compare select");
    select?.scrollIntoView({ block: "center" });
    select?.focus();
  }

  async #copy(text: string, what: string): Promise<void> {
    await this.attempt(async () => {
      await navigator.clipboard.writeText(text);
      this.said = `${what} is copied.`;
    });
  }
}
customElements.define("db-reading", ReadingPage);

/** What someone else needs to derive the number again. */
function evidence({ reading, measurement, otherAnswers }: KeptReading): string {
  return `${JSON.stringify({ reading, measurement, otherAnswers }, null, 2)}\n`;
}

/** Whose reading it is, as the address says: two jobs that ask the same share it. */
function ofJob(): string {
  const job = new URLSearchParams(location.search).get("job");
  return job === null ? "" : `?job=${encodeURIComponent(job)}`;
}
