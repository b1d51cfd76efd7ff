import { html, nothing, type TemplateResult } from "lit";
import type { Job } from "../../cells/wire/http-jobs.ts";
import "../styles/jobs.css";

/** On what was promoted: which version runs, and whether the text here is still that one. */
export function jobBadge({ name, version, textChanged, cell }: Job): TemplateResult {
  const words =
    version === null
      ? `job ${name}, not promoted yet`
      : textChanged
        ? `promoted in v${version}, text has changed since`
        : `promoted in v${version}`;
  const what = cell === null ? "the whole notebook" : "this cell";
  return html`<a class="j-badge ${textChanged ? "changed" : ""}" href="/jobs/${encodeURIComponent(name)}" aria-label=${words} title="${words}. The job ${name} runs ${what}">${textChanged ? html`<span aria-hidden="true">▲ </span>` : nothing}${version === null ? words : html`<span class="hide-narrow">promoted in </span>v${version}${textChanged ? html`<span class="hide-narrow">, text has changed since</span>` : nothing}`}</a>`;
}
