import { html, nothing, type TemplateResult } from "lit";
import { jobOfNotebook, readingAddress } from "../../cells/results/reading-address.ts";
import type { Chart } from "../../cells/views/markup.ts";
import { judgedName, metricName } from "../../cells/views/metric-name.ts";
import { countOf, countText, intervalText, type Unit, unitText } from "../../cells/views/number-text.ts";
import { judgedValue } from "../../cells/views/reading-words.ts";
import { type SeriesPoint, seriesChart } from "../../cells/views/series-chart.ts";
import { momentTitle, type WindowPair, windowText, windowTitle } from "../../cells/views/time-text.ts";
import { standingMark } from "../../cells/views/verdict-mark.ts";
import type { KeptReading, ReadingLine } from "../../cells/wire/http-readings.ts";
import { byLength, isSameWindow, mostOfOneLength } from "./reading-choice.ts";
import "../outputs/monitor-chart.ts";
import { markupView } from "./reading-markup.ts";
import { asOfTexts } from "./reading-times.ts";

const FIRST_ROWS = 20;

interface Shown {
  readonly isWhole: boolean;
  readonly showAll: () => void;
}

/** The same metric over other windows, and as it was known at other times. */
export function historySection(kept: KeptReading, unit: Unit, { isWhole, showAll }: Shown): TemplateResult {
  const { reading, history, zone } = kept;
  const [alike, others] = byLength(reading, history.toReversed());
  const here = alike.findIndex(({ id }) => id === reading.id);
  const shown = isWhole ? [...alike, ...others] : alike.slice(0, Math.max(FIRST_ROWS, here + 1));
  const rest = history.length - shown.length;
  const around: Around = {
    here: reading.id,
    unit,
    zone,
    asOfText: asOfTexts(
      history.map(({ asOf }) => asOf),
      zone,
    ),
    hasVersions: new Set(history.map(({ version }) => version)).size > 1,
    hasIntervals: history.some(({ lower }) => lower !== null),
  };
  const charts = historyCharts(kept, unit);
  return html`<section class="section"><header><h2>History</h2><span class="muted small">${countOf(history.length, "reading")} kept</span></header>
    ${charts.length === 0 ? nothing : html`<div class="monitor"><div class=${charts.length > 1 ? "m-pair" : ""}>${charts.map((chart) => html`<db-monitor-chart .chart=${chart}></db-monitor-chart>`)}</div></div>`}
    <div class="scroll" tabindex="0" role="region" aria-label="History"><table class="rows r-table"><thead><tr><th scope="col">Window</th><th scope="col">As of</th><th scope="col" class="right">${metricName(reading.metric)}</th>${around.hasIntervals ? html`<th scope="col" class="right hide-narrow">95% interval</th>` : nothing}<th scope="col" class="right">n</th><th scope="col">Verdict</th>${around.hasVersions ? html`<th scope="col" class="hide-narrow">Version</th>` : nothing}<th></th></tr></thead>
    <tbody>${shown.map((line) => row(line, around))}</tbody></table></div>
    ${rest === 0 ? nothing : html`<button class="outlined r-more" @click=${showAll}>Show ${countText(rest)} more${others.length === rest ? " over windows of other lengths" : ""}</button>`}
  </section>`;
}

interface Around {
  /** The reading whose page this is. */
  readonly here: string;
  readonly unit: Unit;
  readonly zone: string;
  readonly asOfText: (asOf: string) => string;
  readonly hasVersions: boolean;
  readonly hasIntervals: boolean;
}

