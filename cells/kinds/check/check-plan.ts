import type { Dialect } from "../../monitoring/dialect.ts";
import { fromClause, isFloatType, isNumericType, type Selection } from "../../monitoring/selection.ts";
import type { Bound, Verdict } from "../../results/reading.ts";
import { type CheckName, type Expectations, secondsOf, shareOf } from "./check-spec.ts";

/** One expectation as something to measure: it is broken when the measured value is past `bad`. */
export interface Probe {
  readonly name: CheckName;
  /** The column, or what else tells it from others of its name. */
  readonly subject: string | null;
  /** In words: "at least 1 000 rows". */
  readonly expected: string;
  readonly bad: Bound;
  /** How the value is said: "{} rows". */
  readonly unit: "rows" | "share" | "seconds" | "ratio" | "value" | "differences" | "groups";
  readonly measure: /** An aggregate over the selection: measured with others in one scan. */
    | { readonly type: "aggregate"; readonly sql: string }
    /** A statement of one row with the column `value`. */
    | { readonly type: "statement"; readonly sql: string }
    | { readonly type: "known"; readonly value: number | null; readonly found: string }
    /** Measured, and judged by more than its bound. */
    | { readonly type: "judged"; readonly value: number | null; readonly found: string; readonly judged: Judged }
    /** It cannot be measured as it is written. */
    | { readonly type: "problem"; readonly problem: string };
  /** A statement of the rows that break it; null where rows cannot show it. */
  readonly failing: string | null;
  /** It says something also of a window without rows. */
  readonly judgesEmpty: boolean;
}

/** A verdict that takes more than a bound, with what it was reached by. */
export interface Judged {
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** Values of the measured rows, and of the reference. */
  readonly n: number;
  readonly nReference: number;
  readonly pValue: number | null;
  readonly pAdjusted: number | null;
}

export interface ProbeContext {
  readonly selection: Selection;
  readonly asOf: string;
  readonly dialect: Dialect;
  /** The same selection over the window that the rows are held against. */
  readonly before: (like: "same weekday" | "previous") => Selection;
  /** SQL of another relation, by its name in `references`. @throws when there is none, or none with such a column */
  readonly relation: (from: string, column: string) => string;
  /** @throws when the relation has no such column */
  readonly column: (name: string, check: CheckName) => string;
}

type Maker<Name extends CheckName> = (
  expected: NonNullable<Expectations[Name]>,
  context: ProbeContext,
) => readonly Probe[];

