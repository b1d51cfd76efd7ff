import { chunkNumber } from "../../monitoring/chunk-number.ts";
import type { Dialect } from "../../monitoring/dialect.ts";
import { fromClause, type Selection } from "../../monitoring/selection.ts";
import type { KpiGrouping } from "./outcome-rows.ts";

/**
 * Of labels of decisions older than the horizon: class, whole hours until known, rows. A label by silence is known when the
 * rule's time is over.
 */
export function labelDelays(
  outcomes: string,
  asOf: string,
  horizonMillis: number,
  silenceMillis: number | null,
  dialect: Dialect,
): string {
  const oldest = new Date(Date.parse(asOf) - horizonMillis).toISOString();
  const stated = `ceil(greatest(0, ${dialect.seconds("decided_at", "label_known_at")}) / 3600)`;
  const silent = silenceMillis === null ? "NULL" : String(Math.ceil(silenceMillis / 3_600_000));
  return `SELECT CAST(label AS VARCHAR) AS class, CAST(CASE WHEN label_source = 'silence' THEN ${silent} ELSE ${stated} END AS INTEGER) AS hours, count(*) AS n
FROM ${outcomes} WHERE decided_at < ${dialect.instant(oldest)} AND label IS NOT NULL
  AND (label_source = 'silence' OR label_known_at IS NOT NULL) GROUP BY 1, 2 ORDER BY class, hours`;
}

/** Rows by whole days of age at as-of. */
export function agesOf(
  selection: Selection,
  time: string,
  asOf: string,
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  const chunk = chunkNumber(time, grouping.chunks, dialect);
  return `SELECT ${chunk} AS chunk, CAST(floor(${dialect.seconds(time, dialect.instant(asOf))} / 86400) AS INTEGER) AS age, count(*) AS n ${fromClause(selection, dialect)} GROUP BY 1, 2 ORDER BY chunk, age`;
}
