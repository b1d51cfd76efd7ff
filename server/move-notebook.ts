import type { Followed } from "./jobs/follow-notebook.ts";
import type { Services } from "./services.ts";
import { moveStoredResults } from "./stored-results.ts";

interface Took {
  jobs: Followed[];
  reports: string[];
}

/**
 * Gives a notebook another path, with all that is found by its path: what its cells gave, what they measured, its
 * reports, and the jobs that were promoted from it. `moved` is told once the file has moved, also where the rest fails.
 * @throws HttpError 404, 409, 422
 */
export async function moveNotebook(
  { folder, notebookFiles, notebooks, readings, reports, jobs }: Services,
  from: string,
  to: string,
  by: string,
  moved: (took: Took) => void,
): Promise<Took> {
  await notebookFiles.file(to);
  await notebookFiles.read(from);
  await jobs.promotions.refuseUnnameable(from, to);
  await notebooks.closeGone(from);
  await notebookFiles.move(from, to);
  const took: Took = { jobs: [], reports: [] };
  try {
    // First what runs by itself.
    took.jobs = await jobs.promotions.follow(from, to, by);
    took.reports = reports.store.notebookMoved(from, to);
    readings.notebookMoved(from, to);
    await moveStoredResults(folder, from, to);
    return took;
  } finally {
    moved(took);
  }
}
