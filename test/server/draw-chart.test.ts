import { expect, test } from "vitest";
import { monitorMarkup } from "../../cells/views/monitor-markup.ts";
import { chartDrawer, tippedChartDrawer } from "../../server/draw-chart.ts";
import { chartsOf } from "../cells/views/read-markup.ts";
import { drift, kpi } from "../cells/views/sample-displays.ts";

test("charts are drawn without a browser, at the width asked for and without Plot's style sheet", async () => {
  const draw = await chartDrawer();
  for (const chart of [drift, kpi].flatMap((display) => chartsOf(monitorMarkup(display, { zone: "UTC" })))) {
    const svg = draw(chart, 240);
    expect(svg).toMatch(/^<svg[^>]* width="240"/);
    expect(svg).not.toContain("<style");
  }
});

test("a chart is drawn with the places that answer a pointer, inside of it and with their texts", async () => {
  const [draw, plain] = await Promise.all([tippedChartDrawer(), chartDrawer()]);
  let charts = 0;
  for (const chart of [drift, kpi].flatMap((display) => chartsOf(monitorMarkup(display, { zone: "UTC" })))) {
    const { svg, hits } = draw(chart, 380);
    const height = Number(/ height="([\d.]+)"/.exec(svg)![1]);
    expect(svg.length).toBeLessThan(plain(chart, 380).length + 2000);
    for (const { x, y, values, by } of hits.marks) {
      charts++;
      expect(x.length).toBeGreaterThan(0);
      for (const [at, [text]] of values.entries()) {
        expect(text).toMatch(/\S/);
        if (by !== "y") expect(x[at]! >= 0 && x[at]! <= 380).toBe(true);
        if (by !== "x") expect(y[at]! >= 0 && y[at]! <= height).toBe(true);
      }
    }
  }
  expect(charts).toBeGreaterThan(5);
});
