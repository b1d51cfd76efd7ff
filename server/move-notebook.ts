import type { Followed } from "./jobs/follow-notebook.ts";
import type { Services } from "./services.ts";
import { moveStoredResults } from "./stored-results.ts";

/**
 * Gives a notebook another path, with all that is found by its path: what its cells gave, what they measured, its
 * reports, and the jobs that were promoted from it. @throws HttpError 404, 409, 422
 */
export async function moveNotebook(
  { folder, notebookFiles, notebooks, readings, reports, jobs }: Services,
  from: string,
  to: string,
  by: string,
): Promise<{ readonly jobs: readonly Followed[]; readonly reports: readonly string[] }> {
  await notebookFiles.file(to);
  await notebookFiles.read(from);
  await jobs.promotions.refuseUnnameable(from, to);
  await notebooks.closeGone(from);
  await notebookFiles.move(from, to);
  await moveStoredResults(folder, from, to);
  readings.notebookMoved(from, to);
  return { reports: reports.store.notebookMoved(from, to), jobs: await jobs.promotions.follow(from, to, by) };
}
