import { instantSql, quoteName, quoteText } from "../lake/sql-text.ts";
import type { StreamShape } from "../lake/stream-shape.ts";

/**
 * Decisions with the feedback that stands for them at T. Standing: of all feedback known by T, less what any of it
 * supersedes, the one of the best source, then latest recorded, then latest in the log. One that states neither label
 * nor value withdraws: the decision counts as unlabelled again. An unlabelled decision of the contract's silence rule
 * has the rule's label once it is old enough at T.
 */
export function outcomesView(shape: StreamShape, asOfMicros: number): string {
  const schema = quoteName(shape.stream);
  return `CREATE OR REPLACE VIEW ${schema}.outcomes AS
WITH known AS (SELECT * FROM ${schema}.feedback),
superseded AS (SELECT DISTINCT supersedes AS feedback_id FROM known WHERE supersedes IS NOT NULL),
candidates AS (
  SELECT known.*, superseded.feedback_id IS NULL AS stands FROM known LEFT JOIN superseded USING (feedback_id)
),
chosen AS (SELECT decision_id, ${chosenFeedback(shape)} FROM candidates GROUP BY decision_id),
standing AS (SELECT decision_id, feedback_count, unnest(best) FROM chosen)
SELECT decisions.* EXCLUDE (reconstructed),
  ${outcomeColumns(shape, instantSql(asOfMicros))},
  decisions.reconstructed
FROM ${schema}.decisions LEFT JOIN standing USING (decision_id)`;
}

/** `feedback_count` and `best` of a group of candidates, which tell by `stands` whether nothing supersedes them. */
export function chosenFeedback(shape: StreamShape): string {
  const priority =
    shape.sources.length === 0
      ? "0"
      : `CASE source ${shape.sources.map((source, index) => `WHEN ${quoteText(source)} THEN ${-index}`).join(" ")} ELSE ${-shape.sources.length} END`;
  return `count(*) AS feedback_count,
    arg_max({label: label, label_value: value, label_source: source, observed_at: observed_at,
      label_recorded_at: recorded_at, label_known_at: known_at, inclusion_probability: inclusion_probability},
      {priority: ${priority}, recorded: epoch_us(recorded_at), position: log_position}) FILTER (WHERE stands) AS best`;
}

/** What `outcomes` has beyond the columns of a row of `decisions`, of it and its row of `standing`. `at`: SQL of the moment. */
export function outcomeColumns(shape: StreamShape, at: string): string {
  const stated = "(standing.label IS NOT NULL OR standing.label_value IS NOT NULL)";
  const silent = silentCondition(shape, at);
  const means = shape.silence === null ? "NULL" : `CAST(${quoteText(shape.silence.means)} AS ${shape.labelType})`;
  const ifStated = (column: string): string => `CASE WHEN ${stated} THEN standing.${column} END AS ${column}`;
  return `CASE WHEN ${stated} THEN standing.label WHEN ${silent} THEN ${means} END AS label,
  ${ifStated("label_value")},
  CASE WHEN ${stated} THEN standing.label_source WHEN ${silent} THEN 'silence' END AS label_source,
  ${ifStated("observed_at")}, ${ifStated("label_recorded_at")}, ${ifStated("label_known_at")},
  ${ifStated("inclusion_probability")},
  coalesce(standing.feedback_count, 0) AS feedback_count`;
}

function silentCondition({ silence }: StreamShape, at: string): string {
  if (silence === null || silence.decisions.length === 0) return "false";
  const list = silence.decisions.map(quoteText).join(", ");
  return `(decisions.decision IN (${list}) AND decisions.decided_at <= make_timestamptz(epoch_us(${at}) - ${silence.afterMicros}))`;
}
