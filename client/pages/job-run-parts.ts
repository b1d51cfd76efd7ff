import { html, nothing, type TemplateResult } from "lit";
import type { Verdict } from "../../cells/results/reading.ts";
import { jobOfNotebook, readingAddress } from "../../cells/results/reading-address.ts";
import { KPI_METRICS, type KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { metricName } from "../../cells/views/metric-name.ts";
import { countText, intervalText, type Unit, unitText } from "../../cells/views/number-text.ts";
import { readingUnit } from "../../cells/views/reading-words.ts";
import { momentTitle, windowText, windowTitle } from "../../cells/views/time-text.ts";
import type { RunDetail } from "../../cells/wire/http-jobs.ts";
import type { ReadingLine } from "../../cells/wire/http-readings.ts";
import { counted, duration } from "../format.ts";
import { standingView } from "./verdict-view.ts";

const MOST_PIECES = 200;
/** What is past a bound comes first; the rest stays as it was measured. */
const WORST: Readonly<Record<Verdict, number>> = { error: 0, fail: 1, warn: 2, "no-data": 3, ok: 3 };
/** Whether it must be seen even where it is over a part of the window only. */
const SPEAKS: Readonly<Record<Verdict, boolean>> = { error: true, fail: true, warn: true, "no-data": false, ok: false };

/** Worst first, each a link to where the number comes from. */
export function readingTable(readings: readonly ReadingLine[], zone: string): TemplateResult {
  const sorted = readings.toSorted((a, b) => WORST[a.verdict] - WORST[b.verdict]);
  const hasCells = new Set(readings.map(({ cell }) => cell)).size > 1;
  const hasSubjects = readings.some(({ subject }) => subject !== null);
  const hasSlices = readings.some(({ slice }) => slice !== null);
  const table = (some: readonly ReadingLine[], label: string): TemplateResult =>
    html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table class="rows j-rows"><thead><tr><th scope="col">Verdict</th>${hasCells ? html`<th scope="col">Cell</th>` : nothing}<th scope="col">Metric</th>${hasSubjects ? html`<th scope="col">Of</th>` : nothing}${hasSlices ? html`<th scope="col">Slice</th>` : nothing}<th scope="col" class="right">Value</th><th scope="col" class="right hide-narrow">95% interval</th><th scope="col" class="right">n</th><th scope="col" class="hide-narrow">Window</th></tr></thead>
    <tbody>${some.map((line) => {
      const unit = unitOfLine(line);
      return html`<tr><td>${standingView(line.standing ?? line.verdict, line.provisional)}</td>${hasCells ? html`<td>${line.cell}</td>` : nothing}<td title=${line.metric}>${metricName(line.metric)}</td>${hasSubjects ? html`<td>${line.subject ?? nothing}</td>` : nothing}${hasSlices ? html`<td>${line.slice ?? nothing}</td>` : nothing}
      <td class="right" title=${`${line.value ?? "no value"}, as of ${momentTitle(line.asOf, zone)}`}><a href=${readingAddress(line.id, { job: jobOfNotebook(line.notebook) })}>${unitText(line.value, unit)}</a></td><td class="right muted hide-narrow">${intervalText(line.lower, line.upper, unit) ?? "–"}</td><td class="right">${countText(line.n)}</td><td class="nowrap muted hide-narrow" title=${windowTitle(line.window, zone) ?? nothing}>${windowText(line.window, zone)}</td></tr>`;
    })}</tbody></table></div>`;
  const longest = longestWindows(readings);
  const [main, pieces] = partition(sorted, (line) => SPEAKS[line.verdict] || lengthOf(line) === longest.get(line.cell));
  return html`${table(main, "Readings")}
    ${pieces.length === 0 ? nothing : html`<details class="r-fold"><summary>${counted(pieces.length, "reading")} more, over parts of the window, none past a bound</summary>${table(pieces.slice(0, MOST_PIECES), "Readings over parts of the window")}${pieces.length > MOST_PIECES ? html`<p class="muted small">The first ${MOST_PIECES}; all stand in the cell's rows below.</p>` : nothing}</details>`}`;
}

/** A line does not say its definition; what it measures itself is told by the metric's name. */
function unitOfLine({ metric, value }: ReadingLine): Unit {
  const known = Object.hasOwn(KPI_METRICS, metric) ? KPI_METRICS[metric as KpiMetric] : undefined;
  return readingUnit({ metric, definition: known?.definition ?? "", value });
}

const lengthOf = ({ window }: ReadingLine): number =>
  window === null ? Number.POSITIVE_INFINITY : Date.parse(window[1]) - Date.parse(window[0]);

/** Of each cell: what it measures at all, before it is cut in pieces. */
function longestWindows(readings: readonly ReadingLine[]): ReadonlyMap<string, number> {
  const longest = new Map<string, number>();
  for (const line of readings) longest.set(line.cell, Math.max(longest.get(line.cell) ?? 0, lengthOf(line)));
  return longest;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const parts = Map.groupBy(items, isFirst);
  return [parts.get(true) ?? [], parts.get(false) ?? []];
}

const STATUS: Readonly<Record<RunDetail["cells"][number]["status"], TemplateResult>> = {
  ok: html`<span class="muted">done</span>`,
  error: html`<span class="verdict-error">× error</span>`,
  skipped: html`<span class="muted">– not run</span>`,
};

/** How each cell went: its error, what it printed, its rows. Those that failed stand open. */
export function runCells(cells: RunDetail["cells"]): TemplateResult {
  return html`${cells.map(
    ({
      id,
      name,
      kind,
      status,
      durationMillis,
      error,
      logs,
      table,
    }) => html`<article class="j-cell" aria-label=${name ?? id}>
      <header><h3>${name ?? id}</h3><span class="muted small">${kind}</span>${STATUS[status]}<span class="muted small">${status === "skipped" ? nothing : duration(durationMillis)}</span></header>
      ${error === null ? nothing : html`<div class="notice fail"><p>${error.message}${error.line === undefined ? nothing : html` <span class="muted">line ${error.line}</span>`}</p></div>`}
      ${logs.length === 0 ? nothing : html`<details class="r-fold" ?open=${status === "error"}><summary>${counted(logs.length, "printed piece")}</summary><pre class="code j-log" tabindex="0" role="region" aria-label="Printed by ${name ?? id}">${logs.map(({ stream, text }) => html`<span class=${stream === "error" ? "verdict-fail" : ""}>${text}</span>`)}</pre></details>`}
      ${table === null ? nothing : html`<details class="r-fold"><summary>${counted(table.rowCount, "row")}${table.rows.length < table.rowCount ? `, the first ${table.rows.length} kept` : ""}</summary>${rowTable(table, name ?? id)}</details>`}
    </article>`,
  )}`;
}

function rowTable({ columns, rows }: NonNullable<RunDetail["cells"][number]["table"]>, label: string): TemplateResult {
  return html`<div class="scroll j-log" tabindex="0" role="region" aria-label="Rows of ${label}"><table class="rows r-table"><thead><tr>${columns.map(({ name, type }) => html`<th scope="col" title=${type}>${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${columns.map(({ name }) => html`<td>${cell(row[name])}</td>`)}</tr>`)}</tbody></table></div>`;
}

const cell = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
