import { Worker } from "node:worker_threads";
import type { ReportInput, ReportPage } from "../../cells/page/report-page.ts";
import { HttpError } from "../http-error.ts";

/** What crosses to the worker: plain data. */
export interface ReportDrawing extends Omit<ReportInput, "draw" | "address"> {
  /** `/r/slug/3/tables`, and what follows a table's name and format. */
  readonly tablesAt: { readonly folder: string; readonly query: string };
}

/** What comes back: the page, or why there is none. */
export type ReportDrawn = { readonly page: ReportPage } | { readonly problem: string };

const LONGEST_MILLIS = 120_000;
/** A thread needs half a second to load Plot; revisions of the past come one after the other. */
const KEPT_MILLIS = 20_000;

/** The thread that drew last, while it is kept: taken by the next drawing, ended when none comes. Never in use. */
let kept: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | null = null;

/** Draws a report's page in a worker thread: sixty charts would hold up everybody else for a second. */
export async function drawReport(drawing: ReportDrawing): Promise<ReportPage> {
  const worker = takeThread();
  try {
    const drawn = await drawnBy(worker, drawing);
    if ("problem" in drawn) throw new Error(drawn.problem);
    keepThread(worker);
    return drawn.page;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function takeThread(): Worker {
  if (kept !== null) {
    const { worker, timer } = kept;
    clearTimeout(timer);
    kept = null;
    return worker;
  }
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const worker = new Worker(new URL(`./draw-report-worker${extension}`, import.meta.url));
  // For its life: without a listener an error in an idle thread would end the server, and whoever is sent to a thread that
  // has ended waits in vain.
  return worker.on("error", () => forget(worker)).on("exit", () => forget(worker));
}

/** The next drawing takes a new one. What goes wrong while a thread draws is told to who waits for it. */
function forget(worker: Worker): void {
  if (kept?.worker !== worker) return;
  clearTimeout(kept.timer);
  kept = null;
}

function keepThread(worker: Worker): void {
  if (kept !== null) return void worker.terminate();
  const timer = setTimeout(() => {
    kept = null;
    void worker.terminate();
  }, KEPT_MILLIS);
  // A program that is done does not wait for it.
  timer.unref();
  worker.unref();
  kept = { worker, timer };
}

async function drawnBy(worker: Worker, drawing: ReportDrawing): Promise<ReportDrawn> {
  const { promise, resolve, reject } = Promise.withResolvers<ReportDrawn>();
  const ended = (): void => reject(new Error("The page's thread ended before the page was drawn."));
  const tooLong = new HttpError(422, "Drawing the page took longer than two minutes; publish a smaller notebook.");
  const timer = setTimeout(() => reject(tooLong), LONGEST_MILLIS);
  worker.once("message", resolve).once("error", reject).once("exit", ended);
  worker.ref();
  worker.postMessage(drawing);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.off("message", resolve).off("error", reject).off("exit", ended);
  }
}
