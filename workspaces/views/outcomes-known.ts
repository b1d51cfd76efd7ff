import { instantSql, quoteName } from "../lake/sql-text.ts";
import type { StreamShape } from "../lake/stream-shape.ts";
import { chosenFeedback, outcomeColumns } from "./outcomes-view.ts";

/** By days windows are found at the cost of one equality: a join by ranges would sort all decisions. */
const day = (instant: string): string => `epoch_us(${instant}) // 86400000000`;

interface OutcomesKnown {
  readonly shape: StreamShape;
  readonly asOfMicros: number;
  /** SELECTs of the logs' rows with `db_from` and `db_until`. */
  readonly decisions: string;
  readonly feedback: string;
}

/**
 * A table macro `outcomes_known([{start, end, known_by}, …])`: the outcomes of the decisions of each window as they were
 * at its moment, which stands in `db_known_by`: what the view `outcomes` has at that as-of. Windows are half-open and do
 * not overlap; a moment after the as-of is the as-of. One statement measures the past of a whole series.
 */
export function outcomesKnown({ shape, asOfMicros, decisions, feedback }: OutcomesKnown): string {
  const at = "db_from <= db_known_by AND db_known_by < db_until";
  return `CREATE OR REPLACE MACRO ${quoteName(shape.stream)}.outcomes_known(moments) AS TABLE
WITH asked AS (
  SELECT one.start AS db_start, one."end" AS db_end, least(one.known_by, ${instantSql(asOfMicros)}) AS db_known_by
  FROM (SELECT unnest(moments) AS one)
),
asked_days AS (SELECT *, unnest(range(${day("db_start")}, ${day("db_end")} + 1)) AS db_day FROM asked),
decisions AS (
  SELECT * EXCLUDE (db_from, db_until, db_start, db_end, db_day) FROM (\n${decisions}) AS every_decision
  JOIN asked_days ON ${day("every_decision.decided_at")} = db_day WHERE decided_at >= db_start AND decided_at < db_end AND ${at}
),
every_feedback AS (\n${feedback}),
heard AS (
  SELECT every_feedback.* EXCLUDE (db_from, db_until), db_known_by
  FROM every_feedback JOIN (SELECT decision_id, db_known_by FROM decisions) USING (decision_id) WHERE ${at}
),
superseded AS (
  SELECT DISTINCT heard.feedback_id, db_known_by FROM heard JOIN every_feedback AS later ON later.supersedes = heard.feedback_id
  WHERE later.db_from <= db_known_by AND db_known_by < later.db_until
),
candidates AS (
  SELECT heard.*, superseded.feedback_id IS NULL AS stands FROM heard LEFT JOIN superseded USING (feedback_id, db_known_by)
),
chosen AS (SELECT decision_id, db_known_by, ${chosenFeedback(shape)} FROM candidates GROUP BY decision_id, db_known_by),
standing AS (SELECT decision_id, db_known_by, feedback_count, unnest(best) FROM chosen)
SELECT decisions.* EXCLUDE (reconstructed, db_known_by),
  ${outcomeColumns(shape, "decisions.db_known_by")},
  decisions.reconstructed, decisions.db_known_by
FROM decisions LEFT JOIN standing ON standing.decision_id = decisions.decision_id AND standing.db_known_by = decisions.db_known_by`;
}
