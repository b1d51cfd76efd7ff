import fc from "fast-check";
import { expect, test } from "vitest";
import { curvePoints, pointAt } from "../../../cells/kinds/kpi/curve-points.ts";
import { kpiSentence, kpiView } from "../../../cells/kinds/kpi/kpi-view.ts";
import type { KpiDisplay } from "../../../cells/results/monitor-display.ts";
import { chartsOf, drawn, page, said } from "./read-markup.ts";
import { dayWindow, kpi, kpiValue } from "./sample-displays.ts";

const view = (display: KpiDisplay) => kpiView(display, { zone: "Europe/Berlin" });
const bare: KpiDisplay = {
  ...kpi,
  values: [],
  series: [],
  slices: [],
  curve: null,
  reliability: null,
  best: null,
  curveOfLabels: null,
  provisional: false,
};

test("figures stand with interval, n, verdict and change, and what is known of the truth", () => {
  const text = said(view(kpi));
  for (const part of [
    "warn, provisional Recall warns",
    "Recall67.4%−1.5 pp",
    "64.3–70.5%",
    "n 840",
    "12,340 stated",
    "88,000 by silence",
    "3,200 pending",
    "410 unknown",
    "score ≥ 0.800 by threshold",
    "81.0% of its labels are expected to be known by now",
  ])
    expect(text).toContain(part);
});

const NEWEST: NonNullable<KpiDisplay["newest"]> = {
  length: "4 weeks",
  window: dayWindow(-7, 28),
  n: 98_120,
  maturity: 0.414,
  truth: { stated: 5210, silent: 0, pending: 92_910, unknown: 0 },
  values: [
    kpiValue("recall", 0.583, "share", { provisional: true, reading: "newest-recall", n: 310 }),
    kpiValue("precision", null, "share", { provisional: true, reading: "newest-precision" }),
  ],
};

test("beside mature figures stand those of the newest units, hatched, with their window, labels and readings", () => {
  const display: KpiDisplay = { ...kpi, provisional: false, newest: NEWEST };
  const text = said(view(display));
  expect(text).toContain(
    "Newest 4 weeks 22 Feb – 21 Mar 2026, n 98,120, beside each figure. Provisional, so not judged: 41.4% of their labels are expected to be known by now.",
  );
  expect(text).toContain("newest 4 weeks, provisional: 58.3% 55.2–61.4%");
  const figures = page(kpiView(display, { zone: "Europe/Berlin", readingHref: (id) => `/readings/${id}` }));
  const beside = [...figures.querySelectorAll(".m-newest")];
  expect(beside.map((one) => one.querySelector("a")!.getAttribute("href"))).toEqual([
    "/readings/newest-recall",
    "/readings/newest-precision",
  ]);
  expect(beside.map((one) => one.getAttribute("title"))).toEqual([
    "Newest 4 weeks, 22 Feb – 21 Mar 2026, provisional · 95% interval 55.2–61.4% · 41.4% of labels expected by now · n 310",
    "Newest 4 weeks, 22 Feb – 21 Mar 2026, provisional · 41.4% of labels expected by now · n 840 · No decision was alerted.",
  ]);
  // The verdict and its sentence are those of the mature figures.
  expect(kpiSentence(display)).toBe(kpiSentence(kpi));
  expect(said(view({ ...display, newest: { ...NEWEST, maturity: null } }))).toContain(
    "no earlier decisions are old enough",
  );
  expect(said(view(kpi))).not.toContain("beside each figure");
});

test("without figures, rows or curves there are sentences and no charts", () => {
  const display = { ...bare, truth: { stated: 0, silent: 0, pending: 0, unknown: 0 } };
  expect(said(view(display))).toContain("No figures were asked for");
  expect(said(view(display))).toContain("No decisions in this window");
  expect(chartsOf(view(display))).toEqual([]);
});

test("figures without a value say why, and draw nothing that is no number", () => {
  const values = [kpiValue("precision", null, "share"), kpiValue("recall", null, "share")];
  const series = kpi.series.map((point) => ({ ...point, values }));
  const display = { ...bare, verdict: "no-data" as const, values, series, slices: [{ slice: "x", values }] };
  expect(said(view(display))).toContain("Precision and Recall have no data");
  expect(said(view(display))).toContain("No decision was alerted.");
  for (const chart of chartsOf(view(display))) drawn(chart);
});

test.each([
  [[], "No figures were asked for"],
  [[kpiValue("recall", 0.7, "share")], "No bound is set"],
  [
    [kpiValue("recall", 0.7, "share", { bounds: { warn: { type: "below", value: 0.5 }, fail: null } })],
    "Within its bounds",
  ],
  [
    [kpiValue("recall", 0.7, "share", { verdict: "fail" }), kpiValue("precision", 0.7, "share", { verdict: "warn" })],
    "Recall fails, Precision warns",
  ],
  [["tp", "fp", "tn", "fn"].map((metric) => kpiValue(metric, 1, "count", { verdict: "fail" })), "4 figures fail"],
])("figures are summed up as a sentence (%#)", (values, text) => {
  expect(kpiSentence({ values })).toBe(text);
});

