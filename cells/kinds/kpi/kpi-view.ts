import type { KpiDisplay, KpiValue } from "../../results/monitor-display.ts";
import { isPast } from "../../results/reading.ts";
import { boundsSentence, boundWords } from "../../views/bound-words.ts";
import {
  asOfFact,
  headLine,
  notesView,
  relationName,
  statementsView,
  type ViewContext,
} from "../../views/head-line.ts";
import { marksLine } from "../../views/mark-bands.ts";
import { type Element, h, type Markup } from "../../views/markup.ts";
import { metricName } from "../../views/metric-name.ts";
import { changeText, countText, intervalText, plainText, shareText, unitText } from "../../views/number-text.ts";
import { readingLink } from "../../views/reading-link.ts";
import { estimatedText, seriesChart } from "../../views/series-chart.ts";
import { windowText, windowTitle } from "../../views/time-text.ts";
import { VERDICT_WORDS, verdictShape } from "../../views/verdict-mark.ts";
import { maturityChart } from "./maturity-chart.ts";
import { newestFigure, newestLine } from "./newest-figures.ts";
import { slicesTable } from "./slices-table.ts";
import { rankingSection, thresholdSection } from "./threshold-section.ts";
import { feedbackLine, truthLine } from "./truth-line.ts";

/** A kpi cell's output: the figures, what is known of the truth, their course, and what another threshold would give. */
export function kpiView(display: KpiDisplay, context: ViewContext): Markup {
  const { zone } = context;
  const { values, provisional, verdict, notes, statements } = display;
  return h(
    "section",
    { class: "m-kpi", "aria-label": "Outcome figures" },
    headLine({ verdict, provisional, sentence: kpiSentence(display), facts: facts(display, zone) }),
    provisional ? provisionalBanner(display) : [],
    notesView(notes),
    marksLine(display.marks, zone),
    newestLine(display.newest, zone),
    values.length === 0
      ? []
      : h("ul", { class: "m-figures" }, ...values.map((value) => figure(value, display, context))),
    truthLine(display.truth),
    feedbackLine(display.feedback),
    seriesSection(display, zone),
    slicesTable(display, context),
    thresholdSection(display),
    rankingSection(display),
    maturityChart(display.curveOfLabels),
    statementsView(statements),
  );
}

type KpiFigures = Pick<KpiDisplay, "values"> & Partial<Pick<KpiDisplay, "slices" | "series">>;

/** Where a verdict comes from when all rows of the whole window are within their bounds. */
function inParts(slices: KpiDisplay["slices"], series: KpiDisplay["series"]): string | null {
  const bad = (parts: readonly { readonly values: readonly KpiValue[] }[]): number =>
    parts.filter(({ values }) => values.some(({ verdict }) => verdict === "warn" || verdict === "fail")).length;
  const found = [
    ...(bad(slices) > 0 ? [`${countText(bad(slices))} of ${countText(slices.length)} slices`] : []),
    ...(bad(series) > 0 ? [`${countText(bad(series))} of ${countText(series.length)} pieces of time`] : []),
  ];
  return found.length === 0 ? null : `Past a bound in ${found.join(" and ")}`;
}

/** "Recall fails, precision warns", "All 6 figures are within their bounds". */
export function kpiSentence({ values, slices = [], series = [] }: KpiFigures): string {
  if (values.length === 0) return "No figures were asked for";
  const named = (wanted: KpiValue["verdict"]): readonly string[] =>
    values.filter(({ verdict }) => verdict === wanted).map(({ metric }) => metricName(metric));
  const said = [
    ...told(named("error"), "could not be computed", "could not be computed"),
    ...told(named("fail"), "fails", "fail"),
    ...told(named("warn"), "warns", "warn"),
    ...told(named("no-data"), "has no data", "have no data"),
  ];
  if (said.length > 0) return said.join(", ");
  const parts = inParts(slices, series);
  if (parts !== null) return parts;
  const bounded = values.filter(({ bounds }) => bounds.warn !== null || bounds.fail !== null).length;
  if (bounded === 0) return values.length === 1 ? "No bound is set" : "No bounds are set";
  return bounded === 1 ? "Within its bounds" : `All ${countText(bounded)} within their bounds`;
}

function told(names: readonly string[], one: string, many: string): readonly string[] {
  if (names.length === 0) return [];
  if (names.length === 1) return [`${names[0]} ${one}`];
  if (names.length > 3) return [`${names.length} figures ${many}`];
  return [`${names.slice(0, -1).join(", ")} and ${names.at(-1)} ${many}`];
}

function facts({ from, window, asOf, n, threshold, thresholdInput }: KpiDisplay, zone: string): readonly Markup[] {
  const by = thresholdInput === null ? [] : [" by ", h("span", { class: "mono" }, thresholdInput)];
  return [
    [relationName(from), " ", h("span", { title: windowTitle(window, zone) }, windowText(window, zone))],
    asOfFact(asOf, zone),
    `n ${countText(n)}`,
    threshold === null ? "as decided" : [`score ≥ ${plainText(threshold)}`, by],
  ];
}

function provisionalBanner({ maturity }: KpiDisplay): Element {
  const known =
    maturity === null
      ? "No earlier window is old enough to say how many of its labels are here."
      : `${shareText(maturity)} of its labels are expected to be known by now; 90% make it settled.`;
  return h("p", { class: "m-provisional" }, h("strong", {}, "Provisional"), ` ${known}`);
}

