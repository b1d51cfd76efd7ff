import type { Makers } from "./probe.ts";
import { boundOf, isNone, percent, rowsProbe, shares } from "./probe-parts.ts";

/** What single values must be like. */
export const valueProbes: Makers<
  "missing" | "empty" | "zeros" | "range" | "values" | "pattern" | "parse" | "length" | "compare" | "future" | "no_rows"
> = {
  missing: (expected, context) =>
    shares(
      "missing",
      expected,
      context,
      (column) => `${column} IS NULL`,
      (most) => `at most ${percent(most)} missing`,
    ),

  empty: (expected, context) =>
    shares(
      "empty",
      expected,
      context,
      (column) => `trim(CAST(${column} AS VARCHAR)) = ''`,
      (most) => `at most ${percent(most)} empty texts`,
    ),

  zeros: (expected, context) =>
    shares(
      "zeros",
      expected,
      context,
      (column) => `${column} = 0`,
      (most) => `at most ${percent(most)} zeros`,
    ),

  range: (expected, context) =>
    Object.entries(expected).map(([name, [low, high]]) => {
      const column = context.column(name, "range");
      const { dialect } = context;
      const sides = [
        ...(low === null ? [] : [`${column} < ${boundOf(low, dialect)}`]),
        ...(high === null ? [] : [`${column} > ${boundOf(high, dialect)}`]),
      ];
      const text = low === null ? `at most ${high}` : high === null ? `at least ${low}` : `from ${low} to ${high}`;
      return rowsProbe("range", name, text, context, sides.length === 0 ? "false" : sides.join(" OR "));
    }),

  values: (expected, context) =>
    Object.entries(expected).map(([name, list]) => {
      const condition = isNone(name, list, "values", context);
      return rowsProbe("values", name, `one of ${list.join(", ")}`, context, condition);
    }),

  pattern: (expected, context) =>
    Object.entries(expected).map(([name, pattern]) => {
      const column = context.column(name, "pattern");
      const condition = `${column} IS NOT NULL AND NOT ${context.dialect.matches(`CAST(${column} AS VARCHAR)`, pattern)}`;
      return rowsProbe("pattern", name, `matches ${pattern}`, context, condition);
    }),

  parse: (expected, context) =>
    Object.entries(expected).map(([name, type]) => {
      const column = context.column(name, "parse");
      const condition = `${column} IS NOT NULL AND NOT ${context.dialect.reads(column, type)}`;
      return rowsProbe("parse", name, `every text is a ${type}`, context, condition);
    }),

  length: (expected, context) =>
    Object.entries(expected).map(([name, [low, high]]) => {
      const size = `char_length(CAST(${context.column(name, "length")} AS VARCHAR))`;
      const sides = [...(low === null ? [] : [`${size} < ${low}`]), ...(high === null ? [] : [`${size} > ${high}`])];
      const text = low === null ? `at most ${high}` : high === null ? `at least ${low}` : `from ${low} to ${high}`;
      return rowsProbe(
        "length",
        name,
        `${text} characters`,
        context,
        sides.length === 0 ? "false" : sides.join(" OR "),
      );
    }),

  compare: (expected, context) =>
    expected.map((condition) => rowsProbe("compare", condition, condition, context, `NOT (${condition})`)),

  future: (expected, context) =>
    (typeof expected === "string" ? [expected] : expected).map((name) => {
      const column = context.column(name, "future");
      return rowsProbe(
        "future",
        name,
        "not after the as-of",
        context,
        `${column} > ${context.dialect.instant(context.asOf)}`,
      );
    }),

  no_rows: (expected) =>
    Object.entries(expected).map(([name, sql]) => {
      const statement = sql.trim().replace(/;\s*$/, "");
      return {
        name: "no_rows",
        subject: name,
        expected: "no rows",
        bad: { type: "above", value: 0 },
        unit: "rows",
        measure: { type: "statement", sql: `SELECT CAST(count(*) AS DOUBLE PRECISION) AS value FROM (${statement}\n)` },
        failing: statement,
        judgesEmpty: true,
      };
    }),
};
