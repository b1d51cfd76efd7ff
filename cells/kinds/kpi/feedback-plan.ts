import type { Dialect } from "../../monitoring/dialect.ts";
import { fromClause, type Selection } from "../../monitoring/selection.ts";

/** What of a stream's feedback a reader may wonder about, all at the as-of. */
export interface FeedbackCounts {
  /** About decisions of the window, and observed before they were decided. */
  readonly early: number;
  /** About decisions of the window, and superseded by other feedback. */
  readonly superseded: number;
  /** Of the whole stream: about decisions that are not there. */
  readonly orphans: number;
  /** Of the whole stream: events in quarantine whose id had come before with other content. */
  readonly conflicts: number;
}

/** One row of `FeedbackCounts`; the selection's rows are outcomes of the stream, with its time and `decision_id`. */
export function feedbackCounts(selection: Selection, stream: string, time: string, dialect: Dialect): string {
  const log = (name: string): string => `${dialect.name(stream)}.${name}`;
  return `WITH own AS (SELECT decision_id, ${time} AS db_time ${fromClause(selection, dialect)}
), heard AS (
  SELECT said.feedback_id, said.observed_at, own.db_time FROM ${log("feedback")} AS said JOIN own ON own.decision_id = said.decision_id
), answered AS (
  SELECT decision_id FROM ${log("decisions")} WHERE decision_id IN (SELECT decision_id FROM ${log("feedback")})
)
SELECT
  (SELECT count(*) FROM heard WHERE observed_at < db_time) AS early,
  (SELECT count(*) FROM heard WHERE feedback_id IN (SELECT supersedes FROM ${log("feedback")} WHERE supersedes IS NOT NULL)) AS superseded,
  (SELECT count(*) FROM ${log("feedback")} AS said WHERE NOT EXISTS (SELECT 1 FROM answered WHERE answered.decision_id = said.decision_id)) AS orphans,
  (SELECT count(*) FROM ${log("quarantine")} WHERE kind = 'conflict') AS conflicts`;
}
