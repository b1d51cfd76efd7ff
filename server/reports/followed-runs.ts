import { judgedReadings } from "../../cells/results/reading.ts";
import type { Run } from "../../cells/wire/http-jobs.ts";
import type { Revision } from "../../cells/wire/http-reports.ts";
import type { NotebookOutcome } from "../../kernels/session/run-notebook.ts";
import type { OpenRun } from "../../workspaces/jobs/job-rows.ts";
import type { StoredReport } from "../../workspaces/reports/report-store.ts";

/** Runs and ticks of a job that are looked at, newest first. */
export const LOOKED_AT = 200;

/** Whether a run of its job becomes a revision by itself: the schedule's, and where it is chosen what fills the past. */
export function follows({ choices }: StoredReport, { purpose }: Pick<OpenRun, "purpose">): boolean {
  return purpose === "scheduled" || (purpose === "backfill" && choices.backfills);
}

/** The due time that a run served; null for one that somebody asked for by hand, and for a repetition. */
export const dueTimeOf = ({ purpose, scheduledFor }: Pick<Run, "purpose" | "scheduledFor">): string | null =>
  purpose === "scheduled" || purpose === "backfill" ? scheduledFor : null;

/** Whether a run found anything to show: nothing where all that it is judged by has no data. */
export function hasData({ cells }: Pick<NotebookOutcome, "cells">): boolean {
  const judged = cells.flatMap(({ readings }) => judgedReadings(readings));
  return judged.length === 0 || judged.some(({ verdict }) => verdict !== "no-data");
}

/** What a revision says of a run that no schedule asked for. `usual`: the job's window for a due time. */
export function askedForOf(run: Run, usual: (dueMillis: number) => Run["window"]): Revision["askedFor"] {
  if (dueTimeOf(run) !== null) return null;
  // Who gives an as-of makes it the due time, too.
  const dueMillis = Date.parse(run.dueAt ?? run.scheduledFor);
  const expected = usual(dueMillis);
  return {
    window: expected !== null && run.window !== null && !isSame(expected, run.window),
    asOf: dueMillis !== Date.parse(run.scheduledFor),
  };
}

/** The run that is published where none is named: of those that served a due time and are done, the last due. */
export const lastDone = (runs: readonly Run[]): Run | null =>
  runs
    .filter((run) => run.state === "done" && run.asOf !== null && dueTimeOf(run) !== null)
    .toSorted((a, b) => (a.scheduledFor < b.scheduledFor ? 1 : a.scheduledFor > b.scheduledFor ? -1 : 0))[0] ?? null;

const isSame = (a: NonNullable<Run["window"]>, b: NonNullable<Run["window"]>): boolean =>
  a.every((time, at) => Date.parse(time) === Date.parse(b[at]!));
