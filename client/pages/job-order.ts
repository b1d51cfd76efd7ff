import type { Verdict } from "../../cells/results/reading.ts";
import type { Job } from "../../cells/wire/http-jobs.ts";
import { jobState } from "./job-words.ts";

/** Whether name, target, state or last verdict hold every word. */
export function hasWords(job: Job, wanted: string): boolean {
  const text = [job.name, job.notebook, job.cell, jobState(job).word, job.lastRun?.verdict].join(" ").toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Those that somebody should look at first, then by name. */
export const byUrgency = (jobs: readonly Job[]): readonly Job[] =>
  jobs.toSorted((a, b) => urgency(b) - urgency(a) || a.name.localeCompare(b.name));

const WEIGHTS: Readonly<Record<Verdict, number>> = { error: 4, fail: 3, "no-data": 2, warn: 1, ok: 0 };
function urgency({ problem, lastRun, paused }: Job): number {
  if (problem !== null) return 5;
  return paused || lastRun?.verdict == null ? 0 : WEIGHTS[lastRun.verdict];
}
