import type { DriftDisplay } from "../../results/monitor-display.ts";
import { boundWords } from "../../views/bound-words.ts";
import {
  asOfFact,
  headLine,
  notesView,
  relationName,
  statementsView,
  type ViewContext,
} from "../../views/head-line.ts";
import { boundBar, sparkline } from "../../views/inline-drawings.ts";
import { marksLine } from "../../views/mark-bands.ts";
import { type Element, h, type Markup } from "../../views/markup.ts";
import { driftUnit, judgedBy, judgedName, metricName } from "../../views/metric-name.ts";
import { countText, pText, shareText, unitText } from "../../views/number-text.ts";
import { readingLink } from "../../views/reading-link.ts";
import { type SeriesPoint, seriesChart } from "../../views/series-chart.ts";
import { windowText, windowTitle } from "../../views/time-text.ts";
import { valueTable } from "../../views/value-table.ts";
import { verdictMark } from "../../views/verdict-mark.ts";
import { distributionChart } from "./distribution-chart.ts";

export type Subject = DriftDisplay["subjects"][number];

/** A drift cell's output: which columns moved, ranked, each opening to what is behind it. */
export function driftView(display: DriftDisplay, context: ViewContext): Markup {
  const { zone } = context;
  const { subjects } = display;
  return h(
    "section",
    { class: "m-drift", "aria-label": "Drift" },
    headLine({ verdict: display.verdict, sentence: driftSentence(display), facts: facts(display, zone) }),
    notesView(display.notes),
    marksLine(display.marks, zone),
    subjects.length === 0 ? [] : subjectList(subjects, { ...context, marks: display.marks }),
    notComparedView(display.notCompared),
    statementsView(display.statements),
  );
}

/** "3 of 9 columns moved, 1 has no data". */
export function driftSentence({ subjects }: Pick<DriftDisplay, "subjects">): string {
  const total = subjects.length;
  if (total === 0) return "No columns were compared";
  const count = (...verdicts: readonly string[]): number =>
    subjects.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const [moved, silent, broken] = [count("warn", "fail"), count("no-data"), count("error")];
  if (silent === total)
    return total === 1 ? "Its one column has too little data" : `None of ${total} columns has enough data`;
  const noun = total === 1 ? "column" : "columns";
  const first = `${moved === 0 ? (total === 1 ? "0" : "None") : countText(moved)} of ${countText(total)} ${noun} moved`;
  const rest = [
    ...(broken === 0 ? [] : [`${broken} failed to compute`]),
    ...(silent === 0 ? [] : [`${silent} without enough data`]),
  ];
  return [first, ...rest].join(", ");
}

function facts({ from, window, reference, asOf, n, convention }: DriftDisplay, zone: string): readonly Markup[] {
  const span = (of: DriftDisplay["window"]): Element =>
    h("span", { title: windowTitle(of, zone) }, windowText(of, zone));
  const other = reference.from === from ? [] : [relationName(reference.from), " "];
  return [
    [
      relationName(from),
      " ",
      span(window),
      h("span", { class: "m-against" }, " against "),
      other,
      span(reference.window),
    ],
    asOfFact(asOf, zone),
    `n ${countText(n)} against ${countText(reference.n)}`,
    h("span", { title: "How zero shares, bins and logarithms are handled" }, `${convention} convention`),
  ];
}

const COLUMNS = ["", "Column", "Effect", "Noise p", "n", "Missing", "New", "Trend"] as const;

interface Around extends ViewContext {
  readonly marks: DriftDisplay["marks"];
}

function subjectList(subjects: readonly Subject[], around: Around): Element {
  const withTrend = subjects.some(({ series }) => series.length > 0);
  const names = withTrend ? COLUMNS : COLUMNS.slice(0, -1);
  return h(
    "div",
    { class: `m-subjects${withTrend ? " with-trend" : ""}` },
    h("div", { class: "m-subject m-names", "aria-hidden": "true" }, ...names.map((name) => h("span", {}, name))),
    ...subjects.map((subject) => subjectItem(subject, around, withTrend)),
  );
}

function subjectItem(subject: Subject, around: Around, withTrend: boolean): Element {
  if (subject.problem !== undefined) return brokenItem(subject, subject.problem);
  return h(
    "details",
    { class: "m-item", "data-key": `subject ${subject.subject}`, open: subject.verdict === "error" },
    h(
      "summary",
      { class: "m-subject" },
      h("span", {}, verdictMark(subject.verdict)),
      h("span", { class: "m-name", title: subject.subject }, subject.subject),
      effectCell(subject),
      labelled("noise p", pText(subject.pAdjusted)),
      labelled("n", countText(subject.n)),
      missingCell(subject.missing),
      labelled("new", shareText(subject.newShare), (subject.newShare ?? 0) === 0),
      withTrend ? h("span", { class: "m-trend" }, sparkline(seriesPoints(subject))) : [],
    ),
    h("div", { class: "m-open" }, ...subjectDetails(subject, around)),
  );
}

