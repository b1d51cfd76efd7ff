import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { groupingSets, which } from "./group-rows.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { type KpiGrouping, money, type OutcomeRoles, rowsOf } from "./outcome-rows.ts";

/** Per group: rows by status, confusion counts, amounts and payoffs. */
export function confusionCounts(
  selection: Selection,
  roles: OutcomeRoles,
  spec: KpiSpec,
  grouping: KpiGrouping,
  dialect: Dialect,
): string {
  const classes = {
    tp: "db_truth AND db_alerted",
    fp: "NOT db_truth AND db_alerted",
    tn: "NOT db_truth AND NOT db_alerted",
    fn: "db_truth AND NOT db_alerted",
  };
  const sum = (condition: string, value: string, of: "amount" | "payoff"): string =>
    `CAST(coalesce(sum(${money(value, roles.money[of], dialect)}) FILTER (WHERE ${condition}), 0) AS DOUBLE PRECISION)`;
  const list = Object.entries(classes).flatMap(([name, condition]) => [
    `count(*) FILTER (WHERE ${condition}) AS ${name}`,
    ...(roles.amount === null ? [] : [`${sum(condition, roles.amount, "amount")} AS ${name}_amount`]),
  ]);
  const status = ["stated", "silent", "pending", "unknown"].map(
    (name) => `count(*) FILTER (WHERE db_status = '${name}') AS ${name}`,
  );
  const { payoff } = spec;
  const payoffs =
    payoff === null
      ? []
      : [
          ...Object.entries(classes).map(
            ([name, condition]) =>
              `${sum(condition, payoff[name as keyof typeof classes], "payoff")} AS ${name}_payoff`,
          ),
          `${sum("db_truth", payoff.tp, "payoff")} + ${sum("NOT db_truth", payoff.fp, "payoff")} AS always_yes`,
          `${sum("db_truth", payoff.fn, "payoff")} + ${sum("NOT db_truth", payoff.tn, "payoff")} AS always_no`,
        ];
  const rows = rowsOf(selection, roles, grouping, [], dialect);
  const columns = [which(grouping), "count(*) AS n", ...status, ...list, ...payoffs];
  return `SELECT ${columns.join(", ")} FROM (${rows}) ${groupingSets(grouping, "")} ORDER BY which, slice, chunk`;
}
