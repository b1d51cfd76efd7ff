import { fromClause } from "../../monitoring/selection.ts";
import { shareOf } from "./check-spec.ts";
import type { Makers, Probe } from "./probe.ts";
import { isNone, percent, rowsProbe } from "./probe-parts.ts";

/** Which rows belong together, or to others. */
export const keyProbes: Makers<"unique" | "duplicates" | "references" | "labels"> = {
  unique: (expected, { selection, dialect, column }) =>
    expected.map((key) => {
      const names = typeof key === "string" ? [key] : key;
      const list = names.map((name) => column(name, "unique")).join(", ");
      const groups = `SELECT ${list}, count(*) AS "rows" ${fromClause(selection, dialect)} GROUP BY ${list} HAVING count(*) > 1`;
      return {
        name: "unique",
        subject: names.join(", "),
        expected: "no value twice",
        bad: { type: "above", value: 0 },
        unit: "groups",
        measure: { type: "statement", sql: `SELECT CAST(count(*) AS DOUBLE PRECISION) AS value FROM (${groups})` },
        failing: groups,
        judgesEmpty: false,
      };
    }),

  duplicates: (expected, { selection, dialect }) => {
    const most = shareOf(expected);
    const isCount = typeof expected === "number" && Number.isInteger(expected);
    const all = selection.relation.columns.map(({ name }) => dialect.name(name)).join(", ");
    const groups = `SELECT count(*) AS n ${fromClause(selection, dialect)} GROUP BY ${all}`;
    const value = isCount ? "sum(n - 1)" : "CAST(sum(n - 1) AS DOUBLE PRECISION) / nullif(sum(n), 0)";
    return [
      {
        name: "duplicates",
        subject: null,
        expected: isCount
          ? `at most ${most} rows that repeat another`
          : `at most ${percent(most)} of rows repeat another`,
        bad: { type: "above", value: most },
        unit: isCount ? "rows" : "share",
        measure: { type: "statement", sql: `SELECT CAST(${value} AS DOUBLE PRECISION) AS value FROM (${groups})` },
        failing: null,
        judgesEmpty: false,
      },
    ];
  },

  references: (expected, context) =>
    Object.entries(expected).map(([name, { from, column }]) => {
      const { dialect } = context;
      const own = context.column(name, "references");
      const known = `SELECT ${dialect.name(column)} FROM ${context.relation(from, column)}`;
      return rowsProbe(
        "references",
        name,
        `every value is in ${from}.${column}`,
        context,
        `${own} IS NOT NULL AND ${own} NOT IN (SELECT k FROM (${known}) AS t(k) WHERE k IS NOT NULL)`,
      );
    }),

  labels: ({ known, conflicting }, context) => {
    const column = context.column("label", "labels");
    const found: Probe[] = [];
    if (known !== undefined) {
      const condition = isNone("label", known, "labels", context);
      found.push(rowsProbe("labels", "known", `labels are ${known.join(", ")}`, context, condition));
    }
    const features = context.selection.relation.roles?.features.map(({ name }) => context.dialect.name(name)) ?? [];
    if (conflicting !== undefined && features.length > 0) {
      const groups = `SELECT ${features.join(", ")}, count(*) AS "rows", count(DISTINCT ${column}) AS labels ${fromClause(context.selection, context.dialect)} GROUP BY ${features.join(", ")}`;
      found.push({
        name: "labels",
        subject: "conflicting",
        expected: `at most ${percent(shareOf(conflicting))} of rows have equal features and another label`,
        bad: { type: "above", value: shareOf(conflicting) },
        unit: "share",
        measure: {
          type: "statement",
          sql: `SELECT CAST(sum("rows") FILTER (WHERE labels > 1) AS DOUBLE PRECISION) / nullif(sum("rows"), 0) AS value FROM (${groups})`,
        },
        failing: `SELECT * FROM (${groups}) WHERE labels > 1`,
        judgesEmpty: false,
      });
    }
    return found;
  },
};