test("what the cell does not ask for is folded: another threshold, and how the score ranks", () => {
  const folds = (display: KpiDisplay): Record<string, boolean> =>
    Object.fromEntries(
      [...page(view(display)).querySelectorAll("details[data-key]")].map((one) => [
        one.getAttribute("data-key"),
        one.hasAttribute("open"),
      ]),
    );
  expect(folds(kpi)).toMatchObject({ ranking: true });
  expect(folds(kpi)).not.toHaveProperty("threshold");
  const plain = { ...kpi, values: [kpiValue("recall", 0.7, "share")], threshold: null, best: null };
  expect(folds(plain)).toMatchObject({ ranking: false, threshold: false });
});

test("slices of one column stand under its name, others under their own words", () => {
  const sliced = (...names: string[]): KpiDisplay => ({
    ...kpi,
    slices: names.map((slice) => ({ slice, values: [kpiValue("recall", 0.7, "share")] })),
  });
  const cells = (display: KpiDisplay): string[] =>
    [...page(view(display)).querySelectorAll(".m-table thead th:first-child, .m-table tbody th")].map(
      (one) => one.textContent ?? "",
    );
  expect(cells(sliced("country = DE", "country = a = b", "country = other"))).toEqual([
    "country",
    "DE",
    "a = b",
    "other",
  ]);
  expect(cells(sliced("country = DE", "x"))).toEqual(["Slice", "country = DE", "x"]);
});

test("a figure past a bound says it in its own words", () => {
  const bounds = { warn: { type: "below", value: 0.6 }, fail: { type: "below", value: 0.3 } } as const;
  const one = (value: number, lower: number | null, verdict: "warn" | "fail"): string =>
    said(
      view({
        ...bare,
        values: [kpiValue("precision", value, "share", { lower, upper: lower, verdict, bounds, reason: "r" })],
      }),
    );
  expect(one(0.55, 0.5, "warn")).toContain("below 60%");
  expect(one(0.2, 0.1, "warn")).toContain("below 30%, its interval not as a whole");
  expect(one(0.2, null, "warn")).toContain("below 30%, without an interval to be sure");
  expect(one(0.2, 0.1, "fail")).toContain("below 30%, with its whole interval");
});

test("an own metric's name is text", () => {
  const evil = `<img src=x onerror="alert(1)">`;
  const values = [kpiValue(evil, 12, "number")];
  const display = {
    ...bare,
    values,
    series: kpi.series.map((point) => ({ ...point, values })),
    slices: [{ slice: evil, values }],
  };
  expect(page(view(display)).querySelector("img")).toBeNull();
  for (const chart of chartsOf(view(display))) expect(drawn(chart)).not.toContain("<img");
});

test("every chart is drawn, narrow and wide, and says its content in words", () => {
  const charts = chartsOf(view(kpi));
  expect(charts.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "recall-over-time",
      "threshold",
      "roc",
      "precision-recall",
      "reliability",
      "label-maturity",
    ]),
  );
  for (const chart of charts) {
    expect(chart.label.length).toBeGreaterThan(20);
    expect(chart.data.length).toBeGreaterThan(0);
    for (const width of [160, 430, 900]) drawn(chart, width);
  }
});

test("the rule reads precision, recall, alerts and payoff at its place", () => {
  const { handle } = chartsOf(view(kpi)).find(({ name }) => name === "threshold")!;
  expect(handle).toMatchObject({ input: "threshold", value: 0.8, step: 0.01 });
  expect(handle!.read(0.8).text).toBe("At 0.800: about precision 78.5%, recall 50.1%, alerts 557, payoff 23,081.");
  expect(handle!.read(2).text).toBe("At 2.000: about precision –, recall 0%, alerts 0, payoff –.");
});

test("the rule begins at the best threshold where the cell goes by decisions, and moves no input", () => {
  const { handle } = chartsOf(view({ ...kpi, threshold: null, thresholdInput: null })).find(
    ({ name }) => name === "threshold",
  )!;
  expect(handle).toMatchObject({ input: null, value: 0.63 });
});

test("curves without positives, without payoff, or of one score do not break the drawing", () => {
  const curve = kpi.curve!;
  const one = { score: [0.5], tp: [1], fp: [0], alerts: [1], payoff: null, positives: 1, negatives: 0, cut: false };
  for (const some of [
    one,
    { ...curve, positives: 0, tp: curve.tp.map(() => 0) },
    { ...curve, payoff: null },
    { ...curve, payoff: curve.payoff!.map(() => -5) },
  ])
    for (const chart of chartsOf(view({ ...kpi, curve: some, best: null }))) drawn(chart);
  expect(said(view({ ...kpi, curve: { ...curve, positives: 0 } }))).toContain(
    "it needs known positives and known negatives",
  );
});

