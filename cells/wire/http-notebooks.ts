import { z } from "zod";
import { instant } from "../session/operation.ts";
import { notebookSummary } from "./http-workspace.ts";

export const notebookList = z.object({ notebooks: z.array(notebookSummary) });
/** `GET /api/notebooks/{path}`: its text; `hash` is also the ETag that `PUT` wants in `If-Match`. */
export const notebookText = z.object({ path: z.string(), text: z.string(), hash: z.string(), modifiedAt: instant });
export const notebookPut = z.object({ text: z.string().max(20_000_000) });
export const notebookCreate = z.object({ path: z.string(), text: z.string().max(20_000_000).optional() });
export const notebookMove = z.object({ to: z.string() });
/**
 * What goes with it: jobs, with the version in force (null where an edited file is not in force, and where there is a
 * `problem` for which the job did not follow), and slugs of reports.
 */
export const notebookMoved = notebookText.extend({
  jobs: z.array(z.object({ job: z.string(), version: z.int().nullable(), problem: z.string().nullable() })),
  reports: z.array(z.string()),
});
export type NotebookMoved = z.infer<typeof notebookMoved>;
/** `POST /api/notebooks/{path}/run`: runs it headless, in processes of its own; answers as `driftbook run --json`. */
export const notebookRun = z.object({
  cell: z.string().optional(),
  set: z.record(z.string(), z.json()).default({}),
  window: z.string().optional(),
  asOf: z.string().optional(),
  /** Adds `html` to the answer: the notebook with its results as one page that loads nothing. */
  html: z.boolean().default(false),
});
