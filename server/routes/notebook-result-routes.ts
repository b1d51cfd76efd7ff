import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { z } from "zod";
import { notebookPage, type PageTable } from "../../cells/page/notebook-page.ts";
import { notebookRun } from "../../cells/wire/http-notebooks.ts";
import type { NotebookOutcome } from "../../kernels/session/run-notebook.ts";
import { RunRefused } from "../../kernels/session/run-notebook.ts";
import { chartDrawer } from "../draw-chart.ts";
import { HttpError } from "../http-error.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Route } from "./route.ts";

const byPath = z.object({ path: z.string() });
const FORMATS = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  arrow: "application/vnd.apache.arrow.stream",
} as const;
const formats = ["csv", "json", "parquet", "arrow"] as const satisfies readonly (keyof typeof FORMATS)[];

/** Running a notebook without a browser, and taking a cell's rows away. */
export const notebookResultRoutes: readonly Route[] = [
  defineRoute("POST", "/api/notebooks/:path/run", {
    need: "edit",
    summary:
      "Run a notebook in processes of its own; answers as driftbook run --json, with `html` as one page beside it",
    params: byPath,
    body: notebookRun,
    handle: async ({ params, body, services, signal, audit }) => {
      const { text } = await services.notebookFiles.read(params.path);
      audit("run notebook", params.path, { set: body.set });
      try {
        const { outcome, state } = await services.notebookSessions.run(params.path, text, {
          set: body.set,
          signal,
          ...(body.window === undefined ? {} : { window: body.window }),
          ...(body.asOf === undefined ? {} : { asOf: body.asOf }),
          ...(body.cell === undefined ? {} : { cell: body.cell }),
        });
        const page = body.html
          ? {
              html: notebookPage(state, tablesOf(outcome), { zone: services.settings.zone, draw: await chartDrawer() }),
            }
          : {};
        return new Answer(200, { "content-type": FORMATS.json }, JSON.stringify({ ...outcome, ...page }));
      } catch (error) {
        if (!(error instanceof RunRefused)) throw error;
        throw new HttpError(422, error.message, { cause: error });
      }
    },
  }),
  defineRoute("GET", "/api/notebooks/:path/results/:cell", {
    need: "read",
    summary: "All rows of a SQL cell's result in the open session, as CSV, JSON, Parquet or Arrow",
    params: byPath.extend({ cell: z.string() }),
    query: z.object({ format: z.enum(formats), run: z.string() }),
    answersAlso: Object.values(FORMATS),
    handle: async ({ params, query, services }) => {
      const open = await services.notebooks.find(params.path);
      if (open === null) throw new HttpError(404, `"${params.path}" is not open; open it and run the cell.`);
      const view = { cell: params.cell, run: query.run, sort: [], filters: [] };
      const file = await services.notebookSessions.exportTable(open.session, view, query.format);
      const stream = createReadStream(file).once("close", () => void rm(file, { force: true }));
      const name = params.cell.replaceAll(/[^\w.-]/g, "_");
      return new Answer(
        200,
        {
          "content-type": FORMATS[query.format],
          "content-disposition": `attachment; filename="${name}.${query.format}"`,
        },
        stream,
      );
    },
  }),
];

function tablesOf(outcome: NotebookOutcome): ReadonlyMap<string, PageTable> {
  return new Map(
    outcome.cells.flatMap((cell) => (cell.table === undefined ? [] : [[cell.id, cell.table as PageTable] as const])),
  );
}
