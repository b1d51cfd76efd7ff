import { MOST_PAST_RUNS, type PastValue } from "../../cells/alerts/past-value.ts";
import type { Verdict } from "../../cells/results/reading.ts";
import type { Statements } from "../monitor/statements.ts";
import { isoOf, numberOf, textOf } from "./job-rows.ts";

/** One value that a job measures run after run. */
export interface ValueOfJob {
  readonly job: string;
  readonly cell: string;
  readonly metric: string;
  readonly subject: string | null;
  readonly slice: string | null;
}

/**
 * The newest runs first, one of each due time: the one that is done, where several tried. Within a run the reading that
 * stands for the value is that of `newestReadings`: of the piece that ends last, then the worse one. The index is named,
 * for the planner would read all that each run measured.
 */
const PAST_VALUES = `
WITH past AS MATERIALIZED (
  SELECT scheduled_for_millis AS due, id, max(iif(state = 'done', number, 0)) FROM runs
  WHERE job = ?1 AND scheduled_for_millis <= ?2 AND alerts = 1 AND purpose <> 'replay' AND state IN ('done', 'failed', 'lost')
  GROUP BY scheduled_for_millis ORDER BY scheduled_for_millis DESC LIMIT ?3
)
SELECT due, value, judged, verdict FROM past LEFT JOIN run_readings AS one ON one.run = past.id AND one.position = (
  SELECT position FROM run_readings INDEXED BY run_readings_of_value
  WHERE run = past.id AND cell = ?4 AND metric = ?5 AND subject IS ?6 AND slice IS ?7 AND beside = 0
  ORDER BY window_end IS NOT NULL, rtrim(window_end, 'Z') DESC,
    CASE verdict WHEN 'fail' THEN 3 WHEN 'warn' THEN 2 WHEN 'ok' THEN 1 ELSE 0 END DESC, position LIMIT 1
)
ORDER BY due`;

/** Oldest first. Runs of before the value was there are left out; those that came after and do not have it are not. */
export function pastValues(sql: Statements, of: ValueOfJob, throughMillis: number): PastValue[] {
  const { job, cell, metric, subject, slice } = of;
  const rows = sql.all(PAST_VALUES, job, throughMillis, MOST_PAST_RUNS, cell, metric, subject, slice);
  const first = rows.findIndex(({ verdict }) => verdict !== null);
  if (first < 0) return [];
  return rows.slice(first).map((row) => ({
    scheduledFor: isoOf(Number(row.due)),
    value: numberOf(row.value),
    judged: numberOf(row.judged),
    verdict: textOf(row.verdict) as Verdict | null,
  }));
}
