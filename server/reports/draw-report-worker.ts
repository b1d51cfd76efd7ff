import { parentPort } from "node:worker_threads";
import { reportPage } from "../../cells/page/report-page.ts";
import { tippedChartDrawer } from "../draw-chart.ts";
import type { ReportDrawing, ReportDrawn } from "./draw-report.ts";

parentPort!.on("message", async ({ tablesAt, ...input }: ReportDrawing) => {
  parentPort!.postMessage(await drawn());

  async function drawn(): Promise<ReportDrawn> {
    try {
      const page = reportPage({
        ...input,
        draw: await tippedChartDrawer(),
        address: (table, format) => `${tablesAt.folder}/${table}.${format}${tablesAt.query}`,
      });
      return { page };
    } catch (error) {
      return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }
});
