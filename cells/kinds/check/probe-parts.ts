import type { Dialect } from "../../monitoring/dialect.ts";
import { fromClause, isFloatType, isNumericType } from "../../monitoring/selection.ts";
import { type CheckName, shareOf } from "./check-spec.ts";
import type { Probe, ProbeContext } from "./probe.ts";

const typeOf = (name: string, { selection }: ProbeContext): string =>
  selection.relation.columns.find((column) => column.name === name)?.type ?? "";

/** A column of which only values are counted: NaN and infinities are none. */
export function finiteOf(name: string, check: CheckName, context: ProbeContext): string {
  const column = context.column(name, check);
  const isFloat = isFloatType(typeOf(name, context));
  return isFloat ? `CASE WHEN ${context.dialect.isFinite(column)} THEN ${column} END` : column;
}

/** Whether a column is none of the listed values; numbers are compared as numbers, 1 being 1.0. */
export function isNone(
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
export const boundOf = (value: number, dialect: Dialect): string =>
  Number.isSafeInteger(value) ? `(${value})` : dialect.number(value);

/** Rows for which the condition holds; there should be none. */
export function rowsProbe(
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

export function shares(
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

export function aggregates(
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

export function spanOf(
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

export const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;
