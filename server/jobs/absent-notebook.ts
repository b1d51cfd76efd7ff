import { HttpError } from "../http-error.ts";
import { thoseThereAre } from "../those-there-are.ts";

/** A refusal that says what there is instead. `job`: one whose version keeps the notebook's text, or null. */
export function absentNotebook(notebook: string, known: readonly string[], job: string | null): HttpError {
  const hint =
    job === null
      ? thoseThereAre(notebook, known, "notebooks")
      : `driftbook job open ${job} brings its text back from the version in force.`;
  return new HttpError(404, `There is no notebook "${notebook}".`, { hint });
}
