import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { groupingSets, which } from "./group-rows.ts";
import { type KpiGrouping, type OutcomeRoles, rowsOf } from "./outcome-rows.ts";

/** Per group, the sums that `regressionMetrics` takes; rows without truth or score do not count. */
export function regressionSums(
  selection: Selection,
  roles: OutcomeRoles & { readonly score: string; readonly actual: string },
  grouping: KpiGrouping,
  quantile: number,
  dialect: Dialect,
): string {
  const [y, f] = [dialect.double(roles.actual), dialect.double(roles.score)];
  const rows = rowsOf(selection, roles, grouping, [`${y} AS db_y`, `${f} - ${y} AS db_e`, `${f} AS db_f`], dialect);
  const symmetric = "CASE WHEN db_y = 0 AND db_f = 0 THEN 0 ELSE 2 * abs(db_e) / (abs(db_y) + abs(db_f)) END";
  const columns = [
    which(grouping),
    "count(*) AS n",
    "sum(abs(db_e) ORDER BY abs(db_e)) AS abs_sum",
    "sum(db_e * db_e ORDER BY abs(db_e)) AS squared_sum",
    "sum(db_e ORDER BY db_e) AS error_sum",
    "sum(db_centred ORDER BY db_centred) AS y_sum",
    "sum(db_centred * db_centred ORDER BY db_centred) AS y_squared",
    "count(*) FILTER (WHERE db_y = 0) AS zeros",
    "sum(abs(db_e / db_y) ORDER BY abs(db_e / db_y)) FILTER (WHERE db_y <> 0) AS percent_sum",
    `sum(${symmetric} ORDER BY ${symmetric}) AS symmetric_sum`,
    `sum(CASE WHEN db_e < 0 THEN ${quantile} * -db_e ELSE ${1 - quantile} * db_e END ORDER BY db_e) AS pinball_sum`,
  ];
  // Centred, so that the spread of a truth far from zero keeps its digits; the middle value does not depend on order.
  return `WITH db_rows AS (SELECT * FROM (${rows}) WHERE ${dialect.isFinite("db_e")}
), db_middle AS (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY db_y) AS db_middle FROM db_rows
)
SELECT ${columns.join(", ")} FROM (SELECT *, db_y - db_middle AS db_centred FROM db_rows, db_middle) ${groupingSets(grouping, "")} ORDER BY which, slice, chunk`;
}
