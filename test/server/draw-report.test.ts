import process from "node:process";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { openSession } from "../../cells/session/open-session.ts";
import { drawReport, type ReportDrawing } from "../../server/reports/draw-report.ts";

const threads: Worker[] = [];
const note = (worker: Worker): void => void threads.push(worker);
beforeAll(() => void process.on("worker", note));
afterAll(async () => {
  process.off("worker", note);
  for (const thread of threads) await thread.terminate();
});

const { state } = openSession("a.nb.md", parseDocument("---\ndriftbook: 1\n---\nHello\n").document, null);
const DRAWING: ReportDrawing = {
  state: { document: state.document, analyses: {}, runs: {}, path: "a.nb.md" },
  tables: new Map(),
  about: {
    ...{ title: "Weekly", zone: "UTC", revision: 1, source: "a.nb.md", set: {}, madeAt: "2026-03-01T06:00:00.000Z" },
    ...{ askedFor: null, measured: [], window: null, asOf: null, version: null, rows: [], note: null },
    ...{ approvedBy: null, verdict: "ok", headline: [] },
  },
  choices: { showCode: false, tables: "aggregates", personal: false },
  contractColumns: { personal: new Set(), open: new Set() },
  tablesAt: { folder: "/r/weekly/1/tables", query: "" },
};
const drawn = async (): Promise<number> => {
  expect((await drawReport(DRAWING)).html).toContain("Weekly");
  return threads.length;
};

test("the thread that drew last draws again", async () => {
  expect([await drawn(), await drawn()]).toEqual([1, 1]);
});

test("an error in the idle thread ends nothing but that thread, and the next drawing takes a new one", async () => {
  const before = await drawn();
  threads.at(-1)!.emit("error", new Error("Worker terminated due to reaching memory limit"));
  expect(await drawn()).toBe(before + 1);
});

test("an idle thread that ended is waited for by nobody", async () => {
  const before = await drawn();
  await threads.at(-1)!.terminate();
  expect(await drawn()).toBe(before + 1);
});
