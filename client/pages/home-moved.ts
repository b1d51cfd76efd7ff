import { html, nothing, type TemplateResult } from "lit";
import { join } from "lit/directives/join.js";
import type { NotebookMoved } from "../../cells/wire/http-notebooks.ts";
import { jobAddress } from "./job-words.ts";
import { reportAddress } from "./report-words.ts";

/** After a notebook was renamed: what went with it; nothing where nothing did. */
export function movedNotice({ path, jobs, reports }: NotebookMoved): TemplateResult | typeof nothing {
  const followed = [
    ...jobs
      .filter(({ problem }) => problem === null)
      .map(
        ({ job, version }) =>
          html`the job <a href=${jobAddress(job)}>${job}</a> (${version === null ? "its file, which is not in force" : `version ${version}`})`,
      ),
    ...reports.map((slug) => html`the report <a href=${reportAddress(slug)}>${slug}</a>`),
  ];
  const behind = jobs.filter(({ problem }) => problem !== null);
  if (followed.length === 0 && behind.length === 0) return nothing;
  return html`<div class="notice ${behind.length > 0 ? "fail" : ""}" role="status"><p>Renamed to <span class="mono">${path}</span>.${followed.length === 0 ? nothing : html` With it went ${join(followed, (index) => (index === followed.length - 2 ? " and " : ", "))}.`}</p>
    ${behind.map(({ job, problem }) => html`<p>The job <a href=${jobAddress(job)}>${job}</a> still names the old path: ${problem}</p>`)}</div>`;
}
