import { chunkNumber } from "../../monitoring/chunk-number.ts";
import type { Dialect } from "../../monitoring/dialect.ts";
import { fromClause, type Selection } from "../../monitoring/selection.ts";
import type { ResolvedWindow } from "../../session/operation.ts";

/** SQL expressions of what a KPI needs of each row; null where the relation has none. */
export interface OutcomeRoles {
  /** Boolean; null for rows without truth. */
  readonly truth: string;
  /** The number that a regression is held against; null where truth is a class. */
  readonly actual: string | null;
  /** Boolean. */
  readonly alerted: string;
  readonly score: string | null;
  readonly entity: string | null;
  readonly amount: string | null;
  readonly time: string | null;
  /** What tells rows of one moment apart. */
  readonly identity: string | null;
  /** 'stated', 'silent', 'pending' or 'unknown'. */
  readonly status: string;
  /** Of a label that was drawn for review: double. */
  readonly probability: string | null;
  /** Boolean: whether the row, if nobody said anything, would get a label by silence. */
  readonly silenceApplies: string;
  /** Boolean: truth that is there and says neither yes nor no; null where that cannot be. */
  readonly strange: string | null;
  /** SQL types that amounts and payoffs of one row are added up as, exactly. */
  readonly money: { readonly amount: string; readonly payoff: string };
}

/** Scores are rounded to so many decimals where a relation has too many rows for one group a score. */
export const ROUNDED_DECIMALS = 5;

/** An amount or payoff of one row; NaN and infinities are none. */
export const money = (expression: string, type: string, dialect: Dialect): string =>
  `CASE WHEN ${dialect.isFinite(dialect.double(`(${expression})`))} THEN CAST((${expression}) AS ${type}) END`;

/** An aggregate: whether the condition holds for any row, null where it is null for all. */
export const some = (condition: string): string =>
  `(max(CASE WHEN ${condition} THEN 1 WHEN NOT (${condition}) THEN 0 END) = 1)`;

/** Slices and chunks of time as columns of a relation, each row in at most one of each. */
export interface KpiGrouping {
  readonly slice: string | null;
  /** Adjoining windows, oldest first. */
  readonly chunks: readonly ResolvedWindow[];
}

/** The selection's rows with what a KPI needs of each, beside their own columns. */
export function rowsOf(
  selection: Selection,
  roles: OutcomeRoles,
  grouping: KpiGrouping,
  extra: readonly string[],
  dialect: Dialect,
): string {
  const columns = [
    `${grouping.slice ?? "NULL"} AS db_slice`,
    `${chunkNumber(roles.time, grouping.chunks, dialect)} AS db_chunk`,
    `${roles.truth} AS db_truth`,
    `${roles.alerted} AS db_alerted`,
    `${roles.status} AS db_status`,
    ...extra,
  ];
  return `SELECT ${columns.join(", ")}, * ${fromClause(selection, dialect)}`;
}
