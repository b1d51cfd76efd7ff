import { html, nothing, type TemplateResult } from "lit";
import type { Chart } from "../../cells/views/markup.ts";
import { judgedName, metricName } from "../../cells/views/metric-name.ts";
import { seriesChart } from "../../cells/views/series-chart.ts";
import type { JobSeries, SeriesRun, SeriesValue } from "../../cells/wire/http-jobs.ts";
import { alertAddress } from "./alert-words.ts";
import { firedWords, runAddress } from "./job-words.ts";
import "../outputs/monitor-chart.ts";

const FEWEST_POINTS = 3;
const MOST_FIRED = 3;

/**
 * One value over all due times, with where it fired behind it; each point leads to its run. Another can be chosen where
 * `choose` is given.
 */
export function jobSeriesView(
  job: string,
  series: JobSeries,
  zone: string,
  choose: ((name: string) => void) | null,
): TemplateResult | typeof nothing {
  const { values, of, points, fired } = series;
  if (of === null || points.length < FEWEST_POINTS) return nothing;
  const chart = drawn.get(series) ?? chartOf(job, series, of, zone);
  drawn.set(series, chart);
  return html`<section class="section j-series" aria-labelledby="course"><header><h2 id="course">Course</h2>
      ${choose === null || values.length < 2 ? nothing : html`<select class="j-value" aria-label="Value" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>${values.map((name) => html`<option value=${name} ?selected=${name === of.name}>${name}</option>`)}</select>`}
      <span class="space"></span>${fired.slice(-MOST_FIRED).map(({ alert, from, to }) => html`<a class="small muted" href=${alertAddress(alert)}>${firedWords(from, to, zone)}</a>`)}</header>
    <div class="monitor"><db-monitor-chart .chart=${chart}></db-monitor-chart></div></section>`;
}

/** What did not change is not drawn again. */
const drawn = new WeakMap<JobSeries, Chart>();

function chartOf(job: string, { points, fired, marks }: JobSeries, of: SeriesValue, zone: string): Chart {
  const { isOfJudged, slice } = of;
  // Its bounds are drawn with it: so what is held against them is.
  const metric = isOfJudged ? judgedName(of.metric) : metricName(of.metric);
  const drawnPoint = (point: SeriesRun) =>
    isOfJudged ? { ...point, value: point.judged, lower: null, upper: null } : point;
  return seriesChart({
    name: `${job}-${of.name}${slice === null ? "" : `-${slice}`}`,
    title: `${metric}${of.subject === null ? "" : ` of ${of.subject}`}${slice === null ? "" : `, ${slice},`} over ${points.length} due times`,
    metric,
    unit: isOfJudged ? "number" : of.unit,
    bounds: of.bounds,
    zone,
    points: points.map((point) => ({ ...drawnPoint(point), isReference: false, address: runAddress(job, point.run) })),
    fired: fired.flatMap(({ from, to }) => {
      const within = points.filter(({ scheduledFor }) => scheduledFor >= from && (to === null || scheduledFor < to));
      const [start, end] = [within[0]?.window?.[0], within.at(-1)?.window?.[1]];
      return start === undefined || end === undefined ? [] : [[start, end] as const];
    }),
    marks,
    fromZero: of.kind === "drift",
    size: "wide",
  });
}
