import { judgedReadings, type Reading } from "../results/reading.ts";
import { compareInstants } from "../time/instant.ts";

/** A reading as alerts judge it. `details` and `definition` are used where they are given: for σ, and for units. */
export interface JudgedReading
  extends Pick<
      Reading,
      | "id"
      | "metric"
      | "subject"
      | "slice"
      | "window"
      | "asOf"
      | "value"
      | "lower"
      | "upper"
      | "n"
      | "bounds"
      | "verdict"
      | "reason"
      | "beside"
    >,
    Partial<Pick<Reading, "definition" | "details">> {
  /** Name or id of the cell. */
  readonly cell: string;
  /** drift, kpi, check or ts. */
  readonly kind: string;
}

/** What alerts are told of a run that is over. Runs of a job come in the order of their due times. */
export interface JudgedRun {
  readonly job: string;
  readonly run: string;
  /** ISO 8601 UTC, as `endedAt`. */
  readonly scheduledFor: string | null;
  readonly endedAt: string;
  /** Number of the version that ran. */
  readonly version: number;
  /** The run itself failed, a sentence. Readings that it made all the same are judged; none counts as gone. */
  readonly failure: string | null;
  /** It never executed since data is missing, a sentence. */
  readonly noData: string | null;
  readonly readings: readonly JudgedReading[];
}

export interface AlertRules {
  /** Names of destinations in driftbook.yaml. */
  readonly to: readonly string[];
  /** So many failing runs in a row fire, and as many good ones resolve; null: by kind of cell. */
  readonly afterRuns: number | null;
  /** Told again after so long while it goes on; null: never. */
  readonly repeatMillis: number | null;
}

/** A drift or KPI past its bound once may be chance; a check states a fact. */
export function runsNeeded(kind: string | null, { afterRuns }: Pick<AlertRules, "afterRuns">): number {
  return afterRuns ?? (kind === "drift" || kind === "kpi" ? 2 : 1);
}

/** When the run was due: what "since" means, also for runs that were made up for later. */
export function momentOf({ scheduledFor, endedAt }: Pick<JudgedRun, "scheduledFor" | "endedAt">): number {
  return Date.parse(scheduledFor ?? endedAt);
}

const SEVERITY = { "no-data": 0, error: 0, ok: 1, warn: 2, fail: 3 } as const;

/**
 * The reading that stands for each subject of a cell: of several pieces of time the one that ends last. The whole window
 * ends with its last piece, so where they differ the worse one that was measured counts. What only stands beside ends later
 * and counts for nothing.
 */
export function newestReadings(readings: readonly JudgedReading[]): ReadonlyMap<string, JudgedReading> {
  const newest = new Map<string, JudgedReading>();
  for (const one of judgedReadings(readings)) {
    const key = JSON.stringify([one.cell, one.metric, one.subject, one.slice]);
    const known = newest.get(key);
    const order = known === undefined ? 1 : compareEnds(one, known);
    if (order > 0 || (order === 0 && SEVERITY[one.verdict] > SEVERITY[known!.verdict])) newest.set(key, one);
  }
  return newest;
}

function compareEnds(a: JudgedReading, b: JudgedReading): number {
  if (a.window === null || b.window === null) return Number(a.window === null) - Number(b.window === null);
  return compareInstants(a.window[1], b.window[1]);
}
