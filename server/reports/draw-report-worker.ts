import { parentPort, workerData } from "node:worker_threads";
import { reportPage } from "../../cells/page/report-page.ts";
import { tippedChartDrawer } from "../draw-chart.ts";
import type { ReportDrawing } from "./draw-report.ts";

const { tablesAt, ...input } = workerData as ReportDrawing;
const page = reportPage({
  ...input,
  draw: await tippedChartDrawer(),
  address: (table, format) => `${tablesAt.folder}/${table}.${format}${tablesAt.query}`,
});
parentPort!.postMessage(page);
