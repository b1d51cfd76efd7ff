import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { ApiError } from "../api.ts";
import { LightElement } from "../light-element.ts";

const SAID_MILLIS = 8000;

/** A page that shows what an address answers: loading, the answer, or why there is none. */
export abstract class LoadingPage<T> extends LightElement {
  static override properties = { value: { state: true }, problem: { state: true }, said: { state: true } };
  declare value: T | null;
  declare problem: { readonly message: string; readonly hint: string | null } | null;
  declare said: string | null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    super();
    this.value = null;
    this.problem = null;
    this.said = null;
  }

  protected abstract load(): Promise<T>;
  protected abstract show(value: T): TemplateResult;

  /** After how many milliseconds what is shown is asked for again; null for never. */
  protected renewsAfter(_value: T | null): number | null {
    return null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("value")) this.#await();
    if (changed.has("said")) this.#forget();
  }

  /** What was said stands for a while. */
  #forget(): void {
    const { said } = this;
    if (said === null) return;
    setTimeout(() => {
      if (this.said === said) this.said = null;
    }, SAID_MILLIS);
  }

  #await(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const delayMillis = this.renewsAfter(this.value);
    if (delayMillis === null || !this.isConnected) return;
    this.#timer = setTimeout(() => {
      // Nobody looks, or somebody is about to do something with what is shown.
      const waits = document.visibilityState !== "visible" || document.querySelector("dialog[open]") !== null;
      if (waits) this.#await();
      else void this.refresh();
    }, delayMillis);
  }

  protected async refresh(): Promise<void> {
    await this.attempt(async () => {
      this.value = await this.load();
    });
    if (this.problem !== null) this.#await();
  }

  /** Does something that may be refused; the sentence is shown. */
  protected async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (error) {
      this.problem = {
        message: error instanceof Error ? error.message : String(error),
        hint: error instanceof ApiError ? error.hint : null,
      };
    }
  }

  override render(): TemplateResult {
    return html`<div class="page">
      ${this.problem === null ? nothing : html`<div class="notice fail" role="alert"><p>${this.problem.message}</p>${this.problem.hint === null ? nothing : html`<p class="muted">${this.problem.hint}</p>`}<button class="outlined" @click=${() => void this.refresh()}>Try again</button></div>`}
      ${this.value !== null ? this.show(this.value) : this.problem === null ? html`<p class="muted" role="status">Loading …</p>` : nothing}
      ${
        this.said === null
          ? nothing
          : html`<div class="toast" role="status">${this.said}<button @click=${() => {
              this.said = null;
            }}>Close</button></div>`
      }
    </div>`;
  }
}
