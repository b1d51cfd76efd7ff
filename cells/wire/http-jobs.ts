import { z } from "zod";
import { jobSpec } from "../jobs/job-spec.ts";
import { version } from "../jobs/version.ts";
import { shownMark } from "../results/monitor-display.ts";
import { bound, verdict } from "../results/reading.ts";
import { readingLine } from "./http-readings.ts";

/** `due`: not begun. `waiting`: for data, or for another run. The last three are final. */
export const tickState = z.enum(["due", "waiting", "running", "done", "failed", "skipped"]);
export type TickState = z.infer<typeof tickState>;

export const tick = z.object({
  job: z.string(),
  /** ISO 8601 UTC. */
  scheduledFor: z.string(),
  state: tickState,
  /** Why it waits, was skipped or failed; a sentence. */
  reason: z.string().nullable(),
  /** Its last run. */
  run: z.string().nullable(),
  verdict: verdict.nullable(),
});
export type Tick = z.infer<typeof tick>;

export const runPurpose = z.enum(["scheduled", "manual", "backfill", "replay"]);
export type RunPurpose = z.infer<typeof runPurpose>;
/** `lost`: its process died or did not renew its lease; what it served is retried. */
export const runState = z.enum(["queued", "running", "done", "failed", "cancelled", "lost"]);
export type RunState = z.infer<typeof runState>;

export const run = z.object({
  id: z.string(),
  job: z.string(),
  purpose: runPurpose,
  /** The due time that it serves; for manual runs, the time that it was asked for. */
  scheduledFor: z.string(),
  /** From 1. */
  attempt: z.int(),
  /** Number of the version that ran. */
  version: z.int(),
  state: runState,
  window: z.tuple([z.string(), z.string()]).nullable(),
  asOf: z.string().nullable(),
  /** What relative windows of its cells count from; null for the as-of, as in runs of earlier versions of Driftbook. */
  dueAt: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  durationMillis: z.number().nullable(),
  /** Null until it is done. */
  verdict: verdict.nullable(),
  /** Why it failed, has no data, or was cancelled; a sentence. */
  reason: z.string().nullable(),
  readings: z.int(),
  /** Windows that its cells measured, each once: those of their own where they state one, whatever the run's window is. */
  measured: z.array(z.tuple([z.string(), z.string()])),
  /** What it read: the streams as they stood at its as-of. */
  inputs: z.array(
    z.object({
      stream: z.string(),
      decisions: z.int(),
      feedback: z.int(),
      /** Digest of the list of files that it read. */
      snapshot: z.string(),
    }),
  ),
  program: z.object({ driftbook: z.string(), engine: z.string() }).nullable(),
  /** The run that this one repeats. */
  replayOf: z.string().nullable(),
  /** Whether its readings equal those of the run that it repeats, byte for byte; null for other runs. */
  same: z.boolean().nullable(),
});
export type Run = z.infer<typeof run>;

/** A cell of a run, for people; rows are capped at 1 000. */
export const runCell = z.object({
  id: z.string(),
  name: z.string().nullable(),
  kind: z.string(),
  status: z.enum(["ok", "error", "skipped"]),
  durationMillis: z.number(),
  error: z.object({ message: z.string(), line: z.int().optional() }).nullable(),
  logs: z.array(z.object({ stream: z.enum(["out", "error"]), text: z.string() })),
  table: z
    .object({
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      rows: z.array(z.record(z.string(), z.json())),
      rowCount: z.int(),
    })
    .nullable(),
});
export const runDetail = z.object({
  run,
  readings: z.array(readingLine),
  cells: z.array(runCell),
  /** Whether `/api/jobs/JOB/runs/RUN/page` has its charts and tables; older outputs go. */
  hasPage: z.boolean(),
});
export type RunDetail = z.infer<typeof runDetail>;

/** When a job ended, and by whom; null where an earlier version of Driftbook did not note it. */
const removal = z.object({ removedAt: z.string(), removedBy: z.string().nullable() });

