import { html, type TemplateResult } from "lit";
import { LightElement } from "../light-element.ts";

/**
 * HTML of a cell in a frame of its own: it may not run scripts, open windows, send forms or reach the page. The page's
 * content policy holds inside as well.
 */
class HtmlFrame extends LightElement {
  static override properties = { html: { attribute: false } };
  declare html: string;

  override render(): TemplateResult {
    const dark = document.documentElement.dataset.theme === "dark";
    const colours = dark ? "color:#e3e7ec;background:#14171b" : "color:#1d2126;background:#fff";
    const page = `<!doctype html><meta charset="utf-8"><style>body{margin:0;font:14px/1.5 system-ui,sans-serif;${colours}}</style>${this.html}`;
    return html`<iframe sandbox="" referrerpolicy="no-referrer" title="HTML output" .srcdoc=${page} style="height:${this.#height()}px"></iframe>`;
  }

  /** A sandboxed frame cannot tell its height: it is guessed from the text, and the frame scrolls. */
  #height(): number {
    const blocks = this.html.match(/<(p|div|tr|li|h\d|br|pre|table)\b/gi)?.length ?? 1;
    return Math.min(600, 24 + Math.max(1, blocks) * 24);
  }
}
customElements.define("db-html-frame", HtmlFrame);
