import { html, nothing, render, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { Kind } from "../../cells/document/document.ts";
import type { JobSpec } from "../../cells/jobs/job-spec.ts";
import { KINDS, mayHaveBounds } from "../../cells/kinds/kinds.ts";
import type { DestinationList } from "../../cells/wire/http-alerts.ts";
import type { Job, JobList, PromotionPreview, Rehearsal } from "../../cells/wire/http-jobs.ts";
import { ask } from "../api.ts";
import { alertFields, MORE_FIELDS, moreFields, SHOWN_FIELDS, specOf, timeFields, waitField } from "./job-fields.ts";
import { fieldHint, fieldOf, problemText } from "./job-form.ts";
import { jobApi } from "./job-words.ts";
import { previewView } from "./promote-preview.ts";
import { rehearsalView } from "./promote-rehearsal.ts";
import { PromotionDraft, type PromotionTarget } from "./promotion-draft.ts";
import "../styles/jobs.css";
import "../styles/monitor.css";

interface Target extends PromotionTarget {
  /** Of the notebook, as written: what runs take where nothing else is said. */
  readonly window: string | null;
  /** Inputs that stand elsewhere than their default in the session where it is promoted, by name. */
  readonly moved: Readonly<Record<string, unknown>>;
}

type Rehearsed =
  | { readonly state: "none" }
  | { readonly state: "running"; readonly stop: AbortController; readonly sinceMillis: number }
  | { readonly state: "done"; readonly rehearsal: Rehearsal }
  | { readonly state: "failed"; readonly message: string };

const PREVIEW_AFTER_MILLIS = 350;
/** Counting the past is work: only for a form that rests. */
const REHEARSE_AFTER_MILLIS = 1000;

/** "Promote to job…": asks for the schedule, shows what is frozen, writes the job. Resolves to the job, or null. */
export async function openPromotion(target: Target): Promise<Job | null> {
  const { zone, jobs } = await ask<JobList>("/api/jobs");
  const dialog = document.createElement("dialog");
  dialog.className = "j-promote";
  dialog.setAttribute("aria-label", "Promote to job");
  document.body.append(dialog);
  const promotion = new Promotion(dialog, target, zone, jobs);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      promotion.close();
      dialog.remove();
      resolve(promotion.made);
    });
    promotion.begin();
    dialog.showModal();
  });
}

class Promotion {
  made: Job | null = null;
  readonly #dialog: HTMLDialogElement;
  readonly #target: Target;
  readonly #zone: string;
  readonly #draft: PromotionDraft;
  #showsMore = false;
  #destinations: DestinationList["destinations"] | null = null;
  #preview: PromotionPreview | null = null;
  #problem: string | null = null;
  #rehearsed: Rehearsed = { state: "none" };
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #starting: ReturnType<typeof setTimeout> | null = null;
  /** Somebody stopped the counting of what the form says. */
  #isDeclined = false;
  #asked = 0;

  constructor(dialog: HTMLDialogElement, target: Target, zone: string, jobs: readonly Job[]) {
    this.#dialog = dialog;
    this.#target = target;
    this.#zone = zone;
    this.#draft = new PromotionDraft(target, jobs);
  }

