import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { type KpiGrouping, money, type OutcomeRoles, rowsOf, some } from "./outcome-rows.ts";

/** Per group: what `accountMetrics` needs, from one pass over the rows of each entity in order of time. */
export function accountSums(
  selection: Selection,
  roles: OutcomeRoles & { readonly entity: string; readonly time: string },
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  // Without an identity by all that counts of a row, so that the order in which rows come decides nothing.
  const order = [roles.time, roles.identity ?? "db_alerted, db_truth, db_amount"].join(", ");
  const amount = roles.amount === null ? "0" : money(roles.amount, roles.money.amount, dialect);
  // An account lives inside its slice and chunk; over all rows it is the account of all of them.
  const part = (
    by: string,
    name: string,
    label: string,
    key: string,
  ): string => `SELECT '${name}' AS which, ${label} FROM (
  SELECT *, sum(CASE WHEN db_alerted THEN 1 ELSE 0 END) OVER (PARTITION BY ${by} ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS db_alerts FROM db_rows
) GROUP BY ${key}`;
  const entity = (
    keys: string,
  ): string => `${keys}, db_entity, ${some("db_truth")} AS is_fraud, ${some("db_alerted")} AS is_alerted,
    coalesce(sum(db_amount) FILTER (WHERE db_truth), 0) AS fraud_amount,
    coalesce(sum(db_amount) FILTER (WHERE db_truth AND db_alerts >= 1), 0) AS from_first,
    coalesce(sum(db_amount) FILTER (WHERE db_truth AND (db_alerts >= 2 OR (db_alerts = 1 AND NOT db_alerted))), 0) AS after_first,
    coalesce(sum(db_amount) FILTER (WHERE db_truth AND db_alerted), 0) AS alerted_amount`;
  const parts = [
    part("db_entity", "all", entity("CAST(NULL AS VARCHAR) AS slice, CAST(NULL AS INTEGER) AS chunk"), "db_entity"),
  ];
  if (grouping.slice !== null)
    parts.push(
      part(
        "db_entity, db_slice",
        "slice",
        entity("db_slice AS slice, CAST(NULL AS INTEGER) AS chunk"),
        "db_entity, db_slice",
      ),
    );
  if (grouping.chunks.length > 0)
    parts.push(
      part(
        "db_entity, db_chunk",
        "chunk",
        entity("CAST(NULL AS VARCHAR) AS slice, db_chunk AS chunk"),
        "db_entity, db_chunk",
      ),
    );
  return `WITH db_rows AS (
  SELECT * FROM (${rowsOf(selection, roles, grouping, [`${roles.entity} AS db_entity`, `${amount} AS db_amount`], dialect)}) WHERE db_entity IS NOT NULL
), db_accounts AS (${parts.join("\nUNION ALL\n")})
SELECT which, slice, chunk, count(*) FILTER (WHERE is_fraud) AS fraud_accounts,
  count(*) FILTER (WHERE is_fraud AND is_alerted) AS detected, count(*) FILTER (WHERE NOT is_fraud AND is_alerted) AS alerted_non_fraud,
  CAST(coalesce(sum(fraud_amount), 0) AS DOUBLE PRECISION) AS fraud_amount, CAST(coalesce(sum(from_first), 0) AS DOUBLE PRECISION) AS from_first,
  CAST(coalesce(sum(after_first), 0) AS DOUBLE PRECISION) AS after_first, CAST(coalesce(sum(alerted_amount), 0) AS DOUBLE PRECISION) AS alerted_amount
FROM db_accounts GROUP BY which, slice, chunk ORDER BY which, slice, chunk`;
}
