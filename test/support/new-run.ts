import type { NewRun } from "../../workspaces/jobs/job-rows.ts";

/** A run of the first version that a schedule asks for, due at 1000. */
export const newRun = (id: string, more: Partial<NewRun> = {}): NewRun => ({
  id,
  job: "hourly",
  purpose: "scheduled",
  scheduledForMillis: 1000,
  version: 1,
  window: null,
  asOf: null,
  dueAt: null,
  alerts: true,
  replayOf: null,
  ...more,
});
