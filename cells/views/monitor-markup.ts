import { checkView } from "../kinds/check/check-view.ts";
import { driftView } from "../kinds/drift/drift-view.ts";
import { kpiView } from "../kinds/kpi/kpi-view.ts";
import type { CheckDisplay, DriftDisplay, KpiDisplay } from "../results/monitor-display.ts";
import type { ViewContext } from "./head-line.ts";
import type { Markup } from "./markup.ts";

export type MonitorDisplay = DriftDisplay | KpiDisplay | CheckDisplay;

/** The output of a monitoring cell, the same in a browser, a headless run and a report. */
export function monitorMarkup(display: MonitorDisplay, context: ViewContext): Markup {
  switch (display.type) {
    case "drift":
      return driftView(display, context);
    case "kpi":
      return kpiView(display, context);
    case "check":
      return checkView(display, context);
  }
}