export const job = z.object({
  name: z.string(),
  /** The file's keys as they are in force. */
  spec: jobSpec,
  /** The file's keys where they are other ones; null where they are the same, or cannot be read. */
  written: jobSpec.nullable(),
  notebook: z.string(),
  cell: z.string().nullable(),
  /** In force: the file's, else the workspace's. */
  zone: z.string(),
  paused: z.boolean(),
  /** Number of the version in force; null before the first promotion. */
  version: z.int().nullable(),
  hash: z.string().nullable(),
  /** The next five due times; none while paused. */
  nextTimes: z.array(z.string()),
  /** The last thirty, oldest first. */
  ticks: z.array(tick),
  lastRun: run.nullable(),
  /** Runs that go on or wait. */
  active: z.int(),
  /** The file cannot be taken up, or differs from what is in force; a sentence that says what to do. */
  problem: z.string().nullable(),
  /** The notebook's text gives another version than the one in force. */
  textChanged: z.boolean(),
  /** Streams whose contract is another one than the version in force froze: its runs read them as they were. */
  contractsChanged: z.array(z.string()),
  /** Null while it is there. Of a removed job the rest is what was in force last. */
  removed: removal.nullable(),
});
export type Job = z.infer<typeof job>;

/** By key of the file, what it said and what it says now; null where it says nothing. */
const changedKeys = z.record(z.string(), z.object({ from: z.json(), to: z.json() }));
/** A job after it was promoted, or its settings changed. */
export const promoted = job.extend({ changes: changedKeys, warnings: z.array(z.string()) });
export type Promoted = z.infer<typeof promoted>;
export const jobList = z.object({
  zone: z.string(),
  jobs: z.array(job),
  /** Files that are no jobs yet and cannot be read as such. */
  unreadable: z.array(z.object({ name: z.string(), problem: z.string() })),
  /** Jobs that ended, the last removed first; their history can still be read. */
  removed: z.array(
    removal.extend({
      name: z.string(),
      notebook: z.string(),
      cell: z.string().nullable(),
      version: z.int().nullable(),
    }),
  ),
});
export type JobList = z.infer<typeof jobList>;
export const versionList = z.object({ versions: z.array(version) });
/** One version, with its text cell by cell. */
export const versionView = version.extend({
  cells: z.array(z.object({ id: z.string(), name: z.string().nullable(), kind: z.string(), source: z.string() })),
  /** As `deno.lock` has them: what was asked for, and the exact version. */
  packages: z.array(z.object({ name: z.string(), locked: z.string() })),
});
export type VersionView = z.infer<typeof versionView>;
export const tickList = z.object({ ticks: z.array(tick) });
export const runList = z.object({ runs: z.array(run) });
export type VersionList = z.infer<typeof versionList>;
export type TickList = z.infer<typeof tickList>;
export type RunList = z.infer<typeof runList>;

/** What one run measured of a value. */
export const seriesRun = z.object({
  run: z.string(),
  scheduledFor: z.string(),
  /** Id of the reading. */
  reading: z.string(),
  /** What bounds are held against: the value, or another number such as a distance in σ. Null where it is not known. */
  judged: z.number().nullable(),
  ...readingLine.pick({
    window: true,
    value: true,
    lower: true,
    upper: true,
    n: true,
    verdict: true,
    provisional: true,
  }).shape,
});
export type SeriesRun = z.infer<typeof seriesRun>;
const seriesValue = z.object({
  /** "score_drift.amount.psi" */
  name: z.string(),
  cell: z.string(),
  metric: z.string(),
  subject: z.string().nullable(),
  /** Null: over all rows. */
  slice: z.string().nullable(),
  kind: z.string(),
  unit: z.enum(["share", "count", "amount", "number"]),
  /** Bounds are held against another number than the value, and that is known of all points: what a chart is of. */
  isOfJudged: z.boolean(),
  /** As they are now; none where it is not known what they were held against. */
  bounds: z.object({ warn: bound.nullable(), fail: bound.nullable() }),
});
export type SeriesValue = z.infer<typeof seriesValue>;
/** The course of a value over the due times of a job. */
export const jobSeries = z.object({
  /** What the last run measured over all rows, or over those of the slice, by name. */
  values: z.array(z.string()),
  of: seriesValue.nullable(),
  /** Oldest first, the newest 400. */
  points: z.array(seriesRun),
  /** Due times between which an alert on it fired; `to` is null while it does. */
  fired: z.array(z.object({ alert: z.string(), from: z.string(), to: z.string().nullable() })),
  /** Of the streams that its last version reads, by event time, oldest first. */
  marks: z.array(shownMark),
});
export type JobSeries = z.infer<typeof jobSeries>;

