import type { Dialect } from "../../monitoring/dialect.ts";
import type { Chunk } from "../../monitoring/monitoring-keys.ts";
import { fromClause, isFloatType, type MonitoredColumn, type Selection } from "../../monitoring/selection.ts";

/** Above so many rows the centiles come from a hash sample, and `ks` and `wasserstein` from the centile histogram. */
export const EXACT_ROWS = 1_000_000;
export const SAMPLE_ROWS = 100_000;
export const CENTILES = 100;
/** Categories compared one by one; the rest is `other`. */
export const MOST_CATEGORIES = 100;
/** A text column with more distinct reference values is an identifier and is not compared unless it is asked for. */
export const IDENTIFIER_VALUES = 1000;
const MOST_FETCHED_CATEGORIES = 100_000;

/** How rows fall into groups: by slice, by chunk of time, or neither. */
export interface Grouping {
  /** SQL text expression of the slice, or null. */
  readonly slice: string | null;
  readonly every: Chunk | null;
  readonly zone: string;
}

/** The two columns that say which group an aggregate is of; null for the whole. */
export function groupColumns({ relation }: Selection, { slice, every, zone }: Grouping, dialect: Dialect): string {
  const chunk =
    every === null || relation.time === null
      ? "NULL"
      : dialect.unitStart(every.unit, dialect.name(relation.time), zone);
  return `${slice ?? "NULL"} AS slice, ${chunk} AS chunk`;
}

/** A numeric column as a double, null where it holds no number. */
export function numberOf(column: MonitoredColumn, dialect: Dialect): string {
  const double = dialect.double(dialect.name(column.name));
  return isFloatType(column.type) ? `CASE WHEN ${dialect.isFinite(double)} THEN ${double} END` : double;
}

/** Rows of a selection. */
export const countRows = (selection: Selection, dialect: Dialect): string =>
  `SELECT count(*) AS n ${fromClause(selection, dialect)}`;

/** Minimum, centiles and maximum of columns over a selection, or over a sample of about `SAMPLE_ROWS` of its `rows`. */
export function centiles(
  selection: Selection,
  columns: readonly MonitoredColumn[],
  rows: number,
  dialect: Dialect,
): string {
  const from = fromClause(selection, dialect);
  const every = rows > EXACT_ROWS ? Math.floor(rows / SAMPLE_ROWS) : 1;
  const { identity, columns: all } = selection.relation;
  const hashed = identity === null ? all.map((column) => column.name) : [identity];
  const sampled = `${dialect.hash(hashed.map((name) => dialect.name(name)))} % ${every} = 0`;
  const where = every === 1 ? from : `${from}${from.includes(" WHERE ") ? " AND " : " WHERE "}${sampled}`;
  return dialect.quantiles(
    columns.map((column) => numberOf(column, dialect)),
    CENTILES,
    where,
  );
}

export interface NumericAggregate {
  readonly column: MonitoredColumn;
  readonly edges: readonly number[];
  /** Where sums are centred. */
  readonly centre: number;
  /** What one counts as in the sum of deviations, and in the sum of their squares. */
  readonly scale: number;
  readonly squareScale: number;
}

/** So many bits hold the whole centile range, and its square, in sums of integers. */
const SUM_BITS = 40;

/** Sums of a column whose values lie within `reach` of `centre`, in integers of 64 bits. */
export function sumScales(reach: number): { readonly scale: number; readonly squareScale: number } {
  const whole = reach > 0 && Number.isFinite(reach * reach) ? reach : 1;
  return { scale: 2 ** SUM_BITS / whole, squareScale: 2 ** SUM_BITS / (whole * whole) };
}

/** Whether a deviation of `reach` is too large for integers at these scales. */
export const overflows = ({ scale, squareScale }: NumericAggregate, reach: number): boolean =>
  reach * scale >= 2 ** 62 || reach * reach * squareScale >= 2 ** 62;

/**
 * Per group: rows, and for each column at `i` the values (`n_i`), those that are null (`m_i`), histogram (`h_i`), extremes
 * (`l_i`, `u_i`), and with `moments` the sums of deviations and of their squares as integers (`s_i`, `t_i`).
 */
export function numericAggregates(
  selection: Selection,
  columns: readonly NumericAggregate[],
  grouping: Grouping,
  moments: boolean,
  dialect: Dialect,
): string {
  const values = columns.map(({ column }) => numberOf(column, dialect));
  const deviations = columns.map(({ centre }, at) => `(${values[at]} - ${dialect.number(centre)})`);
  const parts = [
    // Histograms stand together: DuckDB takes twice as long where they alternate with other aggregates.
    ...columns.map(({ edges }, at) => `${dialect.histogram(values[at]!, edges)} AS h_${at}`),
    ...columns.flatMap(({ column }, at) => [
      `count(${values[at]}) AS n_${at}`,
      `count(*) - count(${dialect.name(column.name)}) AS m_${at}`,
      `min(${values[at]}) AS l_${at}`,
      `max(${values[at]}) AS u_${at}`,
    ]),
    ...columns.flatMap(({ scale, squareScale }, at) =>
      moments
        ? [
            `${dialect.fixedSum(deviations[at]!, scale)} AS s_${at}`,
            `${dialect.fixedSum(`${deviations[at]} * ${deviations[at]}`, squareScale)} AS t_${at}`,
          ]
        : [],
    ),
  ];
  const group = groupColumns(selection, grouping, dialect);
  return `SELECT ${[group, "count(*) AS rows", ...parts].join(", ")} ${fromClause(selection, dialect)} GROUP BY slice, chunk ORDER BY slice, chunk`;
}

/** Per group and value of a categorical column its rows; `v` is null for missing values. */
export function categoryCounts(
  selection: Selection,
  column: MonitoredColumn,
  grouping: Grouping,
  dialect: Dialect,
): string {
  const group = groupColumns(selection, grouping, dialect);
  return `SELECT ${group}, ${dialect.name(column.name)}::VARCHAR AS v, count(*) AS n ${fromClause(selection, dialect)} GROUP BY ALL ORDER BY n DESC, v NULLS LAST, slice, chunk LIMIT ${MOST_FETCHED_CATEGORIES}`;
}

/** Distinct values of a numeric column, up to `most` + 1. */
export function distinctValues(selection: Selection, column: MonitoredColumn, most: number, dialect: Dialect): string {
  return `SELECT DISTINCT ${numberOf(column, dialect)} AS v ${fromClause(selection, dialect)} LIMIT ${most + 2}`;
}

/** The values of one numeric column, of one slice. */
export function valuesOf(
  selection: Selection,
  column: MonitoredColumn,
  slice: { readonly expression: string; readonly value: string } | null,
  dialect: Dialect,
): string {
  const from = fromClause(selection, dialect);
  const only = slice === null ? "" : ` AND ${slice.expression} = ${dialect.text(slice.value)}`;
  const value = numberOf(column, dialect);
  return `SELECT ${value} AS v ${from}${from.includes(" WHERE ") ? " AND " : " WHERE "}${value} IS NOT NULL${only}`;
}
