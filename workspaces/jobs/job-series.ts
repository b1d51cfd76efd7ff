import type { SeriesRun } from "../../cells/wire/http-jobs.ts";
import type { Statements } from "../monitor/statements.ts";
import { isoOf, numberOf, textOf, toRunReading } from "./job-rows.ts";
import type { ValueOfJob } from "./past-values.ts";

/** More points than this are no course that anybody reads. */
const MOST_POINTS = 400;

/**
 * One run of each due time, the last that is done; what somebody asked for over another window is no part of the course.
 * Of several pieces of time the longest, which is the whole: then the one that ends last. The index is named, for the
 * planner would read all that each run measured.
 */
const SERIES = `
WITH past AS MATERIALIZED (
  SELECT scheduled_for_millis AS due, id AS of, max(number) FROM runs
  WHERE job = ?1 AND purpose IN ('scheduled', 'backfill') AND state = 'done'
  GROUP BY scheduled_for_millis ORDER BY scheduled_for_millis DESC LIMIT ${MOST_POINTS}
)
SELECT due, of, one.* FROM past JOIN run_readings AS one ON one.run = past.of AND one.position = (
  SELECT position FROM run_readings INDEXED BY run_readings_of_value
  WHERE run = past.of AND cell = ?2 AND metric = ?3 AND subject IS ?4 AND slice IS ?5 AND beside = 0
  ORDER BY julianday(window_end) - julianday(window_start) DESC, window_end DESC, position LIMIT 1
)
ORDER BY due`;

/** What the newest due times came to of a value, oldest first. */
export function jobSeries(sql: Statements, { job, cell, metric, subject, slice }: ValueOfJob): SeriesRun[] {
  return sql.all(SERIES, job, cell, metric, subject, slice).map((row) => {
    const { id: reading, window, value, lower, upper, n, verdict, provisional } = toRunReading(row);
    const [run, judged] = [textOf(row.of)!, numberOf(row.judged)];
    return {
      run,
      scheduledFor: isoOf(Number(row.due)),
      ...{ reading, window, value, judged, lower, upper, n, verdict, provisional },
    };
  });
}