test("the point at a threshold is what counting rows at or above it gives", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1 }),
      fc.integer({ min: -1, max: 41 }),
      (scores, threshold) => {
        const score = scores.toSorted((a, b) => b - a);
        const counts = score.map((_, at) => at + 1);
        const points = curvePoints({
          score,
          tp: counts,
          fp: score.map(() => 0),
          positives: score.length,
          negatives: 0,
          alerts: counts,
          payoff: null,
          cut: false,
        });
        expect(pointAt(points, threshold)?.alerts ?? 0).toBe(score.filter((one) => one >= threshold).length);
      },
    ),
  );
});

test("what was known then is a quieter line of its own, in keys, words and data, where its time is over", () => {
  const then = (at: number) => ({
    value: 0.8 - at / 100,
    lower: 0.7,
    upper: 0.9,
    n: 100 + at,
    asOf: at < 5 ? "2026-02-03T23:00:00.000Z" : kpi.asOf,
  });
  const series = kpi.series.map((point, at) => ({
    ...point,
    values: [kpiValue("recall", 0.7, "share", { asKnownThen: then(at) })],
  }));
  const display = { ...bare, values: [kpiValue("recall", 0.7, "share")], series, knownAfter: "4 weeks" };
  const chart = chartsOf(view(display)).find(({ name }) => name === "recall-over-time")!;
  expect(chart.label).toContain("latest as known 4 weeks after 76.0%, now 70.0%");
  expect(chart.keys.map(({ text }) => text)).toContain("as known 4 weeks after");
  expect(chart.data[4]).toMatchObject({ knownThen: 0.76, knownThenLower: 0.7, knownThenUpper: 0.9, knownThenN: 104 });
  expect(chart.data[5]).toMatchObject({ knownThen: null, knownThenN: null });
  expect(drawn(chart)).toContain('stroke-width="1.25" stroke="var(--chart-reference');
  for (const width of [160, 900]) drawn(chart, width);
  const [plain] = chartsOf(view(kpi));
  expect(Object.keys(plain!.data[0]!)).not.toContain("knownThen");
  expect(plain!.label).not.toContain("as known");
});

test("feedback that a reader may wonder about is said in words, and not where there is none", () => {
  const feedback = { early: 2, superseded: 14, orphans: 0, conflicts: 1 };
  expect(said(view({ ...kpi, feedback }))).toMatch(
    /Feedback14 replaced by later feedback.*2 older than their decision.*1 refused/,
  );
  expect(said(view({ ...kpi, feedback }))).not.toContain("without a decision");
  for (const none of [undefined, { early: 0, superseded: 0, orphans: 0, conflicts: 0 }])
    expect(said(view({ ...kpi, ...(none === undefined ? {} : { feedback: none }) }))).not.toContain("Feedback");
});

test("what is estimated stands beside the realised figure, in the chart with its band, and alone where labels lack", () => {
  const estimated = { value: 0.712, low: 0.68, high: 0.744 };
  const values = [kpiValue("recall", null, "share", { estimated })];
  const series = kpi.series.map((point, at) => ({
    ...point,
    values: [kpiValue("recall", at < 6 ? 0.7 : null, "share", { estimated })],
  }));
  for (const some of [series, series.slice(6), series.slice(6, 7)]) {
    const display = { ...bare, values, series: some };
    expect(said(view(display))).toContain("estimated 71.2% (68.0–74.4%)");
    const chart = chartsOf(view(display)).find(({ name }) => name === "recall-over-time")!;
    expect(chart.label).toContain("latest estimated 71.2%");
    expect(chart.keys.map(({ text }) => text)).toContain("estimated");
    expect(chart.data[0]).toMatchObject({ estimated: 0.712, estimatedLow: 0.68, estimatedHigh: 0.744 });
    for (const width of [160, 900]) expect(drawn(chart, width)).toContain('stroke-dasharray="2 2"');
  }
  const [plain] = chartsOf(view(kpi));
  expect(Object.keys(plain!.data[0]!)).not.toContain("estimated");
  expect(said(view(kpi))).not.toContain("estimated");
});

test("what a perfect ranking would reach stands beside a figure at k", () => {
  const values = [kpiValue("precision_at_k", 0.42, "share", { attainable: 0.84 }), kpiValue("recall", 0.7, "share")];
  const text = said(view({ ...kpi, values }));
  expect(text).toContain("at most 84.0% attainable");
  expect(text.match(/attainable/g)).toHaveLength(1);
});
