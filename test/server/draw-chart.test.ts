import { expect, test } from "vitest";
import { monitorMarkup } from "../../cells/views/monitor-markup.ts";
import { chartDrawer } from "../../server/draw-chart.ts";
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
