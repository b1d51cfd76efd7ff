import { fromClause } from "../../monitoring/selection.ts";
import { secondsOf, shareOf } from "./check-spec.ts";
import type { Makers } from "./probe.ts";
import { percent, spanOf } from "./probe-parts.ts";

/** How many rows there are, how new they are, and of what columns. */
export const arrivalProbes: Makers<"rows" | "fresh" | "schema"> = {
  rows: (expected, context) => {
    const count = { type: "aggregate", sql: "count(*)" } as const;
    const common = { name: "rows", subject: null, failing: null, judgesEmpty: true } as const;
    if ("like" in expected) {
      const within = shareOf(expected.within);
      const { dialect } = context;
      const sql = `SELECT CAST((SELECT count(*) ${fromClause(context.selection, dialect)}) AS DOUBLE PRECISION) / nullif((SELECT count(*) ${fromClause(context.before(expected.like), dialect)}), 0) AS value`;
      const before = expected.like === "previous" ? "the window before" : "the same weekday before";
      return [
        {
          ...common,
          subject: expected.like,
          expected: `as many rows as ${before}, within ${percent(within)}`,
          bad: { type: "outside", low: 1 - within, high: 1 + within },
          unit: "ratio",
          measure: { type: "statement", sql },
        },
      ];
    }
    return [{ ...common, ...spanOf(expected.min, expected.max, "rows"), unit: "rows", measure: count }];
  },

  fresh: (written, { selection, asOf, dialect, column }) => {
    const { relation } = selection;
    const name = relation.columns.some((one) => one.name === "recorded_at") ? "recorded_at" : relation.time;
    const latest = column(name ?? "recorded_at", "fresh");
    const from = fromClause({ ...selection, window: null }, dialect);
    return [
      {
        name: "fresh",
        subject: name,
        expected: `the newest row at most ${written.trim()} old`,
        bad: { type: "above", value: secondsOf(written) },
        unit: "seconds",
        measure: {
          type: "statement",
          sql: `SELECT ${dialect.seconds(`max(${latest})`, dialect.instant(asOf))} AS value ${from}`,
        },
        failing: null,
        judgesEmpty: true,
      },
    ];
  },

  schema: ({ columns = {}, only = false }, { selection }) => {
    const present = new Map(selection.relation.columns.map(({ name, type }) => [name, type]));
    const differences = Object.entries(columns).flatMap(([name, type]) => {
      const found = present.get(name);
      if (found === undefined) return [`${name} is missing`];
      return found.toUpperCase() === type.toUpperCase() ? [] : [`${name} is ${found}, not ${type}`];
    });
    if (only)
      for (const name of present.keys()) if (!Object.hasOwn(columns, name)) differences.push(`${name} was added`);
    const found = differences.length === 0 ? "as expected" : differences.join("; ");
    return [
      {
        name: "schema",
        subject: null,
        expected: `${Object.keys(columns).length} columns with their types${only ? " and no others" : ""}`,
        bad: { type: "above", value: 0 },
        unit: "differences",
        measure: { type: "known", value: differences.length, found },
        failing: null,
        judgesEmpty: true,
      },
    ];
  },
};
