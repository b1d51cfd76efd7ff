import { describe, expect, test } from "vitest";
import { shownGroups } from "../../../cells/kinds/drift/category-chart.ts";
import { drawnBins } from "../../../cells/kinds/drift/distribution-chart.ts";
import { driftSentence, driftView } from "../../../cells/kinds/drift/drift-view.ts";
import type { DriftDisplay } from "../../../cells/results/monitor-display.ts";
import { chartsOf, drawn, page, said } from "./read-markup.ts";
import { categoricalSubject, drift, numericSubject } from "./sample-displays.ts";

const zone = "Europe/Berlin";
const view = (display: DriftDisplay) => driftView(display, { zone });
const sentence = (...verdicts: readonly DriftDisplay["verdict"][]): string =>
  driftSentence({ subjects: verdicts.map((verdict) => ({ ...drift.subjects[0]!, verdict })) });

test("the first line says the verdict, the finding, both windows, as-of and n", () => {
  const text = said(view(drift));
  expect(text).toContain("fail 3 of 7 columns moved, 1 without enough data");
  expect(text).toContain("card_fraud 1–28 Mar 2026 against 1–28 Feb 2026");
  expect(text).toContain("as of 29 Mar 2026, 10:02");
  expect(text).toContain("n 5,004 against 20,017");
});

test.each([
  [[], "No columns were compared"],
  [["no-data"], "Its one column has too little data"],
  [["no-data", "no-data"], "None of 2 columns has enough data"],
  [["ok"], "0 of 1 column moved"],
  [["ok", "ok"], "None of 2 columns moved"],
  [["warn", "fail", "ok"], "2 of 3 columns moved"],
  [["fail", "error", "no-data"], "1 of 3 columns moved, 1 failed to compute, 1 without enough data"],
] as const)("columns that are %j are summed up as: %s", (verdicts, text) => {
  expect(sentence(...verdicts)).toBe(text);
});

test("without columns there is a sentence and no list", () => {
  const empty = { ...drift, verdict: "no-data" as const, subjects: [], notCompared: [], statements: [], notes: [] };
  expect(said(view(empty))).toContain("No columns were compared");
  expect(page(view(empty)).querySelector("details")).toBeNull();
});

test("columns keep their order, and each row says its numbers by name", () => {
  const rows = [...page(view(drift)).querySelectorAll("summary.m-subject")];
  expect(rows.map((row) => row.querySelector(".m-name")!.textContent)).toEqual(
    drift.subjects.map((one) => one.subject),
  );
  const text = rows[0]!.textContent!.replace(/\s+/g, " ");
  for (const part of ["fail", "PSI", "0.312", "noise p <0.001", "n 4,985", "missing 0.30% → 1.8%"])
    expect(text).toContain(part);
});

test("a row opens to both distributions, the course with its bounds, and every metric with its reason", () => {
  const [row] = page(view(drift)).querySelectorAll("details.m-item");
  const text = row!.textContent!.replace(/\s+/g, " ");
  expect(text).toContain("Distribution of amount, reference against current; largest changes: ");
  expect(text).toContain("PSI over time: 41 points");
  expect(text).toContain("warn above 0.1, fail above 0.25");
  expect(text).toContain("Past the bound, but the noise test does not rule chance out");
  expect([...row!.querySelectorAll("th[scope=col]")].map((cell) => cell.textContent)).toContain("Why");
  expect([...row!.querySelectorAll("th[scope=row]")].map((cell) => cell.textContent)).toContain("country = FR");
});

test("names with quotes and tags are text wherever they appear", () => {
  const evil = `a"b'<script>alert(1)</script>&`;
  const subjects = [
    numericSubject(evil, 0.3, 0.5, [1, 2], 0, 3),
    categoricalSubject("c", [evil, "", "__proto__"], 0.2),
  ];
  const shown = page(view({ ...drift, from: evil, subjects, notCompared: [{ subject: evil, reason: evil }] }));
  expect(shown.querySelectorAll("script")).toHaveLength(0);
  expect(shown.querySelector("summary .m-name")!.textContent).toBe(evil);
  expect(shown.querySelector("summary .m-name")!.getAttribute("title")).toBe(evil);
  expect(shown.querySelector("dt")!.textContent).toBe(evil);
  for (const chart of chartsOf(view({ ...drift, subjects }))) expect(drawn(chart)).not.toContain("<script");
});

