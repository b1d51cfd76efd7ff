import type { z } from "zod";
import { subjectWords } from "../../cells/alerts/alert-words.ts";
import type { SilenceTarget } from "../../cells/alerts/silence.ts";
import { parseDocument } from "../../cells/document/parse-document.ts";
import type { SilenceSubjects, silenceWish } from "../../cells/wire/http-alerts.ts";
import { nearest } from "../../cells/yaml/nearest.ts";
import { HttpError } from "../http-error.ts";
import type { Jobs } from "../jobs/jobs.ts";

type Value = SilenceSubjects["cells"][number]["values"][number];
type JobsOfSilences = Pick<Jobs, "known" | "history">;

/** Kinds of cells that measure whatever they hold; others do where a run says so. */
const MEASURING: ReadonlySet<string> = new Set(["drift", "kpi", "check"]);

/** What of a job can be silenced: cells of the version in force, and what its last run measured. @throws HttpError 404 */
export function silenceSubjects({ known, history }: JobsOfSilences, job: string): SilenceSubjects {
  const { version } = known.stored(job);
  const cells = new Map<string, Map<string, Value>>();
  if (version !== null)
    for (const { kind, name, id } of parseDocument(known.version(job, version).frozen.text).document.cells)
      if (MEASURING.has(kind)) cells.set(name ?? id, new Map());
  const last = history.lastMeasured(job);
  for (const { cell, metric, subject, slice } of last === null ? [] : history.readings(last.id)) {
    const values = cells.get(cell) ?? new Map<string, Value>();
    values.set(JSON.stringify([metric, subject, slice]), {
      ...{ metric, subject, slice, title: subjectWords({ job, cell, metric, subject, slice }) },
    });
    cells.set(cell, values);
  }
  return { cells: [...cells].map(([cell, values]) => ({ cell, values: [...values.values()] })) };
}

/** What is asked to be silent, where the job has it: a silence of nothing would only look like one. @throws HttpError */
export function silenceTarget(jobs: JobsOfSilences, wish: z.output<typeof silenceWish>): SilenceTarget {
  const { job, cell, metric, subject, slice } = wish;
  const { cells } = silenceSubjects(jobs, job);
  const target = { job, cell, metric, subject, slice, alert: null };
  if (cell === null) {
    if (metric !== null || subject !== null || slice !== null)
      throw new HttpError(400, "body.cell: a value is one of a cell; name the cell too.");
    return target;
  }
  const found = cells.find((one) => one.cell === cell);
  if (found === undefined) {
    const names = cells.map((one) => one.cell);
    throw new HttpError(404, `The job ${job} has no cell "${cell}" that measures.`, { hint: hintOf(cell, names) });
  }
  if (metric === null) {
    if (subject !== null || slice !== null)
      throw new HttpError(400, "body.metric: a subject and a slice are of a metric; name the metric too.");
    return target;
  }
  const isFound = found.values.some((one) => one.metric === metric && one.subject === subject && one.slice === slice);
  if (isFound) return target;
  throw new HttpError(404, `The last run of ${job} did not measure ${subjectWords(target)}.`, {
    hint: `driftbook alert silence --job ${job} --list shows what it did; all of ${cell} can be silenced before it has run.`,
  });
}

function hintOf(cell: string, names: readonly string[]): string {
  const near = nearest(cell, names);
  return near !== null ? `Did you mean ${near}?` : `It has: ${names.join(", ") || "none"}.`;
}
