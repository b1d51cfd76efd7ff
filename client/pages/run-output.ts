import { html, nothing, type TemplateResult } from "lit";
import { LightElement } from "../light-element.ts";

/** What a run showed: its page in a frame that may run nothing and reach nothing. */
class RunOutput extends LightElement {
  static override properties = { address: { attribute: false }, page: { state: true }, problem: { state: true } };
  /** Of the page. */
  declare address: string;
  declare page: string | null;
  declare problem: string | null;

  constructor() {
    super();
    this.page = null;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const answer = await fetch(this.address);
      if (answer.ok) this.page = await answer.text();
      else this.problem = `The server answered ${answer.status}.`;
    } catch {
      this.problem = "The server does not answer.";
    }
  }

  override render(): TemplateResult {
    if (this.problem !== null)
      return html`<p class="notice fail" role="alert">The output did not load. ${this.problem}</p>`;
    // As text: what the server answers may not be framed by any page, ours included.
    return html`${this.page === null ? nothing : html`<iframe class="j-page" sandbox="" referrerpolicy="no-referrer" title="Output of the run" .srcdoc=${this.page}></iframe>`}`;
  }
}
customElements.define("db-run-output", RunOutput);
