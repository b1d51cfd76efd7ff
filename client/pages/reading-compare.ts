import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { jobOfNotebook, readingAddress } from "../../cells/results/reading-address.ts";
import type { Unit } from "../../cells/views/number-text.ts";
import { unitText } from "../../cells/views/number-text.ts";
import { windowText } from "../../cells/views/time-text.ts";
import type { Explanation, KeptReading, ReadingLine } from "../../cells/wire/http-readings.ts";
import { ApiError, ask } from "../api.ts";
import { LightElement } from "../light-element.ts";
import { explanationView } from "./reading-causes.ts";
import { byLength } from "./reading-choice.ts";
import { asOfTexts } from "./reading-times.ts";

type Progress =
  | { readonly state: "none" }
  | { readonly state: "running"; readonly seconds: number; readonly stop: AbortController }
  | { readonly state: "cancelled" }
  | { readonly state: "failed"; readonly message: string; readonly hint: string | null }
  | { readonly state: "done"; readonly explanation: Explanation };

/** Two readings of a metric side by side, and each cause of their difference. The address says which two. */
class ReadingCompare extends LightElement {
  static override properties = {
    kept: { attribute: false },
    unit: { attribute: false },
    other: { attribute: false },
    usual: { attribute: false },
    progress: { state: true },
    open: { state: true },
  };
  declare kept: KeptReading;
  declare unit: Unit;
  declare other: string | null;
  /** Chosen until the reader chooses. */
  declare usual: ReadingLine | null;
  declare progress: Progress;
  /** Causes whose rows are seen, by place. */
  declare open: ReadonlySet<number>;

  constructor() {
    super();
    this.progress = { state: "none" };
    this.open = new Set();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("other") || this.other === changed.get("other")) return;
    this.#stop();
    this.progress = { state: "none" };
    this.open = new Set();
    if (this.other !== null) void this.#compare(this.other);
  }

  #stop(): void {
    if (this.progress.state === "running") this.progress.stop.abort();
  }

  async #compare(other: string): Promise<void> {
    const stop = new AbortController();
    const beganMillis = Date.now();
    this.progress = { state: "running", seconds: 0, stop };
    const ticking = setInterval(() => {
      if (this.progress.state === "running" && this.progress.stop === stop)
        this.progress = { state: "running", seconds: Math.round((Date.now() - beganMillis) / 1000), stop };
    }, 1000);
    try {
      // The server begins with the earlier as-of; where both have one, with the other reading.
      const explanation = await ask<Explanation>(`/api/readings/${encodeURIComponent(other)}/compare`, {
        method: "POST",
        json: { with: this.kept.reading.id },
        signal: stop.signal,
      });
      if (!stop.signal.aborted) this.progress = { state: "done", explanation };
    } catch (error) {
      if (stop.signal.aborted) return;
      this.progress = {
        state: "failed",
        message: error instanceof Error ? error.message : String(error),
        hint: error instanceof ApiError ? error.hint : null,
      };
    } finally {
      clearInterval(ticking);
    }
  }

  override render(): TemplateResult {
    const { reading, history } = this.kept;
    const others = history.filter(({ id }) => id !== reading.id).toReversed();
    if (others.length === 0 && this.other === null)
      return html`<p class="empty">There is no other reading of this metric yet. Run the cell as of another time or over another window.</p>`;
    return html`${this.#form(others)}${this.#progress()}<p class="visually-hidden" role="status">${this.#said()}</p>`;
  }

  #form(others: readonly ReadingLine[]): TemplateResult {
    const { zone } = this.kept;
    const chosen = this.other ?? this.usual?.id ?? others[0]?.id ?? "";
    const isElsewhere = !others.some(({ id }) => id === chosen);
    const asOfText = asOfTexts(
      this.kept.history.map(({ asOf }) => asOf),
      zone,
    );
    const [alike, rest] = byLength(this.kept.reading, others);
    // Where the cell was edited between two runs, only its version tells their readings apart.
    const versionOf = ({ window, asOf, version, id }: ReadingLine): string =>
      this.kept.history.some((one) => one.id !== id && one.asOf === asOf && one.window?.join() === window?.join())
        ? ` (version ${version.slice(0, 6)})`
        : "";
    const options = (lines: readonly ReadingLine[]) =>
      lines.map(
        (line) =>
          html`<option value=${line.id} ?selected=${line.id === chosen}>${windowText(line.window, zone)}, as of ${asOfText(line.asOf)}${versionOf(line)}: ${unitText(line.value, this.unit)}</option>`,
      );
    return html`<form class="r-choice" @submit=${(event: SubmitEvent) => this.#choose(event)}>
      <label>Compare with <select name="with">
        ${isElsewhere ? html`<option value=${chosen} selected>reading ${chosen}</option>` : nothing}
        ${options(alike)}
        ${rest.length === 0 ? nothing : html`<optgroup label="Windows of other lengths">${options(rest)}</optgroup>`}
      </select></label>
      <button class=${this.other === null ? "primary" : "outlined"}>Compare</button>
    </form>`;
  }

  #choose(event: SubmitEvent): void {
    event.preventDefault();
    const other = String(new FormData(event.target as HTMLFormElement).get("with") ?? "");
    if (other === this.other) void this.#again();
    else
      dispatchEvent(
        new CustomEvent("driftbook-go", {
          detail: readingAddress(this.kept.reading.id, {
            job: jobOfNotebook(this.kept.measurement.notebook),
            with: other,
          }),
        }),
      );
  }

  #again(): void {
    this.#stop();
    if (this.other !== null) void this.#compare(this.other);
  }

  #progress(): TemplateResult | typeof nothing {
    const { progress } = this;
    switch (progress.state) {
      case "none":
        return nothing;
      case "running":
        return html`<p class="r-running"><span class="muted">Measuring what each cause changes …${progress.seconds < 2 ? nothing : ` ${progress.seconds} s`}</span> <button class="outlined" @click=${() => this.#cancel()}>Cancel</button></p>`;
      case "cancelled":
        return html`<p class="muted">Cancelled. <button class="outlined" @click=${() => this.#again()}>Compare again</button></p>`;
      case "failed":
        return html`<div class="notice fail" role="alert"><p>${progress.message}</p>${progress.hint === null ? nothing : html`<p class="muted">${progress.hint}</p>`}<button class="outlined" @click=${() => this.#again()}>Try again</button></div>`;
      case "done":
        return explanationView(progress.explanation, {
          here: this.kept.reading.id,
          unit: this.unit,
          zone: this.kept.zone,
          open: this.open,
          toggle: (at) => {
            this.open = new Set(this.open.has(at) ? [...this.open].filter((one) => one !== at) : [...this.open, at]);
          },
        });
    }
  }

  /** The state in a word, so that nobody is read a whole table. */
  #said(): string {
    const { progress } = this;
    switch (progress.state) {
      case "none":
      case "failed": // The notice is an alert.
        return "";
      case "running":
        return "Comparing";
      case "cancelled":
        return "Cancelled";
      case "done":
        return `Compared: ${progress.explanation.steps.length} causes`;
    }
  }

  #cancel(): void {
    this.#stop();
    this.progress = { state: "cancelled" };
  }
}
customElements.define("db-reading-compare", ReadingCompare);
