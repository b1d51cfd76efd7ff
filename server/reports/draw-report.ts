import { Worker } from "node:worker_threads";
import type { ReportInput, ReportPage } from "../../cells/page/report-page.ts";
import { HttpError } from "../http-error.ts";

/** What crosses to the worker: plain data. */
export interface ReportDrawing extends Omit<ReportInput, "draw" | "address"> {
  /** `/r/slug/3/tables`, and what follows a table's name and format. */
  readonly tablesAt: { readonly folder: string; readonly query: string };
}

const LONGEST_MILLIS = 120_000;

/** Draws a report's page in a worker thread: sixty charts would hold up everybody else for a second. */
export async function drawReport(drawing: ReportDrawing): Promise<ReportPage> {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const worker = new Worker(new URL(`./draw-report-worker${extension}`, import.meta.url), { workerData: drawing });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<ReportPage>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("The page's thread ended before the page was drawn.")));
      timer = setTimeout(
        () => reject(new HttpError(422, "Drawing the page took longer than two minutes; publish a smaller notebook.")),
        LONGEST_MILLIS,
      );
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
