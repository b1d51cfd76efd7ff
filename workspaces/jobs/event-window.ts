import type { Statements } from "../monitor/statements.ts";
import { isoOf } from "./job-rows.ts";
import type { ValueOfJob } from "./past-values.ts";

/** Windows of a value in runs that count for alerts; the index is named as in `PAST_VALUES`. */
const WINDOWS = `
SELECT one.window_start, one.window_end FROM runs CROSS JOIN run_readings AS one INDEXED BY run_readings_of_value
ON one.run = runs.id AND cell = ?4 AND metric = ?5 AND subject IS ?6 AND slice IS ?7 AND beside = 0
WHERE job = ?1 AND scheduled_for_millis BETWEEN ?2 AND ?3 AND alerts = 1 AND purpose <> 'replay' AND state = 'done'
  AND one.window_start IS NOT NULL`;
const BEFORE = `
SELECT max(scheduled_for_millis) AS due FROM runs CROSS JOIN run_readings AS one INDEXED BY run_readings_of_value
ON one.run = runs.id AND cell = ?3 AND metric = ?4 AND subject IS ?5 AND slice IS ?6 AND beside = 0
WHERE job = ?1 AND scheduled_for_millis < ?2 AND alerts = 1 AND purpose <> 'replay' AND state = 'done'
  AND one.verdict IN ('ok', 'warn')`;

/**
 * What an alert on a value was about, in event time: all windows of the runs due from `sinceMillis` to `untilMillis` that
 * were past their bound, without what the last good window before them had in it already. Null where none has a window.
 */
export function eventWindow(
  sql: Statements,
  of: ValueOfJob,
  { sinceMillis, untilMillis }: { readonly sinceMillis: number; readonly untilMillis: number },
): readonly [start: string, end: string] | null {
  const value = [of.cell, of.metric, of.subject, of.slice];
  const windows = (from: number, to: number, verdicts: string): (readonly [number, number])[] =>
    sql
      .all(`${WINDOWS} AND one.verdict IN (${verdicts})`, of.job, from, to, ...value)
      .map((row) => [Date.parse(String(row.window_start)), Date.parse(String(row.window_end))] as const);
  const failing = windows(sinceMillis, untilMillis, "'fail'");
  if (failing.length === 0) return null;
  const [start, end] = [Math.min(...failing.map(([from]) => from)), Math.max(...failing.map(([, to]) => to))];
  const due = sql.get(BEFORE, of.job, sinceMillis, ...value)?.due;
  const good = due == null ? [] : windows(Number(due), Number(due), "'ok', 'warn'");
  const known = Math.max(...good.map(([, to]) => to));
  return [isoOf(known > start && known < end ? known : start), isoOf(end)];
}