  begin(): void {
    this.#draw();
    void this.#look();
    void ask<DestinationList>("/api/destinations").then(
      ({ destinations }) => {
        this.#destinations = destinations;
        this.#draw();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#stopRehearsal();
  }

  #stopRehearsal(): void {
    if (this.#starting !== null) clearTimeout(this.#starting);
    if (this.#rehearsed.state === "running") this.#rehearsed.stop.abort();
  }

  get #form(): HTMLFormElement | null {
    return this.#dialog.querySelector("form");
  }

  #spec(): JobSpec {
    return this.#form === null ? this.#draft.base : specOf(new FormData(this.#form), this.#draft.base);
  }

  #draw(): void {
    render(this.#view(), this.#dialog);
  }

  #view(): TemplateResult {
    const { notebook, cell, kind } = this.#target;
    const next = this.#preview?.sameAs ?? null;
    return html`<form class="j-form" novalidate @submit=${(event: SubmitEvent) => void this.#promote(event)} @input=${(event: Event) => this.#typed(event)}>
      <h2>${this.#draft.same === null ? "Promote to job" : `Promote again to ${this.#draft.same.name}`}</h2>
      <p class="muted">${cell === null ? html`The whole notebook ${notebook}` : kind === null ? html`The cell <b>${cell}</b> of ${notebook}` : html`The <b>${KINDS[kind].label} cell without a name</b> of ${notebook}`} is frozen with all that it reads, and runs by schedule. Later edits change nothing until it is promoted again.</p>
      ${this.#problem === null || SHOWN_FIELDS.has(fieldOf(this.#problem)?.field ?? "") ? nothing : html`<p class="notice fail" role="alert">${fieldOf(this.#problem)?.sentence ?? this.#problem}${this.#useDefaults()}</p>`}
      ${this.#draft.same !== null ? nothing : html`<div><label><span>Name</span><input type="text" name="name" required maxlength="63" pattern="[a-z][a-z0-9_\\-]*" title="Small letters, digits, - and _, such as daily-drift" .value=${this.#draft.name} autofocus autocomplete="off" /></label>${fieldHint(this.#problem, "name")}</div>`}
      ${this.#draft.taken === null ? nothing : this.#takenHint(this.#draft.taken)}
      ${this.#draft.edited === null ? nothing : html`<p class="j-hint">jobs/${this.#draft.edited.name}.yaml was edited and is not in force yet: the fields show what it says.</p>`}
      ${keyed(this.#draft.filled, this.#fields())}
      ${this.#frozen()}
      <section class="j-rehearse ${this.#mayFire ? "j-reserved" : ""}" aria-label="How often these bounds would have fired">${this.#rehearsal()}</section>
      <label><span>Note for the list of versions</span><input type="text" name="note" maxlength="500" placeholder="why this version" autocomplete="off" /></label>
      <p class="j-form-end"><button type="button" class="outlined" @click=${() => this.#dialog.close()}>Cancel</button><button class="primary" ?disabled=${this.#isBusy || !this.#isRight}>${this.#isBusy ? "Promoting …" : next === null ? "Promote" : `Promote, as version ${next}`}</button></p>
    </form>`;
  }

  #takenHint(taken: Job): TemplateResult {
    if (this.#draft.isOpenedFromTaken)
      return html`<p class="j-hint">The notebook was opened from ${taken.name}: this becomes its next version. Its settings are kept; window and inputs are the notebook’s.</p>`;
    return html`<p class="j-hint verdict-warn">▲ The job ${taken.name} exists and runs ${taken.spec.run}: promoting makes it run this instead. The fields show what it has now.</p>`;
  }

  /** A way on where the job sets inputs that this cell does not read. */
  #useDefaults(): TemplateResult | typeof nothing {
    if (this.#draft.base.set === undefined || this.#problem?.startsWith("set: ") !== true) return nothing;
    return html` <button type="button" class="outlined small" @click=${() => {
      this.#draft.setInputs({});
      this.#again();
    }}>Use the inputs’ defaults</button>`;
  }

  #fields(): TemplateResult {
    return html`${timeFields(this.#draft.base, this.#zone, this.#problem)}
      <div class="j-pair">
        <div><label><span>Window of each run</span><input type="text" name="window" maxlength="200" .value=${this.#draft.base.window ?? ""} placeholder=${this.#target.window === null ? "the notebook’s, or the time since the due time before" : `${this.#target.window}, the notebook’s`} list="j-windows" autocomplete="off" /></label>${fieldHint(this.#problem, "window")}</div>
        <datalist id="j-windows">${["yesterday", "last 7 days", "last 28 days", "previous month", "mature 4 weeks"].map((one) => html`<option value=${one}></option>`)}</datalist>
        ${waitField(this.#draft.base, this.#problem)}
      </div>
      ${alertFields(this.#draft.base, this.#destinations)}
      <details class="j-fold" ?open=${this.#showsMore}><summary>More settings</summary>${moreFields(this.#draft.base, this.#problem)}</details>`;
  }

  /** While something is wrong what was right before stays, pale: nothing jumps. */
  #frozen(): TemplateResult | typeof nothing {
    if (this.#preview === null)
      return this.#problem === null ? html`<p class="muted" role="status">Looking at what is frozen …</p>` : nothing;
    return html`<div class=${this.#problem === null ? "" : "j-pale"}>${previewView(
      this.#preview,
      this.#spec(),
      this.#zone,
      this.#target.moved,
      (name, value) => {
        this.#draft.setInput(name, value);
        this.#again();
      },
    )}</div>`;
  }

  get #isRight(): boolean {
    return this.#preview !== null && this.#problem === null;
  }

  get #mayFire(): boolean {
    return this.#preview?.cells.some(({ kind }) => mayHaveBounds(kind as Kind)) ?? false;
  }

  #rehearsal(): TemplateResult {
    const again = html`<button type="button" class="outlined" ?disabled=${!this.#isRight} @click=${() => void this.#rehearse()}>How often would these bounds have fired?</button>`;
    switch (this.#rehearsed.state) {
      case "none":
        return again;
      case "running":
        return html`<p><progress aria-label="Measuring"></progress> Measuring the last 180 due times: ${Math.round((Date.now() - this.#rehearsed.sinceMillis) / 1000)} s <button type="button" class="outlined small" @click=${() => {
          this.#isDeclined = true;
          this.#stopRehearsal();
        }}>Cancel</button></p>`;
      case "failed":
        return html`<p class="notice warn" role="alert">${this.#rehearsed.message}</p>${again}`;
      case "done":
        return rehearsalView(this.#rehearsed.rehearsal, this.#spec().zone ?? this.#zone);
    }
  }

  #typed(event: Event): void {
    const field = event.target as HTMLInputElement;
    if (field.name === "note") return;
    // Whom it tells changes no count.
    if (field.name === "to") return this.#lookSoon();
    if (field.name === "name") this.#draft.rename(field.value, this.#spec());
    this.#again();
  }

  /** What the form says now is looked at once typing rests; counts of other bounds or windows are taken away. */
  #again(): void {
    this.#stopRehearsal();
    this.#rehearsed = { state: "none" };
    this.#isDeclined = false;
    this.#lookSoon();
    this.#draw();
  }

  #lookSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), PREVIEW_AFTER_MILLIS);
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const preview = await ask<PromotionPreview>("/api/jobs/preview", {
        method: "POST",
        json: { name: this.#draft.name, spec: this.#spec() },
      });
      if (asked !== this.#asked) return;
      this.#preview = preview;
      this.#problem = null;
      this.#draw();
      this.#rehearseSoon();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#fail(error);
    }
  }

  #rehearseSoon(): void {
    if (this.#starting !== null) clearTimeout(this.#starting);
    if (this.#rehearsed.state !== "none" || this.#isDeclined) return;
    if (!this.#mayFire) return;
    this.#starting = setTimeout(() => {
      if (!this.#isBusy && this.#isRight) void this.#rehearse();
    }, REHEARSE_AFTER_MILLIS);
  }

  async #rehearse(): Promise<void> {
    const stop = new AbortController();
    this.#rehearsed = { state: "running", stop, sinceMillis: Date.now() };
    this.#draw();
    const ticking = setInterval(() => this.#draw(), 1000);
    try {
      const rehearsal = await ask<Rehearsal>("/api/jobs/rehearse", {
        method: "POST",
        json: { name: this.#draft.name, spec: this.#spec() },
        signal: stop.signal,
      });
      if (stop.signal.aborted) return;
      this.#rehearsed = { state: "done", rehearsal };
    } catch (error) {
      if (this.#rehearsed.state !== "running" || this.#rehearsed.stop !== stop) return;
      this.#rehearsed = stop.signal.aborted ? { state: "none" } : { state: "failed", message: problemText(error) };
    } finally {
      clearInterval(ticking);
    }
    this.#draw();
  }

  async #promote(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const spec = this.#spec();
    const note = String(new FormData(this.#form!).get("note") ?? "").trim();
    this.#isBusy = true;
    this.#draw();
    try {
      this.made = await ask<Job>(jobApi(this.#draft.name), {
        method: "PUT",
        json: { spec, note: note === "" ? null : note },
      });
      this.#dialog.close();
    } catch (error) {
      this.#isBusy = false;
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#problem = problemText(error);
    this.#showsMore ||= MORE_FIELDS.has(fieldOf(this.#problem)?.field ?? "");
    this.#draw();
  }
}
