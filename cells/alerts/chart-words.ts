import { boundWords } from "../views/bound-words.ts";
import { judgedName } from "../views/metric-name.ts";
import { countOf, countText, tickText, unitText } from "../views/number-text.ts";
import { zonedMomentText } from "../views/time-text.ts";
import { linesOf, type ValueChart } from "./value-chart.ts";

export interface ChartWords {
  /** "least 0.030, greatest 0.310", "2 of 28 above 0.25, the fail bound" */
  readonly values: readonly string[];
  /** "30 runs, 1 Mar 2026, 07:00 CET to 30 Mar 2026, 08:00 CEST, 2 without a value" */
  readonly runs: string;
}

/** What the chart shows in words. */
export function chartWords(chart: ValueChart, zone: string): ChartWords {
  const values = [spreadWords(chart), boundWordsOf(chart)].filter((words) => words !== null);
  return { values, runs: runsWords(chart, zone) };
}

function spreadWords(chart: ValueChart): string {
  if (chart.values.length === 0) return "no value";
  const words = spreadOf(chart);
  return chart.isOfJudged ? `${judgedName(chart.metric)}: ${words}` : words;
}

function spreadOf({ values, unit, scale }: ValueChart): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  if (scale === null) return `one value, ${unitText(least, unit)}: too few for a chart`;
  if (least === greatest) return `each ${unitText(least, unit)}`;
  const spread = `least ${unitText(least, unit)}, greatest ${unitText(greatest, unit)}`;
  return scale.base === 0 ? spread : `${spread}; bars from ${tickText(scale.base, unit)}`;
}

function boundWordsOf({ metric, points, values, unit, bound, isJudgedOtherwise, scale }: ValueChart): string | null {
  if (values.length === 0) return null;
  if (isJudgedOtherwise) {
    const failed = points.filter(({ verdict }) => verdict === "fail").length;
    return `${countText(failed)} of ${countText(values.length)} failed by ${judgedName(metric)}`;
  }
  if (bound === null) return null;
  const words = `${bound.past} of ${values.length} ${boundWords(bound.bound, unit)}, the ${bound.level} bound`;
  return scale === null || scale.limits.length === linesOf(bound).length ? words : `${words}, which is off the chart`;
}

function runsWords({ points, values }: ValueChart, zone: string): string {
  const [first, last] = [points[0]!, points.at(-1)!].map(({ scheduledFor }) => zonedMomentText(scheduledFor, zone));
  const missing = points.length - values.length;
  return [
    countOf(points.length, "run"),
    points.length === 1 ? first : `${first} to ${last}`,
    ...(missing === 0 ? [] : [`${missing} without a value`]),
  ].join(", ");
}
