import { chunkNumber } from "../../monitoring/chunk-number.ts";
import type { Dialect } from "../../monitoring/dialect.ts";
import type { Chunk } from "../../monitoring/monitoring-keys.ts";
import {
  fromClause,
  isFloatType,
  isNumericType,
  type MonitoredColumn,
  type Selection,
} from "../../monitoring/selection.ts";
import type { ResolvedWindow } from "../../session/operation.ts";

/** Above so many rows the centiles come from a hash sample, and `ks` and `wasserstein` from the centile histogram. */
export const EXACT_ROWS = 1_000_000;
export const SAMPLE_ROWS = 100_000;
export const CENTILES = 100;
/** Categories compared one by one; the rest is `other`. */
export const MOST_CATEGORIES = 100;
/** A text column with more distinct reference values is an identifier and is not compared unless it is asked for. */
export const IDENTIFIER_VALUES = 1000;
/** Values by slice and chunk of a column that are fetched; one with more is not compared. */
export const MOST_FETCHED_CATEGORIES = 200_000;

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

/** A numeric column of a selection as a double, null where it holds no number. */
export function numberOf({ relation }: Selection, column: MonitoredColumn, dialect: Dialect): string {
  const double = dialect.double(dialect.name(column.name));
  // The other sample may hold it in another type.
  const type = relation.columns.find(({ name }) => name === column.name)?.type ?? column.type;
  const isWhole = isNumericType(type) && !isFloatType(type);
  return isWhole ? double : `CASE WHEN ${dialect.isFinite(double)} THEN ${double} END`;
}

/** Rows of a selection. */
export const countRows = (selection: Selection, dialect: Dialect): string =>
  `SELECT count(*) AS n ${fromClause(selection, dialect)}`;

/**
 * Whether a row is one of about every `every`th: the same rows each time, whatever order they lie in, and as likely for each
 * value of each column. Where nothing tells rows apart, those that are equal in all columns are taken together.
 */
export function inSample({ relation: { identity, columns } }: Selection, every: number, dialect: Dialect): string {
  const names = identity === null ? columns.map(({ name }) => name) : [identity];
  return `${dialect.uniform(names.map((name) => dialect.name(name)))} < ${dialect.number(1 / every)}`;
}

/** Minimum, centiles and maximum of columns over a selection, or over a sample of about `SAMPLE_ROWS` of its `rows`. */
export function centiles(
  selection: Selection,
  columns: readonly MonitoredColumn[],
  rows: number,
  dialect: Dialect,
): string {
  const from = fromClause(selection, dialect);
  const every = rows > EXACT_ROWS ? Math.floor(rows / SAMPLE_ROWS) : 1;
  const where =
    every === 1
      ? from
      : `${from}${from.includes(" WHERE ") ? " AND " : " WHERE "}${inSample(selection, every, dialect)}`;
  return dialect.quantiles(
    columns.map((column) => numberOf(selection, column, dialect)),
    CENTILES,
    where,
  );
}

export interface NumericAggregate {
  readonly column: MonitoredColumn;
  readonly edges: readonly number[];
  /** Where sums are centred. */
  readonly centre: number;
  /** What one counts as in the sum of deviations. */
  readonly scale: number;
  /** What one counts as before it is squared for the sum of squares. */
  readonly root: number;
}

/** So many bits hold the whole centile range, and its square, in sums of integers: as many as a double has. */
const SUM_BITS = 52;

/** Sums of a column whose values lie within `reach` of `centre`, in integers of 64 bits. */
export function sumScales(reach: number): { readonly scale: number; readonly root: number } {
  // Neither may leave the range of doubles, however close or far the values are.
  const whole = reach > 0 ? Math.min(Math.max(reach, 1e-280), Number.MAX_VALUE) : 1;
  return { scale: 2 ** SUM_BITS / whole, root: 2 ** (SUM_BITS / 2) / whole };
}

/** Whether a deviation of `reach` is too large for integers at these scales. */
export const overflows = ({ scale, root }: NumericAggregate, reach: number): boolean =>
  Number.isFinite(reach) && (reach * scale >= 2 ** 62 || reach * root >= 2 ** 31);

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
  const values = columns.map(({ column }) => numberOf(selection, column, dialect));
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
    ...columns.flatMap(({ scale, root }, at) =>
      moments
        ? [
            `${dialect.fixedSum(deviations[at]!, scale)} AS s_${at}`,
            `${dialect.fixedSum(square(`(${deviations[at]} * ${dialect.number(root)})`), 1)} AS t_${at}`,
          ]
        : [],
    ),
  ];
  const group = groupColumns(selection, grouping, dialect);
  return `SELECT ${[group, "count(*) AS rows", ...parts].join(", ")} ${fromClause(selection, dialect)} GROUP BY 1, 2 ORDER BY 1, 2`;
}

const square = (expression: string): string => `${expression} * ${expression}`;

/**
 * Per group and value of a column compared as categories its rows `n`, and those that are null (`missing`); `v` is null
 * where there is no value. `asNumbers`: values are compared as doubles, in whatever types both sides hold them.
 */
export function categoryCounts(
  selection: Selection,
  column: MonitoredColumn,
  asNumbers: boolean,
  grouping: Grouping,
  dialect: Dialect,
): string {
  const group = groupColumns(selection, grouping, dialect);
  const name = dialect.name(column.name);
  const number = numberOf(selection, column, dialect);
  // Zero and negative zero are one value.
  const value = asNumbers
    ? `CAST(CASE WHEN ${number} = 0 THEN 0 ELSE ${number} END AS VARCHAR)`
    : `CAST(${name} AS VARCHAR)`;
  return `SELECT ${group}, ${value} AS v, count(*) AS n, count(*) - count(${name}) AS missing ${fromClause(selection, dialect)} GROUP BY 1, 2, 3 ORDER BY n DESC, v NULLS LAST, 1, 2 LIMIT ${MOST_FETCHED_CATEGORIES + 1}`;
}

/** Distinct values of a numeric column, up to `most` + 1. */
export function distinctValues(selection: Selection, column: MonitoredColumn, most: number, dialect: Dialect): string {
  return `SELECT DISTINCT ${numberOf(selection, column, dialect)} AS v ${fromClause(selection, dialect)} LIMIT ${most + 2}`;
}

/** The values of one numeric column. */
export function valuesOf(selection: Selection, column: MonitoredColumn, dialect: Dialect): string {
  const from = fromClause(selection, dialect);
  const value = numberOf(selection, column, dialect);
  return `SELECT ${value} AS v ${from}${from.includes(" WHERE ") ? " AND " : " WHERE "}${value} IS NOT NULL`;
}

/** The same with the number `g` of the chunk that each row is in. */
export function chunkedValuesOf(
  selection: Selection,
  column: MonitoredColumn,
  chunks: readonly ResolvedWindow[],
  dialect: Dialect,
): string {
  const { time } = selection.relation;
  const number = chunkNumber(time === null ? null : dialect.name(time), chunks, dialect);
  const value = numberOf(selection, column, dialect);
  return `SELECT g, v FROM (SELECT ${number} AS g, ${value} AS v ${fromClause(selection, dialect)}) WHERE v IS NOT NULL`;
}

/** 60 bits for the whole range of both samples: with n·m below 2^63 sums of lengths stay below 2^123. */
export const lengthScale = (range: number): number => (range > 0 ? 2 ** 60 / range : 0);
