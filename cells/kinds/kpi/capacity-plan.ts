import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { money, type OutcomeRoles, rowsOf, some } from "./outcome-rows.ts";

/** Per day and score: rows, positives, unlabelled, amount of positives; with `byEntity` one row an entity and day. */
export function capacityGroups(
  selection: Selection,
  roles: OutcomeRoles & { readonly score: string; readonly time: string },
  byEntity: boolean,
  zone: string,
  dialect: Dialect,
): string {
  const day = dialect.unitStart("day", roles.time, zone);
  const amount = roles.amount === null ? "0" : money(roles.amount, roles.money, dialect);
  const rows = rowsOf(
    selection,
    roles,
    { slice: null, chunks: [] },
    [
      `${day} AS db_day`,
      `CASE WHEN ${dialect.isFinite(dialect.double(roles.score))} THEN ${dialect.double(roles.score)} END AS db_score`,
      `${amount} AS db_amount`,
      ...(roles.entity === null ? [] : [`${roles.entity} AS db_entity`]),
    ],
    dialect,
  );
  const cases =
    byEntity && roles.entity !== null
      ? `SELECT db_day, max(db_score) AS db_score, ${some("db_truth")} AS db_truth, sum(db_amount) FILTER (WHERE db_truth) AS db_amount FROM (${rows}) GROUP BY db_day, db_entity`
      : `SELECT db_day, db_score, db_truth, db_amount FROM (${rows})`;
  return `SELECT db_day AS day, db_score AS score, count(*) AS n, count(*) FILTER (WHERE db_truth) AS positives,
  count(*) FILTER (WHERE db_truth IS NULL) AS unlabelled, CAST(coalesce(sum(db_amount) FILTER (WHERE db_truth), 0) AS DOUBLE PRECISION) AS amount
FROM (${cases}) WHERE db_score IS NOT NULL GROUP BY db_day, db_score ORDER BY day, score DESC`;
}