const MAKERS: { readonly [Name in CheckName]: Maker<Name> } = {
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

  // Doubles are added in order: their sum must not depend on how the rows lie.
  sum: (expected, context) => aggregates("sum", expected, context, (column) => `sum(${column} ORDER BY ${column})`),
  mean: (expected, context) => aggregates("mean", expected, context, (column) => `avg(${column} ORDER BY ${column})`),
  std: (expected, context) =>
    aggregates("std", expected, context, (column) => `stddev_samp(${column} ORDER BY ${column})`),
  distinct: (expected, context) => aggregates("distinct", expected, context, (column) => `count(DISTINCT ${column})`),

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

  // Measured as drift is; see `distanceProbes`.
  distance: () => [],

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

/**
 * Everything that a level expects, in the order in which it is written. `orProblem` gives the probes, or a sentence where
 * they cannot be made: then the others are measured all the same.
 */
export function probesOf(
  expected: Expectations,
  context: ProbeContext,
  orProblem: (make: () => readonly Probe[]) => readonly Probe[] | string,
): Probe[] {
  return (Object.keys(expected) as CheckName[]).flatMap((name) => {
    const make = MAKERS[name] as (expected: unknown, context: ProbeContext) => readonly Probe[];
    const written: unknown = expected[name];
    const made = written === undefined ? [] : orProblem(() => make(written, context));
    if (typeof made !== "string") return made;
    return partsOf(name, written).flatMap(([subject, part]) => {
      const one = orProblem(() => make(part, context));
      return typeof one === "string" ? [problemProbe(name, subject, one)] : one;
    });
  });
}

/** An expectation of several columns as one for each of them. */
function partsOf(name: CheckName, written: unknown): [subject: string | null, part: unknown][] {
  if (Array.isArray(written)) return written.map((one) => [String(one), [one]]);
  const isTable = typeof written === "object" && written !== null && !UNDIVIDED.has(name);
  return isTable ? Object.entries(written).map(([key, value]) => [key, { [key]: value }]) : [[null, written]];
}
const UNDIVIDED: ReadonlySet<CheckName> = new Set(["rows", "schema", "labels"]);

export const problemProbe = (name: CheckName, subject: string | null, problem: string): Probe => ({
  name,
  subject,
  expected: "what can be measured",
  bad: { type: "above", value: 0 },
  unit: "value",
  measure: { type: "problem", problem },
  failing: null,
  judgesEmpty: true,
});

const typeOf = (name: string, { selection }: ProbeContext): string =>
  selection.relation.columns.find((column) => column.name === name)?.type ?? "";

/** A column of which only values are counted: NaN and infinities are none. */
function finiteOf(name: string, check: CheckName, context: ProbeContext): string {
  const column = context.column(name, check);
  const isFloat = isFloatType(typeOf(name, context));
  return isFloat ? `CASE WHEN ${context.dialect.isFinite(column)} THEN ${column} END` : column;
}

/** Whether a column is none of the listed values; numbers are compared as numbers, 1 being 1.0. */
function isNone(
  name: string,
  list: readonly (string | number | boolean)[],
  check: CheckName,
  context: ProbeContext,
): string {
  const column = context.column(name, check);
  const { dialect } = context;
  const numbers = list.map(Number);
  return isNumericType(typeOf(name, context)) && numbers.every(Number.isFinite)
    ? `CAST(${column} AS DOUBLE PRECISION) NOT IN (${numbers.map((value) => dialect.number(value)).join(", ")})`
    : `CAST(${column} AS VARCHAR) NOT IN (${list.map((value) => dialect.text(String(value))).join(", ")})`;
}

/** A bound as SQL: whole numbers as such, so that integers beyond 2^53 are not rounded before they are compared. */
const boundOf = (value: number, dialect: Dialect): string =>
  Number.isSafeInteger(value) ? `(${value})` : dialect.number(value);

/** Rows for which the condition holds; there should be none. */
function rowsProbe(
  name: CheckName,
  subject: string,
  expected: string,
  context: ProbeContext,
  condition: string,
): Probe {
  const from = fromClause(context.selection, context.dialect);
  return {
    name,
    subject,
    expected,
    bad: { type: "above", value: 0 },
    unit: "rows",
    measure: { type: "aggregate", sql: `count(*) FILTER (WHERE ${condition})` },
    failing: `SELECT * ${from}${from.includes(" WHERE ") ? " AND " : " WHERE "}(${condition})`,
    judgesEmpty: false,
  };
}

function shares(
  name: "missing" | "empty" | "zeros",
  expected: Readonly<Record<string, number | string>>,
  context: ProbeContext,
  condition: (column: string) => string,
  text: (most: number) => string,
): Probe[] {
  return Object.entries(expected).map(([subject, written]) => {
    const most = shareOf(written);
    const broken = condition(context.column(subject, name));
    return {
      ...rowsProbe(name, subject, text(most), context, broken),
      bad: { type: "above", value: most },
      unit: "share",
      measure: {
        type: "aggregate",
        sql: `(CAST(count(*) FILTER (WHERE ${broken}) AS DOUBLE PRECISION) / nullif(count(*), 0))`,
      },
    };
  });
}

type Span =
  | readonly [number | null, number | null]
  | { readonly min?: number | undefined; readonly max?: number | undefined };

function aggregates(
  name: "sum" | "mean" | "std" | "distinct",
  expected: Readonly<Record<string, Span>>,
  context: ProbeContext,
  aggregate: (column: string) => string,
): Probe[] {
  return Object.entries(expected).map(([subject, span]) => {
    const [min, max] = "length" in span ? span : [span.min, span.max];
    return {
      ...spanOf(min, max, "value"),
      name,
      subject,
      unit: "value",
      measure: { type: "aggregate", sql: aggregate(finiteOf(subject, name, context)) },
      failing: null,
      judgesEmpty: false,
    };
  });
}

function spanOf(
  min: number | null | undefined,
  max: number | null | undefined,
  unit: "rows" | "value",
): Pick<Probe, "bad" | "expected"> {
  const noun = unit === "rows" ? " rows" : "";
  if (min == null)
    return { bad: { type: "above", value: max ?? Number.MAX_VALUE }, expected: `at most ${max ?? "any"}${noun}` };
  if (max == null) return { bad: { type: "below", value: min }, expected: `at least ${min}${noun}` };
  return { bad: { type: "outside", low: min, high: max }, expected: `from ${min} to ${max}${noun}` };
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;