function row(line: ReadingLine, { here, unit, zone, asOfText, hasVersions, hasIntervals }: Around): TemplateResult {
  const { id, window, asOf, value, lower, upper, n, verdict, standing = verdict, version, provisional } = line;
  const isHere = id === here;
  const job = jobOfNotebook(line.notebook);
  const name = `${windowText(window, zone)}, as of ${asOfText(asOf)}`;
  return html`<tr class=${isHere ? "r-here" : ""} aria-current=${isHere ? "true" : nothing}>
    <td title=${windowTitle(window, zone) ?? nothing}>${windowText(window, zone)}</td>
    <td title=${momentTitle(asOf, zone)}>${asOfText(asOf)}</td>
    <td class="right" title=${value === null ? nothing : String(value)}>${isHere ? unitText(value, unit) : html`<a href=${readingAddress(id, { job })}>${unitText(value, unit)}</a>`}</td>
    ${hasIntervals ? html`<td class="right muted hide-narrow">${intervalText(lower, upper, unit) ?? "–"}</td>` : nothing}
    <td class="right">${countText(n)}</td>
    <td>${markupView(standingMark(standing, provisional))}</td>
    ${hasVersions ? html`<td class="mono muted hide-narrow" title=${version}>${version.slice(0, 6)}</td>` : nothing}
    <td class="small">${isHere ? html`<span class="muted">this one</span>` : html`<a href=${readingAddress(here, { job, with: id })} aria-label="Compare with ${name}">Compare</a>`}</td>
  </tr>`;
}

/** A line over the windows of this length as they are known last, or else over its pieces; one over what was known when. */
function historyCharts({ reading, history, measurement, zone }: KeptReading, unit: Unit): readonly Chart[] {
  const { hash: version } = measurement.version;
  const withWindow = history.filter(({ window }) => window !== null);
  const [alike, others] = byLength(reading, withWindow);
  const whole = course(alike, version, windowOf);
  // The newest units beside mature ones are no course by themselves.
  const isWhole = whole.filter(({ provisional }) => provisional === reading.provisional).length > 1;
  // Of one run: what an earlier one saw in its pieces is another story.
  const pieces = others.filter((line) => line.asOf === reading.asOf && line.version === version);
  const windows = (isWhole ? whole : mostOfOneLength(pieces)).map((line) => point(line, line.window));
  const known = history.filter((line) => isSameWindow(line, reading));
  const times = course(known, version, ({ asOf }) => asOf).map((line) => point(line, [line.asOf, line.asOf]));
  const isJudged = judgedValue(reading) === reading.value;
  const common = {
    metric: isJudged ? judgedName(reading.metric) : metricName(reading.metric),
    unit,
    // Bounds of another number than the one that is drawn would mislead.
    bounds: isJudged ? reading.bounds : { warn: null, fail: null },
    zone,
    fromZero: measurement.kind === "drift",
  } as const;
  const both = windows.length > 1 && times.length > 1;
  const size = both ? "half" : "wide";
  return [
    ...(windows.length > 1
      ? [
          seriesChart({
            ...common,
            name: `${reading.metric}-over-time`,
            title: isWhole ? "Over time" : "In pieces of time",
            points: windows,
            marks: measurement.marks.map(({ window, note, excludes }) => ({
              window: [window.start, window.end],
              note,
              excludes,
            })),
            size,
          }),
        ]
      : []),
    ...(times.length > 1
      ? [
          seriesChart({
            ...common,
            name: `${reading.metric}-as-known`,
            title: `${windowText(reading.window, zone)}, as it became known`,
            points: times,
            size,
          }),
        ]
      : []),
  ];
}

/** One line of each key, the last: of this version where that makes a course, else of any. */
function course(
  lines: readonly ReadingLine[],
  version: string,
  key: (line: ReadingLine) => string,
): readonly ReadingLine[] {
  const lastOf = (some: readonly ReadingLine[]) => [...new Map(some.map((line) => [key(line), line])).values()];
  const own = lastOf(lines.filter((line) => line.version === version));
  return own.length > 1 ? own : lastOf(lines);
}
const windowOf = ({ window }: ReadingLine): string => JSON.stringify(window);

const point = (
  { value, lower, upper, n, verdict, provisional }: ReadingLine,
  window: WindowPair | null,
): SeriesPoint => ({
  window,
  value,
  lower,
  upper,
  n,
  verdict,
  provisional,
  isReference: false,
});
