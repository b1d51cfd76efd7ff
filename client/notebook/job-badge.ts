import { html, nothing, type TemplateResult } from "lit";
import { changedSince } from "../../cells/jobs/changed-since.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import "../styles/jobs.css";

/** On what was promoted: which version runs, and whether the text here, and the contracts, are still those. */
export function jobBadge(job: Job): TemplateResult {
  const { name, version, cell } = job;
  const changed = version === null ? null : changedSince(job);
  const since = changed === null ? "" : `, ${changed}`;
  const words = version === null ? `job ${name}, not promoted yet` : `promoted in v${version}${since}`;
  const what = cell === null ? "the whole notebook" : "this cell";
  return html`<a class="j-badge ${changed === null ? "" : "changed"}" href="/jobs/${encodeURIComponent(name)}" aria-label=${words} title="${words}. The job ${name} runs ${what}">${changed === null ? nothing : html`<span aria-hidden="true">▲ </span>`}${version === null ? words : html`<span class="hide-narrow">promoted in </span>v${version}${changed === null ? nothing : html`<span class="hide-narrow">${since}</span>`}`}</a>`;
}
