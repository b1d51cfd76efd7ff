import type { Statements } from "../monitor/statements.ts";
import { isoOf } from "./job-rows.ts";
import type { ValueOfJob } from "./past-values.ts";

/** A value in runs that count for alerts; the index is named as in `PAST_VALUES`. */
const IN_RUNS = `FROM runs CROSS JOIN run_readings AS one INDEXED BY run_readings_of_value
  ON one.run = runs.id AND cell = ?2 AND metric = ?3 AND subject IS ?4 AND slice IS ?5 AND beside = 0
  WHERE job = ?1 AND alerts = 1 AND purpose <> 'replay' AND state = 'done'`;
const GOOD = "one.verdict IN ('ok', 'warn')";

/**
 * What an alert on a value was about, in event time: all windows of the runs due from `sinceMillis` to `untilMillis` that
 * were past their bound, without what the last good window before them had in it already. Null where none has a window.
 */
export function eventWindow(
  sql: Statements,
  of: ValueOfJob,
  { sinceMillis, untilMillis }: { readonly sinceMillis: number; readonly untilMillis: number },
): readonly [start: string, end: string] | null {
  const value = [of.job, of.cell, of.metric, of.subject, of.slice];
  const windows = (verdicts: string, from: number, to: number): (readonly [number, number])[] =>
    sql
      .all(
        `SELECT one.window_start, one.window_end ${IN_RUNS} AND ${verdicts} AND one.window_start IS NOT NULL
         AND scheduled_for_millis BETWEEN ?6 AND ?7`,
        ...[...value, from, to],
      )
      .map((row) => [Date.parse(String(row.window_start)), Date.parse(String(row.window_end))] as const);
  const failing = windows("one.verdict = 'fail'", sinceMillis, untilMillis);
  if (failing.length === 0) return null;
  const [start, end] = [Math.min(...failing.map(([from]) => from)), Math.max(...failing.map(([, to]) => to))];
  const before = `SELECT max(scheduled_for_millis) AS due ${IN_RUNS} AND ${GOOD} AND scheduled_for_millis < ?6`;
  const due = sql.get(before, ...value, sinceMillis)?.due;
  const good = due == null ? [] : windows(GOOD, Number(due), Number(due));
  const known = Math.max(...good.map(([, to]) => to));
  return [isoOf(known > start && known < end ? known : start), isoOf(end)];
}
