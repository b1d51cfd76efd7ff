import { type Element, h } from "../views/markup.ts";
import { exactText, unitText } from "../views/number-text.ts";
import { CHART_HEIGHT, heightOf, rulesOf } from "./bar-heights.ts";
import { bareTable } from "./bare-table.ts";
import type { ChartScale } from "./chart-scale.ts";
import { type Ink, ink } from "./mail-style.ts";
import type { ValueChart } from "./value-chart.ts";

const LABEL_HEIGHT = 14;
const STYLE = `font-size:11px;line-height:${LABEL_HEIGHT}px;padding-left:6px;white-space:nowrap`;

interface Label {
  readonly text: string;
  readonly ink: Ink;
  /** Pixels from the top of the chart to its middle. */
  readonly middle: number;
}

/** What stands beside the bars, each at its height: the last value, and the bounds. Those that would touch are moved apart. */
export function barLabels(chart: ValueChart, scale: ChartScale): Element {
  const height = CHART_HEIGHT + rulesOf(chart, scale).length;
  const tops: number[] = [];
  const labels = labelsOf(chart, scale).toSorted((a, b) => a.middle - b.middle);
  for (const { middle } of labels)
    tops.push(Math.max((tops.at(-1) ?? -LABEL_HEIGHT) + LABEL_HEIGHT, Math.round(middle - LABEL_HEIGHT / 2)));
  let floor = height;
  for (let index = tops.length - 1; index >= 0; index--) {
    tops[index] = Math.min(tops[index]!, floor - LABEL_HEIGHT);
    floor = tops[index]!;
  }
  return bareTable(
    {},
    ...labels.flatMap(({ text, ink: color }, index) => {
      const space = tops[index]! - (index === 0 ? 0 : tops[index - 1]! + LABEL_HEIGHT);
      return [
        ...(space > 0 ? [h("tr", {}, h("td", { height: space, style: "font-size:0;line-height:0" }))] : []),
        h("tr", {}, h("td", { height: LABEL_HEIGHT, ...ink(color, STYLE) }, text)),
      ];
    }),
  );
}

function labelsOf(chart: ValueChart, scale: ChartScale): readonly Label[] {
  const { points, unit, bound } = chart;
  const middle = (value: number): number => CHART_HEIGHT - heightOf(value, scale);
  const last = points.at(-1)!.value;
  return [
    ...(last === null ? [] : [{ text: unitText(last, unit), ink: "strong" as const, middle: middle(last) }]),
    ...scale.limits.map(({ value, side }) => ({
      text: `${bound!.level} ${side === "above" ? ">" : "<"} ${exactText(value, unit)}`,
      ink: bound!.level,
      middle: middle(value),
    })),
  ];
}