test("sixty columns are sixty rows, and each name appears once as a key", () => {
  const subjects = Array.from({ length: 60 }, (_, at) => ({ ...drift.subjects[at % 7]!, subject: `c${at}` }));
  const keys = [...page(view({ ...drift, subjects })).querySelectorAll("details.m-item")].map((row) =>
    row.getAttribute("data-key"),
  );
  expect(new Set(keys).size).toBe(60);
});

test("a single column without a series has no trend", () => {
  const display = { ...drift, subjects: [{ ...drift.subjects[0]!, series: [], slices: [] }] };
  expect(said(view(display))).not.toContain("over time");
  expect(page(view(display)).querySelector(".with-trend")).toBeNull();
});

test("every chart is drawn, narrow and wide", () => {
  for (const chart of chartsOf(view(drift)))
    for (const width of [160, 430, 900]) expect(drawn(chart, width)).toMatch(/^<svg/);
});

describe("bins", () => {
  const bins = {
    edges: [1, 2, 4],
    min: 0,
    max: 400,
    labels: null,
    reference: [0.25, 0.25, 0.25, 0.25],
    current: [0.1, 0.2, 0.3, 0.4],
  };

  test("boxes join, and a long tail ends where the axis is cut", () => {
    const boxes = drawnBins(bins);
    expect(boxes.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2, 4],
      [4, 5.8],
    ]);
    expect(boxes.map(({ label }) => label)).toEqual(["below 1", "1 to 2", "2 to 4", "4 and above"]);
  });

  test.each([
    ["one value", { edges: [5], min: 5, max: 5, reference: [0, 1], current: [0, 1] }],
    ["no edges", { edges: [], min: 3, max: 3, reference: [1], current: [1] }],
    ["no values", { edges: [], min: null, max: null, reference: [], current: [] }],
    ["unknown ends", { edges: [1, 2], min: null, max: null, reference: [0.2, 0.3, 0.5], current: [0, 0, 1] }],
    ["equal ends", { edges: [0, 1], min: 0, max: 1, reference: [0, 0.5, 0.5], current: [0.1, 0.9, 0] }],
    ["negative values", { edges: [-9e15, -4.7], min: -9.1e15, max: 0, reference: [0.1, 0.8, 0.1], current: [1, 0, 0] }],
  ])("%s give boxes that have a width and can be drawn", (_, some) => {
    const subject = { ...drift.subjects[0]!, bins: { ...some, labels: null } };
    for (const { from, to } of drawnBins(subject.bins)) expect(to).toBeGreaterThan(from);
    for (const chart of chartsOf(view({ ...drift, subjects: [subject] }))) drawn(chart);
  });
});

test("a dozen categories are shown and the others summed", () => {
  const groups = Array.from({ length: 30 }, (_, at) => ({
    label: `c${at}`,
    reference: 1 / 30,
    current: at === 29 ? 0.5 : 0.5 / 29,
  }));
  const shown = shownGroups(groups);
  expect(shown).toHaveLength(13);
  expect(shown[0]!.label).toBe("c29");
  expect(shown.at(-1)!.label).toBe("18 more categories");
  expect(shown.reduce((sum, one) => sum + one.current, 0)).toBeCloseTo(1);
});

test("a metric that is judged by another number shows that number with its unit, and its own value beside", () => {
  const { metrics, ...subject } = drift.subjects[0]!;
  const moved = { ...metrics[0]!, metric: "wasserstein", value: 1234.5, judged: 0.42 };
  const text = said(view({ ...drift, subjects: [{ ...subject, metrics: [moved] }] }));
  expect(text).toContain("0.420 σ 1,235 in the column’s unitsabove 0.1 σabove 0.25 σ");
});
