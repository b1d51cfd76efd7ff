import type { z } from "zod";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { serializeDocument } from "../../cells/document/serialize-document.ts";
import { measuredText } from "../../cells/page/measured-text.ts";
import { asOneFile } from "../../cells/page/report-page.ts";
import { reportSelection } from "../../cells/page/report-selection.ts";
import { measuredWindows } from "../../cells/results/measured-windows.ts";
import type { exportWish, NotebookExportFormat } from "../../cells/wire/http-reports.ts";
import { RunRefused } from "../../kernels/session/run-notebook.ts";
import { HttpError } from "../http-error.ts";
import type { Services } from "../services.ts";
import { drawReport } from "./draw-report.ts";
import { headlineOf } from "./headline.ts";
import { type ExportedCell, jupyterText, markdownText } from "./notebook-texts.ts";
import { contractColumns, rowsOf, tablesOf } from "./publish-revision.ts";

const TYPES: Readonly<Record<NotebookExportFormat, string>> = {
  html: "text/html; charset=utf-8",
  ipynb: "application/x-ipynb+json; charset=utf-8",
  md: "text/markdown; charset=utf-8",
};

/** In place of a message that may quote personal values. */
const HIDDEN_ERROR = "This part could not be computed.";

/** Runs a notebook and writes it with its results as one file; what a report leaves out is left out of each. @throws HttpError */
export async function exportNotebook(
  services: Services,
  notebook: string,
  wish: z.output<typeof exportWish>,
  signal: AbortSignal,
): Promise<{ readonly type: string; readonly text: string }> {
  const { notebooks, notebookFiles, notebookSessions, settings, workspace } = services;
  const open = await notebooks.find(notebook);
  const text =
    open === null ? (await notebookFiles.read(notebook)).text : serializeDocument(open.session.state.document);
  const { frontMatter } = parseDocument(text).document;
  const before = workspace.contracts.present();
  const ran = await notebookSessions
    .run(notebook, text, {
      ...{ set: wish.set, signal },
      ...(wish.window === undefined ? {} : { window: wish.window }),
      ...(wish.asOf === undefined ? {} : { asOf: wish.asOf }),
    })
    .catch((error: unknown) => {
      if (error instanceof RunRefused) throw new HttpError(422, error.message, { cause: error });
      throw error;
    });
  const { outcome, state } = ran;
  const contracts = workspace.contracts.present();
  const columns = contractColumns([...before, ...contracts]);
  const selection = reportSelection(state, wish, columns);
  const tables = tablesOf(outcome);
  const title = frontMatter.title ?? notebook;
  const measured = measuredWindows(outcome.cells, state.runs);
  const window: [string, string] | null = outcome.window === null ? null : [...outcome.window];
  if (wish.to === "html") {
    const page = await drawReport({
      state: { document: state.document, analyses: state.analyses, runs: state.runs, path: state.path },
      tables,
      about: {
        title,
        zone: settings.zone,
        revision: null,
        source: notebook,
        set: wish.set,
        madeAt: new Date().toISOString(),
        window,
        measured,
        asOf: outcome.asOf,
        version: null,
        rows: rowsOf(
          state,
          contracts.map(({ stream }) => ({ stream, figures: workspace.figures(stream) })),
        ),
        note: null,
        approvedBy: null,
        askedFor: null,
        verdict: outcome.verdict,
        headline: headlineOf(frontMatter.headline, outcome, state, selection).map((one) => ({
          ...one,
          before: null,
          change: null,
        })),
      },
      choices: wish,
      contractColumns: columns,
      tablesAt: { folder: "#", query: "" },
    });
    return { type: TYPES.html, text: asOneFile(page.html, page.tables) };
  }
  const cells = state.document.cells.map((cell): ExportedCell => {
    const run = state.runs[cell.id];
    const rows = tables.get(cell.id);
    const texts = selection.texts(cell, run?.result?.texts ?? []);
    const displays = cell.kind === "input" ? [] : (run?.displays ?? []).map((one) => selection.display(cell, one));
    const table = rows === undefined ? null : selection.table(cell, rows);
    const left = [texts, ...displays, ...(table === null ? [] : [table])].flatMap((one) => one.left);
    return {
      cell,
      texts: texts.shown,
      displays: displays.flatMap(({ shown }) => shown ?? []),
      table: table?.shown ?? null,
      leftOut: [...new Set(left.map(({ sentence, remedy }) => `${sentence} ${remedy}`))],
      error: run?.error == null ? null : selection.isQuiet(cell) ? HIDDEN_ERROR : run.error.message,
    };
  });
  const facts = `As of ${outcome.asOf}, window ${measuredText({ window, measured }, settings.zone)}`;
  return {
    type: TYPES[wish.to],
    text: wish.to === "md" ? markdownText(title, facts, cells, wish.showCode) : jupyterText(title, facts, cells),
  };
}