function figure(value: KpiValue, { series, provisional: isAll, newest }: KpiDisplay, context: ViewContext): Element {
  const { metric, unit, n, verdict, provisional, reason, bounds } = value;
  const limits = boundsSentence(bounds, unit);
  const exact = value.value === null ? null : String(value.value);
  return h(
    "li",
    { class: `m-figure${provisional ? " is-provisional" : ""}` },
    h("span", { class: "m-figure-name", title: metric }, metricName(metric)),
    h(
      "span",
      { class: "m-figure-value", title: exact },
      readingLink(unitText(value.value, unit), value.reading, context, exact),
      latestChange(metric, series),
    ),
    intervalLine(value),
    estimatedLine(value),
    attainableLine(value),
    h(
      "span",
      { class: "m-figure-foot" },
      verdict === "ok" && limits === ""
        ? []
        : h(
            "span",
            { class: `m-verdict verdict-${verdict}`, title: limits === "" ? null : limits },
            verdictShape(verdict, provisional),
            h("span", {}, VERDICT_WORDS[verdict]),
          ),
      // Once for all in the banner, and here only where one figure differs.
      provisional ? h("span", { class: isAll ? "visually-hidden" : "" }, "provisional") : [],
      h("span", {}, `n ${countText(n)}`),
    ),
    reason === null || verdict === "ok" ? [] : h("span", { title: reason }, pastText(value) ?? reason),
    newestFigure(metric, newest, context),
  );
}

/** "below 60%", in the words and digits of the figure; null where no bound is the reason. */
function pastText({ value, verdict, bounds: { warn, fail }, unit, lower }: KpiValue): string | null {
  if (value === null || (verdict !== "warn" && verdict !== "fail")) return null;
  if (fail === null || !isPast(value, fail)) return warn === null ? null : boundWords(warn, unit);
  const words = boundWords(fail, unit);
  if (verdict === "fail") return `${words}, with its whole interval`;
  return lower === null ? `${words}, without an interval to be sure` : `${words}, its interval not as a whole`;
}

function intervalLine({ lower, upper, unit }: KpiValue): Element {
  const interval = intervalText(lower, upper, unit);
  return interval === null
    ? h("span", {}, "no interval")
    : h("span", { title: "95% interval" }, interval, h("span", { class: "visually-hidden" }, ", the 95% interval"));
}

/** What calibrated scores let expect: "estimated 71.2% (68.0–74.4%)". */
function estimatedLine({ estimated, unit }: KpiValue): Markup {
  if (estimated === undefined) return [];
  const title = "Expected of calibrated scores, labelled or not, ± 3 standard errors";
  return h("span", { title }, estimatedText(estimated, unit));
}

/** "at most 84.0% attainable". */
function attainableLine({ attainable, unit }: KpiValue): Markup {
  if (attainable === undefined) return [];
  const title = "What a perfect ranking would reach with as many alerts a day";
  return h("span", { title }, `at most ${unitText(attainable, unit)} attainable`);
}

/** "−1.6 pp": the newest point of the series against the one before. */
function latestChange(metric: string, series: KpiDisplay["series"]): Markup {
  const points = series.flatMap(({ values }) => values.filter((one) => one.metric === metric && one.value !== null));
  const [before, now] = points.slice(-2);
  if (before === undefined || now === undefined) return "";
  const { unit } = now;
  const title = `Last point of the series ${unitText(now.value, unit)}, the one before ${unitText(before.value, unit)}`;
  const text = changeText(before.value!, now.value!, unit) ?? "unchanged";
  return h(
    "span",
    { class: "m-figure-change", title },
    text,
    h("span", { class: "visually-hidden" }, " from the point before in the series"),
  );
}

const hasCourse = ({ value, estimated }: KpiValue): boolean => value !== null || estimated !== undefined;

/** Where that time is not over yet, what was known then is what is known now. */
function earlier({ asKnownThen }: KpiValue, asOf: string): KpiValue["asKnownThen"] {
  return asKnownThen?.asOf === asOf ? undefined : asKnownThen;
}

/** One panel for each figure that has a course; the client lets the reader choose, a page shows them folded. */
function seriesSection({ series, values, marks, asOf, knownAfter }: KpiDisplay, zone: string): Markup {
  const withCourse = values.filter(({ metric }) =>
    series.some((point) => point.values.some((one) => one.metric === metric && hasCourse(one))),
  );
  if (series.length === 0 || withCourse.length === 0) return [];
  const panel = ({ metric, unit, bounds }: KpiValue, at: number): Element =>
    h(
      "details",
      { class: "m-panel", "data-panel": metricName(metric), open: at === 0 },
      h("summary", {}, `${metricName(metric)} over time`),
      seriesChart({
        name: `${metric}-over-time`,
        title: `${metricName(metric)} over time`,
        metric: metricName(metric),
        unit,
        bounds,
        points: series.flatMap(({ window, provisional, values: own }) => {
          const found = own.find((one) => one.metric === metric);
          return found === undefined
            ? []
            : [
                {
                  ...found,
                  window,
                  provisional: provisional || found.provisional,
                  isReference: false,
                  knownThen: earlier(found, asOf),
                },
              ];
        }),
        knownThenWords: `as known ${knownAfter ?? ""} after`,
        zone,
        marks,
        fromZero: false,
        size: "wide",
      }),
    );
  return h(
    "div",
    { class: "m-choice m-section", "data-choice": "Over time", "data-key": "series" },
    ...withCourse.map(panel),
  );
}
