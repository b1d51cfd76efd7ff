import { html, nothing, type TemplateResult } from "lit";
import { join } from "lit/directives/join.js";
import type { NotebookMoved } from "../../cells/wire/http-notebooks.ts";
import { jobAddress } from "./job-words.ts";
import { reportAddress } from "./report-words.ts";

/** After a notebook was renamed: what went with it; nothing where nothing did. */
export function movedNotice({ path, jobs, reports }: NotebookMoved): TemplateResult | typeof nothing {
  const followed = [
    ...jobs.map(
      ({ job, version }) =>
        html`the job <a href=${jobAddress(job)}>${job}</a> (${version === null ? "its file, which is not in force" : `version ${version}`})`,
    ),
    ...reports.map((slug) => html`the report <a href=${reportAddress(slug)}>${slug}</a>`),
  ];
  if (followed.length === 0) return nothing;
  return html`<p class="notice" role="status">Renamed to <span class="mono">${path}</span>. With it went ${join(followed, (index) => (index === followed.length - 2 ? " and " : ", "))}.</p>`;
}
