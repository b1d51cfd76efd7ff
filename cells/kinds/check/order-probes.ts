import { fromClause } from "../../monitoring/selection.ts";
import { secondsOf } from "./check-spec.ts";
import type { Makers } from "./probe.ts";

/** What one row must be to the row before it. */
export const orderProbes: Makers<"order" | "gaps"> = {
  order: (expected, context) =>
    Object.entries(expected).map(([name, by]) => {
      const column = context.column(name, "order");
      const from = fromClause(context.selection, context.dialect);
      const steps = `SELECT *, lag(${column}) OVER (ORDER BY ${context.column(by, "order")}, ${column}) AS "value before" ${from}`;
      const failing = `SELECT * FROM (${steps}) WHERE ${column} < "value before"`;
      return {
        name: "order",
        subject: name,
        expected: `never falls in the order of ${by}`,
        bad: { type: "above", value: 0 },
        unit: "rows",
        measure: { type: "statement", sql: `SELECT CAST(count(*) AS DOUBLE PRECISION) AS value FROM (${failing})` },
        failing,
        judgesEmpty: false,
      };
    }),

  gaps: (expected, context) =>
    Object.entries(expected).map(([name, written]) => {
      const column = context.column(name, "gaps");
      const from = fromClause(context.selection, context.dialect);
      const steps = `SELECT lag(${column}) OVER (ORDER BY ${column}) AS "from", ${column} AS "to" ${from}`;
      const seconds = context.dialect.seconds('"from"', '"to"');
      return {
        name: "gaps",
        subject: name,
        expected: `no gap longer than ${written.trim()}`,
        bad: { type: "above", value: secondsOf(written) },
        unit: "seconds",
        measure: { type: "statement", sql: `SELECT max(${seconds}) AS value FROM (${steps})` },
        failing: `SELECT * FROM (${steps}) WHERE ${seconds} > ${secondsOf(written)}`,
        judgesEmpty: false,
      };
    }),
};