/** A letter first: names are file names and part of addresses. */
export const jobName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "expected a name of small letters, digits, - and _, such as daily-drift");

/** Writes `jobs/NAME.yaml` and takes it up; with `promote` the notebook as it stands becomes a version. */
export const jobWish = z.object({
  spec: jobSpec,
  promote: z.boolean().default(true),
  note: z.string().max(500).nullable().default(null),
});
export type JobWish = z.input<typeof jobWish>;

/** What a promotion would freeze. */
export const promotionPreview = z.object({
  cells: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      kind: z.string(),
      source: z.string(),
      /** The one that its text states, and what that means in the first run; null where it cannot be told before. */
      window: z.object({ text: z.string(), resolved: z.tuple([z.string(), z.string()]).nullable() }).nullable(),
    }),
  ),
  /** Every input that it reads with the value that it freezes. */
  inputs: z.array(z.object({ name: z.string(), value: z.json(), default: z.json() })),
  contracts: z.array(z.object({ stream: z.string(), hash: z.string() })),
  hash: z.string(),
  /** A version of the job that is the same. */
  sameAs: z.int().nullable(),
  /** What a window means at the next due time; null without one. */
  window: z.tuple([z.string(), z.string()]).nullable(),
  nextTimes: z.array(z.string()),
  /** KPI cells over mature units, by their own window or given by the promotion: the newest units stand beside. */
  matureKpis: z.array(z.object({ cell: z.string(), window: z.string() })),
  /** Literal windows, windows without effect, streams not read, packages that are not there: sentences. */
  warnings: z.array(z.string()),
});
export type PromotionPreview = z.infer<typeof promotionPreview>;

/** How often the bounds would have fired over past due times. */
export const rehearsal = z.object({
  runs: z.int(),
  counts: z.record(verdict, z.int()),
  /** Alerts of values that would have begun to fire, by the job's own rules. */
  fired: z.int(),
  /** Which of the last 180 due times were not measured, and why; sentences. */
  notes: z.array(z.string()),
  /** Oldest first. */
  ticks: z.array(z.object({ scheduledFor: z.string(), verdict, worst: z.string().nullable(), fired: z.int() })),
});
export type Rehearsal = z.infer<typeof rehearsal>;

export const applied = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      change: z.enum(["made", "version", "settings", "unchanged", "removed", "refused"]),
      version: z.int().nullable(),
      /** What was done, or what is wrong and where. */
      message: z.string(),
      changes: changedKeys,
      /** What whoever promotes should know. */
      warnings: z.array(z.string()),
    }),
  ),
});
export type Applied = z.infer<typeof applied>;

export const backfillWish = z.object({
  /** Window of due times, in the one notation. */
  range: z.string(),
  /** The data as each due time knew it, or as it is known now. */
  as: z.enum(["known-then", "known-now"]).default("known-then"),
  alerts: z.boolean().default(false),
});
export const runWish = z.object({ window: z.string().optional(), asOf: z.string().optional() });
export const queued = z.object({ runs: z.array(z.string()) });
export type Queued = z.infer<typeof queued>;

/** The notebook that a version was written as; `run` is what a job of it would run. */
export const openedVersion = z.object({ path: z.string(), run: z.string(), version: z.int() });
export type OpenedVersion = z.infer<typeof openedVersion>;

/** The last run of each job, repeated. */
export const replayed = z.object({
  jobs: z.array(
    z.object({
      name: z.string(),
      run: z.string(),
      replay: z.string(),
      same: z.boolean(),
      /** What differs; null where nothing does. */
      reason: z.string().nullable(),
    }),
  ),
});
export type Replayed = z.infer<typeof replayed>;

export const versionDiff = z.object({
  from: z.int(),
  to: z.int(),
  /** Lines that begin with "-", "+" or a blank. `run`: path of the notebook, with the cell. */
  run: z.array(z.string()),
  text: z.array(z.string()),
  set: z.array(z.string()),
  contracts: z.array(z.string()),
  lock: z.array(z.string()),
  window: z.array(z.string()),
});
export type VersionDiff = z.infer<typeof versionDiff>;
