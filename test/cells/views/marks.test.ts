import { expect, test } from "vitest";
import { driftView } from "../../../cells/kinds/drift/drift-view.ts";
import { kpiView } from "../../../cells/kinds/kpi/kpi-view.ts";
import type { ShownMark } from "../../../cells/results/monitor-display.ts";
import type { Markup } from "../../../cells/views/markup.ts";
import { chartsOf, drawn, said } from "./read-markup.ts";
import { dayWindow, drift, kpi } from "./sample-displays.ts";

const zone = "Europe/Berlin";
const MARKS: ShownMark[] = [
  { window: dayWindow(-400, 1), note: "long ago", excludes: false },
  { window: dayWindow(4, 7), note: "outage <script>", excludes: true },
  { window: dayWindow(11, 90), note: "a fraud attack with a name that is longer than its place", excludes: false },
];
const overTime = (view: Markup) => chartsOf(view).filter(({ name }) => name.endsWith("-over-time"));

test.each([
  ["drift", driftView({ ...drift, marks: MARKS }, { zone }), driftView(drift, { zone })],
  ["kpi", kpiView({ ...kpi, marks: MARKS }, { zone }), kpiView(kpi, { zone })],
])("every course of a %s cell shows the marks that touch it, in words as well", (_kind, marked, bare) => {
  expect(said(marked)).toContain("Marked");
  expect(said(marked)).toContain("outage <script>, 5–11 Mar 2026, excluded");
  const charts = overTime(marked);
  expect(charts.length).toBeGreaterThan(0);
  for (const chart of charts) {
    expect(chart.label).toContain("Marked: outage <script> 5–11 Mar 2026, excluded; a fraud attack");
    expect(chart.label).not.toContain("long ago");
    expect(chart.keys.map(({ text }) => text)).toEqual(expect.arrayContaining(["marked", "excluded"]));
    const svg = drawn(chart, 3000);
    expect(svg).toContain("outage &lt;script&gt;");
    expect(svg).toContain("longer than its place");
    expect(svg).not.toContain("long ago");
    expect(drawn(chart, 400)).toMatch(/>a fraud[^<]*…</);
    drawn(chart, 120);
  }
  for (const chart of overTime(bare)) {
    expect(chart.label).not.toContain("Marked");
    expect(drawn(chart)).not.toContain("outage");
  }
});
