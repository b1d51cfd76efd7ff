import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { type KpiGrouping, money, type OutcomeRoles, rowsOf, some } from "./outcome-rows.ts";

type Roles = OutcomeRoles & { readonly score: string; readonly time: string };
type CapacitySpec = Pick<KpiSpec, "k" | "caseByEntity">;

/** What tells one day's cases of one part of the rows from others. */
const DAY = "which, slice, chunk, day";

/**
 * Per part of the rows (`which`, `slice`, `chunk`), day and score: rows or cases, positives, unlabelled, amount of positives.
 * Scores below those that k alerts reach are one group. A row without score has the amount of the day's k largest positives.
 */
export function capacityGroups(
  selection: Selection,
  roles: Roles,
  spec: CapacitySpec,
  grouping: KpiGrouping,
  zone: string,
  dialect: Dialect,
): string {
  return `WITH ${casesOf(selection, roles, spec, grouping, zone, dialect)}, db_groups AS (
  SELECT ${DAY}, db_score, count(*) AS n, count(*) FILTER (WHERE db_truth) AS positives,
    count(*) FILTER (WHERE db_truth IS NULL) AS unlabelled, coalesce(sum(db_amount) FILTER (WHERE db_truth), 0) AS amount
  FROM db_cases GROUP BY ${DAY}, db_score
), db_ranked AS (
  SELECT *, sum(n) OVER (PARTITION BY ${DAY} ORDER BY db_score DESC ROWS UNBOUNDED PRECEDING) - n AS db_above FROM db_groups
), db_positives AS (
  SELECT ${DAY}, db_amount, row_number() OVER (PARTITION BY ${DAY} ORDER BY db_amount DESC) AS db_place FROM db_cases WHERE db_truth
)
SELECT ${DAY}, max(db_score) AS score, CAST(sum(n) AS DOUBLE PRECISION) AS n, CAST(sum(positives) AS DOUBLE PRECISION) AS positives,
  CAST(sum(unlabelled) AS DOUBLE PRECISION) AS unlabelled, CAST(sum(amount) AS DOUBLE PRECISION) AS amount
FROM db_ranked GROUP BY ${DAY}, CASE WHEN db_above < ${spec.k} THEN db_score END
UNION ALL
SELECT ${DAY}, NULL, 0, 0, 0, CAST(coalesce(sum(db_amount), 0) AS DOUBLE PRECISION)
FROM db_positives WHERE db_place <= ${spec.k} GROUP BY ${DAY}
ORDER BY which, slice, chunk, day, score DESC`;
}

/**
 * The cases of each part and day by their rank: score from high to low, ties by the hash of the entity, or of the row where
 * there is none. Only those that can be among k alerts when those caught before are left out, and all positives.
 */
export function rankedCases(
  selection: Selection,
  roles: Roles & { readonly entity: string },
  spec: CapacitySpec,
  grouping: KpiGrouping,
  zone: string,
  dialect: Dialect,
): string {
  // On each day before at most k entities were caught, and never more than are ever positive.
  const reach = `least(db_at * ${spec.k}, ${spec.k} + (SELECT count(DISTINCT db_key) FROM db_cases WHERE db_truth))`;
  return `WITH ${casesOf(selection, roles, spec, grouping, zone, dialect)}, db_ranked AS (
  SELECT *, row_number() OVER (PARTITION BY ${DAY} ORDER BY db_score DESC, db_tie) AS db_rank,
    dense_rank() OVER (PARTITION BY which, slice ORDER BY day, chunk) AS db_at FROM db_cases
)
SELECT ${DAY}, CAST(db_key AS VARCHAR) AS entity, db_truth AS positive,
  CAST(CASE WHEN db_truth THEN coalesce(db_amount, 0) ELSE 0 END AS DOUBLE PRECISION) AS amount
FROM db_ranked WHERE db_rank <= ${reach} OR db_truth ORDER BY which, slice, day, chunk, db_rank`;
}

/** A case is a row, or an entity on a day: its highest score, positive if any of its rows is. A row without entity is one. */
function casesOf(
  selection: Selection,
  roles: Roles,
  { caseByEntity }: CapacitySpec,
  grouping: KpiGrouping,
  zone: string,
  dialect: Dialect,
): string {
  const score = dialect.double(roles.score);
  const amount = roles.amount === null ? "0" : money(roles.amount, roles.money.amount, dialect);
  const row = dialect.hash(roles.identity === null ? ["db_score", "db_truth", "db_amount"] : [roles.identity]);
  const columns = [
    `${dialect.unitStart("day", roles.time, zone)} AS db_day`,
    `CASE WHEN ${dialect.isFinite(score)} THEN ${score} END AS db_score`,
    `${amount} AS db_amount`,
    `${caseByEntity && roles.entity !== null ? roles.entity : "NULL"} AS db_entity`,
  ];
  const parts = [
    { which: "all", slice: "CAST(NULL AS VARCHAR)", chunk: "CAST(NULL AS INTEGER)", by: "" },
    ...(grouping.slice === null
      ? []
      : [{ which: "slice", slice: "db_slice", chunk: "CAST(NULL AS INTEGER)", by: "db_slice, " }]),
    ...(grouping.chunks.length === 0
      ? []
      : [{ which: "chunk", slice: "CAST(NULL AS VARCHAR)", chunk: "db_chunk", by: "db_chunk, " }]),
  ].flatMap(({ which, slice, chunk, by }) => {
    const head = `SELECT '${which}' AS which, ${slice} AS slice, ${chunk} AS chunk, db_day AS day`;
    const alone = `${head}, db_score, db_truth, db_amount, NULL AS db_key, ${row} AS db_tie FROM db_rows WHERE db_entity IS NULL`;
    if (!caseByEntity || roles.entity === null) return [alone];
    const key = dialect.hash(["db_entity"]);
    return [
      `${head}, max(db_score) AS db_score, ${some("db_truth")} AS db_truth, sum(db_amount) FILTER (WHERE db_truth) AS db_amount, ${key} AS db_key, ${key} AS db_tie FROM db_rows WHERE db_entity IS NOT NULL GROUP BY ${by}db_day, db_entity`,
      alone,
    ];
  });
  return `db_rows AS (${rowsOf(selection, roles, grouping, columns, dialect)}
), db_cases AS (SELECT * FROM (${parts.join("\nUNION ALL\n")}) AS db_all WHERE db_score IS NOT NULL)`;
}
