import { fromClause } from "../../monitoring/selection.ts";
import { shareOf } from "./check-spec.ts";
import type { Makers } from "./probe.ts";
import { aggregates, finiteOf, percent, spanOf } from "./probe-parts.ts";

/** What all values of a column make together. */
export const statisticProbes: Makers<"sum" | "mean" | "std" | "quantile" | "distinct" | "constant" | "most_common"> = {
  // Doubles are added in order: their sum must not depend on how the rows lie.
  sum: (expected, context) => aggregates("sum", expected, context, (column) => `sum(${column} ORDER BY ${column})`),

  mean: (expected, context) => aggregates("mean", expected, context, (column) => `avg(${column} ORDER BY ${column})`),

  std: (expected, context) =>
    aggregates("std", expected, context, (column) => `stddev_samp(${column} ORDER BY ${column})`),

  quantile: (expected, context) =>
    Object.entries(expected).map(([name, { at, min, max }]) => ({
      ...spanOf(min, max, "value"),
      name: "quantile",
      subject: name,
      expected: `quantile ${at} ${spanOf(min, max, "value").expected}`,
      unit: "value",
      measure: {
        type: "aggregate",
        sql: `percentile_cont(${at}) WITHIN GROUP (ORDER BY CAST(${finiteOf(name, "quantile", context)} AS DOUBLE PRECISION))`,
      },
      failing: null,
      judgesEmpty: false,
    })),

  distinct: (expected, context) => aggregates("distinct", expected, context, (column) => `count(DISTINCT ${column})`),

  constant: (expected, context) =>
    (typeof expected === "string" ? [expected] : expected).map((name) => ({
      name: "constant",
      subject: name,
      expected: "one value in all rows",
      bad: { type: "above", value: 1 },
      unit: "value",
      measure: { type: "aggregate", sql: `count(DISTINCT ${context.column(name, "constant")})` },
      failing: null,
      judgesEmpty: false,
    })),

  most_common: (expected, context) =>
    Object.entries(expected).map(([name, written]) => {
      const column = context.column(name, "most_common");
      const counts = `SELECT count(*) AS n ${fromClause(context.selection, context.dialect)} GROUP BY ${column}`;
      return {
        name: "most_common",
        subject: name,
        expected: `no value in more than ${percent(shareOf(written))} of rows`,
        bad: { type: "above", value: shareOf(written) },
        unit: "share",
        measure: {
          type: "statement",
          sql: `SELECT CAST(max(n) AS DOUBLE PRECISION) / nullif(sum(n), 0) AS value FROM (${counts})`,
        },
        failing: null,
        judgesEmpty: false,
      };
    }),
};
