import type { KpiDisplay, KpiValue } from "../../results/monitor-display.ts";
import type { ViewContext } from "../../views/head-line.ts";
import { whisker } from "../../views/inline-drawings.ts";
import { h, type Markup } from "../../views/markup.ts";
import { metricName } from "../../views/metric-name.ts";
import { countText, intervalText, unitText } from "../../views/number-text.ts";
import { readingLink } from "../../views/reading-link.ts";
import { estimatedText } from "../../views/series-chart.ts";
import { valueTable } from "../../views/value-table.ts";
import { verdictSign } from "../../views/verdict-mark.ts";

/** With more figures than these only the first two are drawn, so that the table stays within its page. */
const MOST_DRAWN = 4;

type Slice = KpiDisplay["slices"][number];

/** Every slice with each figure, its interval on a scale that the column shares, and its n. */
export function slicesTable({ slices, values }: Pick<KpiDisplay, "slices" | "values">, context: ViewContext): Markup {
  if (slices.length === 0) return [];
  const metrics = values.filter(({ metric }) => slices.some((slice) => sliceValue(slice, metric) !== undefined));
  const by = cutBy(slices);
  const columns = [
    { name: by ?? "Slice" },
    { name: "n", numeric: true },
    ...metrics.map(({ metric }) => ({ name: metricName(metric), numeric: true })),
  ];
  const drawn = metrics.length <= MOST_DRAWN ? metrics.length : 2;
  const domains = metrics.map((one) => domainOf(one, slices));
  const rows = slices.map((slice) => [
    by === null ? slice.slice : slice.slice.slice(by.length + BETWEEN.length),
    countText(Math.max(0, ...slice.values.map(({ n }) => n))),
    ...metrics.map((whole, at) =>
      cell(sliceValue(slice, whole.metric), at < drawn ? domains[at]! : null, whole.value, context),
    ),
  ]);
  return h("div", { class: "m-section" }, h("h4", {}, "Slices"), valueTable("Slices", columns, rows));
}

const BETWEEN = " = ";

/** "country", where all slices are "country = …". */
function cutBy(slices: readonly Slice[]): string | null {
  const [by, ...rest] = slices[0]?.slice.split(BETWEEN) ?? [];
  return by !== undefined && rest.length > 0 && slices.every(({ slice }) => slice.startsWith(by + BETWEEN)) ? by : null;
}

const sliceValue = (slice: Slice, metric: string): KpiValue | undefined =>
  slice.values.find((one) => one.metric === metric);

/** From the least to the greatest end of all intervals. */
function domainOf({ metric, value }: KpiValue, slices: readonly Slice[]): readonly [number, number] {
  const ends = slices.flatMap((slice) => {
    const one = sliceValue(slice, metric);
    return one === undefined ? [] : [one.value, one.lower, one.upper];
  });
  const known = [...ends, value].filter((end) => end !== null && end !== undefined);
  return known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
}

function cell(
  one: KpiValue | undefined,
  domain: readonly [number, number] | null,
  whole: number | null,
  context: ViewContext,
): Markup {
  if (one === undefined) return h("span", { class: "faint" }, "–");
  const interval = intervalText(one.lower, one.upper, one.unit);
  const estimated = one.estimated === undefined ? null : estimatedText(one.estimated, one.unit);
  const title = [interval === null ? null : `95% interval ${interval}`, estimated, `n ${countText(one.n)}`, one.reason]
    .filter((part) => part !== null)
    .join(" · ");
  return h(
    "span",
    { class: "m-slice", title },
    one.verdict === "ok" ? [] : verdictSign(one.verdict, one.provisional),
    domain === null ? [] : whisker(one, domain, whole),
    h("span", { class: "m-slice-value" }, readingLink(unitText(one.value, one.unit), one.reading, context)),
  );
}