/** There is nothing to open: the sentence stands where the numbers would. */
function brokenItem({ subject, verdict }: Subject, problem: string): Element {
  return h(
    "div",
    { class: "m-item" },
    h(
      "div",
      { class: "m-subject" },
      h("span", {}, verdictMark(verdict)),
      h("span", { class: "m-name", title: subject }, subject),
      h("span", { class: "m-problem" }, problem),
    ),
  );
}

/** A number with its name: the name is read out, and seen where the heading has no room. */
function labelled(label: string, text: string, isQuiet = false): Element {
  const look = text === "–" ? " m-quiet m-absent" : isQuiet ? " m-quiet" : "";
  return h("span", { class: `right${look}` }, h("span", { class: "m-label" }, `${label} `), text);
}

function effectCell({ effect, metrics, verdict }: Subject): Element {
  const bounds = metrics.find(({ metric }) => metric === effect.metric)?.bounds ?? { warn: null, fail: null };
  return h(
    "span",
    { class: "m-effect" },
    h("span", { class: "m-metric", title: judgedBy(effect.metric).title ?? effect.metric }, judgedName(effect.metric)),
    h("span", { class: "right" }, unitText(effect.value, driftUnit(effect.metric))),
    boundBar(effect.value, bounds, verdict),
  );
}

function missingCell({ reference, current }: Subject["missing"]): Element {
  const [before, now] = [shareText(reference), shareText(current)];
  return labelled("missing", before === now ? now : `${before} → ${now}`, before === now);
}

const seriesPoints = ({ series }: Subject): readonly SeriesPoint[] =>
  series.map(({ low, high, ...point }) => ({ ...point, lower: low, upper: high, provisional: false }));

function subjectDetails(subject: Subject, around: Around): readonly Markup[] {
  const { zone, marks } = around;
  const { subject: name, effect, metrics, series, slices } = subject;
  const unit = driftUnit(effect.metric);
  const bounds = metrics.find(({ metric }) => metric === effect.metric)?.bounds ?? { warn: null, fail: null };
  const distribution = distributionChart(subject);
  return [
    series.length === 0
      ? distribution
      : h(
          "div",
          { class: "m-pair" },
          distribution,
          seriesChart({
            name: `${name}-${effect.metric}-over-time`,
            title: `${judgedName(effect.metric)} over time`,
            metric: judgedName(effect.metric),
            unit,
            bounds,
            points: seriesPoints(subject),
            zone,
            marks,
            fromZero: true,
            size: "half",
          }),
        ),
    metricTable(subject, around),
    slices.length === 0
      ? []
      : valueTable(
          `Slices of ${name}`,
          [
            { name: "Slice" },
            { name: judgedName(effect.metric), numeric: true },
            { name: "n", numeric: true },
            { name: "Verdict" },
          ],
          slices.map(({ slice, value, n, verdict }) => [
            slice,
            unitText(value, unit),
            countText(n),
            verdictMark(verdict),
          ]),
        ),
  ];
}

function metricTable({ subject, metrics, n, nReference }: Subject, context: ViewContext): Markup {
  const rows = metrics.map(({ metric, value, judged, bounds, verdict, reason, exact, reading }) => {
    const unit = driftUnit(metric);
    const { suffix, title, raw } = judgedBy(metric);
    const bound = (level: "warn" | "fail"): Markup =>
      bounds[level] === null ? "–" : h("span", { title }, `${boundWords(bounds[level], unit)}${suffix}`);
    return [
      h("span", { title: metric }, metricName(metric)),
      judged === undefined
        ? readingLink(unitText(value, unit), reading, context)
        : [
            readingLink(`${unitText(judged, unit)}${suffix}`, reading, context),
            h("span", { class: "m-raw" }, ` ${unitText(value, unit)} ${raw}`),
          ],
      bound("warn"),
      bound("fail"),
      verdictMark(verdict),
      h(
        "span",
        { class: "m-why" },
        [reason, exact ? null : "Approximate, see notes."].filter((part) => part !== null).join(" "),
      ),
    ];
  });
  return [
    valueTable(
      `Metrics of ${subject}`,
      [
        { name: "Metric" },
        { name: "Value", numeric: true },
        { name: "Warn" },
        { name: "Fail" },
        { name: "Verdict" },
        { name: "Why" },
      ],
      rows,
    ),
    h("p", { class: "m-facts" }, h("span", {}, `${countText(n)} values against ${countText(nReference)}`)),
  ];
}

const FOLD_ABOVE = 6;

function notComparedView(left: DriftDisplay["notCompared"]): Markup {
  if (left.length === 0) return [];
  const list = h(
    "dl",
    { class: "m-left" },
    ...left.map(({ subject, reason }) => h("div", {}, h("dt", {}, subject), h("dd", {}, reason))),
  );
  return h(
    "details",
    { class: "m-fold", "data-key": "not compared", open: left.length <= FOLD_ABOVE },
    h("summary", {}, "Not compared", h("span", { class: "m-count" }, countText(left.length))),
    list,
  );
}
