import { html, nothing, type TemplateResult } from "lit";
import type { Measurement } from "../../cells/results/measurement.ts";
import { jobOfNotebook } from "../../cells/results/reading-address.ts";
import { countOf } from "../../cells/views/number-text.ts";
import { momentText, momentTitle, windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { KeptReading } from "../../cells/wire/http-readings.ts";
import { factList } from "./reading-facts.ts";

/** The page of what measured. */
export function sourceAddress(measuredBy: string): string {
  const path = measuredBy.split("/").map(encodeURIComponent).join("/");
  return jobOfNotebook(measuredBy) === null ? `/n/${path}` : `/${path}`;
}

/** Where the number comes from: cell, what it reads, inputs, contracts, marks, programs. */
export function sourceSection({ measurement, zone }: KeptReading): TemplateResult {
  const { notebook, cell, kind, version, contracts, program, madeAt, readings } = measurement;
  const inputs = Object.entries(version.set);
  return html`<section class="section"><header><h2>Where it comes from</h2></header>
    ${factList([
      [
        jobOfNotebook(notebook) === null ? "Notebook" : "Job",
        html`<a href="${sourceAddress(notebook)}">${notebook}</a>`,
      ],
      [
        "Cell",
        html`<span class="mono">${cell}</span> <span class="muted">${kind}, ${countOf(readings, "reading")} in this run</span>`,
      ],
      ["Version", html`<span class="mono" title="Of the cell, what it reads and its inputs">${version.hash}</span>`],
      [
        "Inputs",
        inputs.length === 0
          ? nothing
          : html`${inputs.map(([name, value], at) => html`${at === 0 ? nothing : ", "}<span class="mono">${name}</span> ${typeof value === "string" ? value : JSON.stringify(value)}`)}`,
      ],
      [
        "Contracts",
        contracts.length === 0
          ? nothing
          : html`${contracts.map(({ stream, hash }, at) => html`${at === 0 ? nothing : ", "}<a href="/s/${encodeURIComponent(stream)}">${stream}</a> <span class="mono muted" title=${hash}>${hash.slice(0, 8)}</span>`)}`,
      ],
      ["Measured", html`<span title=${momentTitle(madeAt, zone)}>${momentText(madeAt, zone)}</span>`],
      ["Programs", `Driftbook ${program.driftbook}, ${program.engine}`],
    ])}
    ${marksTable(measurement, zone)}
    <details class="r-fold"><summary>The cell and all that it reads, as it was</summary><pre class="code" tabindex="0" role="region" aria-label="Text of the cell and all that it reads">${version.text}</pre></details>
    ${contracts.map(({ stream, contract }) => (contract === null ? nothing : html`<details class="r-fold"><summary>Contract of ${stream}, as it was</summary><pre class="code" tabindex="0" role="region" aria-label="Contract of ${stream}">${JSON.stringify(contract, null, 2)}</pre></details>`))}
  </section>`;
}

function marksTable({ marks }: Measurement, zone: string): TemplateResult | typeof nothing {
  if (marks.length === 0) return nothing;
  return html`<h3 class="r-sub">Marks that counted</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="Marks"><table class="rows r-table"><thead><tr><th scope="col">Window</th><th scope="col">Note</th><th scope="col">Stream</th><th scope="col">Excluded</th></tr></thead>
    <tbody>${marks.map(({ window: { start, end }, note, stream, excludes }) => html`<tr><td title=${windowTitle([start, end], zone) ?? nothing}>${windowText([start, end], zone)}</td><td>${note}</td><td>${stream}</td><td>${excludes ? "yes" : html`<span class="muted">no</span>`}</td></tr>`)}</tbody></table></div>`;
}

/** What was asked of the engine, in order. */
export function statementsSection(
  { statements }: Measurement,
  copy: (text: string, what: string) => void,
): TemplateResult | typeof nothing {
  if (statements.length === 0) return nothing;
  return html`<section class="section"><header><h2>SQL</h2></header>
    <details class="r-fold"><summary>${countOf(statements.length, "statement")}, in the order in which the cell asked</summary>
    ${statements.map(
      (
        { title, sql },
        at,
      ) => html`<details class="r-fold"><summary><span class="muted r-number">${at + 1}</span>${title}</summary>
      <div class="r-sql"><button class="outlined small" aria-label="Copy the SQL of ${title}" @click=${() => copy(sql, "The SQL")}>Copy</button><pre class="code" tabindex="0" role="region" aria-label="SQL: ${title}">${sql}</pre></div></details>`,
    )}</details>
  </section>`;
}
