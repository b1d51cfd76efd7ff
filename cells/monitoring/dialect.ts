/**
 * How an engine says what the plans of monitoring cells need: everything above this port is the same for every engine.
 * Expressions are SQL text; whoever makes them from names goes through `name` and `text`.
 */
export interface Dialect {
  /** An identifier as it stands in SQL. */
  name(identifier: string): string;
  text(value: string): string;
  /** Exactly this double. */
  number(value: number): string;
  /** ISO 8601 with offset. */
  instant(iso: string): string;
  /** `expression` as double precision; null where it is not a number. */
  double(expression: string): string;
  /** Whether a value that is not null can be read as one of the type. */
  reads(expression: string, type: "number" | "integer" | "timestamp" | "date" | "boolean" | "json"): string;
  /** Whether all of a text matches a regular expression. */
  matches(expression: string, pattern: string): string;
  /** A statement of the first rows of `select` in an order of their own, which no other order of the rows changes, as texts. */
  firstRows(select: string, count: number): string;
  /** Whether a double is neither NaN nor infinite. */
  isFinite(expression: string): string;
  /** Seconds from one instant to another, as a double. */
  seconds(from: string, to: string): string;
  /** An item of FROM: a row for each whole number from 0 to `count` − 1, in the named column. */
  integers(count: number, column: string): string;
  /** An item of a SELECT list, for no column of use: the row stands `times` times, not at all for 0. */
  repeated(times: string): string;
  /**
   * An item of FROM: the rows of `select` ordered by the keys, and read so that aggregates over them, grouped or not,
   * add in that order. What doubles sum to depends on it.
   */
  inOrder(select: string, keys: readonly string[]): string;
  /**
   * An item of FROM: the outcomes of a stream's decisions of each window as they were at its moment, with the columns of
   * `outcomes` and the moment as `KNOWN_BY`. Windows do not overlap.
   */
  outcomesKnown(stream: string, moments: readonly KnownBy[]): string;
  /** A 64-bit hash of the expressions, the same on every machine. */
  hash(expressions: readonly string[]): string;
  /** A double in [0, 1), uniform and independent over the values of the expressions, the same on every machine. */
  uniform(expressions: readonly string[]): string;
  /**
   * Counts of finite doubles in the bins (−∞, edges[0]), [edges[0], edges[1]), …, [edges.at(-1), ∞): a list of
   * edges.length + 1 integers, null when there are no values.
   */
  histogram(expression: string, edges: readonly number[]): string;
  /**
   * A statement of one row: for each expression a list `q0`, `q1`, … of the values at ranks 1 + (n − 1)·i/parts for i in
   * 0…parts, interpolated linearly, nulls without values, and `n0`, `n1`, … how many values. `from` is `FROM … WHERE …`.
   */
  quantiles(expressions: readonly string[], parts: number, from: string): string;
  /**
   * An order-free sum: each value times `scale` as an integer of 64 bits; the sum is that of the integers. A value too
   * large for that is left out: the caller knows the extremes.
   */
  fixedSum(expression: string, scale: number): string;
  /** The start of the calendar unit that the instant lies in, on the zone's wall, as text `YYYY-MM-DD HH:MM:SS`. */
  unitStart(
    unit: "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year",
    instant: string,
    zone: string,
  ): string;
  /** KS and Wasserstein of two samples by their sorted distinct values, order-free; see `exactDistances`. */
  exactDistances(request: ExactDistances): string;
  /** The same of the reference and each group `g` of the current sample: a row a group, with `g`. */
  exactDistancesByGroup(request: Omit<ExactDistances, "nCurrent">): string;
}

/** The column of `outcomesKnown` that says which moment a row is of. */
export const KNOWN_BY = "db_known_by";

/** A half-open window and a moment; ISO 8601. */
export interface KnownBy {
  readonly start: string;
  readonly end: string;
  readonly knownBy: string;
}

export interface ExactDistances {
  /** SELECT of the column `v` (finite double); by group of the current sample also of `g`. */
  readonly reference: string;
  readonly current: string;
  readonly nReference: number;
  readonly nCurrent: number;
  /** What one counts as in the integers that lengths become. */
  readonly scale: number;
}
