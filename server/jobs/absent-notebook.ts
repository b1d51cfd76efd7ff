import { nearest } from "../../cells/yaml/nearest.ts";
import { HttpError } from "../http-error.ts";

const MOST_NAMED = 5;

/** A refusal that says what there is instead. `job`: one whose version keeps the notebook's text, or null. */
export function absentNotebook(notebook: string, known: readonly string[], job: string | null): HttpError {
  return new HttpError(404, `There is no notebook "${notebook}".`, { hint: nextStep(notebook, known, job) });
}

function nextStep(notebook: string, known: readonly string[], job: string | null): string {
  if (job !== null) return `driftbook job open ${job} brings its text back from the version in force.`;
  const near = nearest(notebook, known);
  if (near !== null) return `Did you mean ${near}?`;
  if (known.length === 0) return "The workspace has no notebooks yet.";
  const more = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : "";
  return `There are ${known.slice(0, MOST_NAMED).join(", ")}${more}.`;
}
