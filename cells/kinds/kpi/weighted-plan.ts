import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { groupingSets, which } from "./group-rows.ts";
import type { Row } from "./kpi-groups.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { type KpiGrouping, type OutcomeRoles, rowsOf } from "./outcome-rows.ts";
import { type ReviewSample, weightOf } from "./review-weights.ts";

/** The largest magnitudes of one row's amount and payoff. */
export interface Largest {
  readonly amount: number;
  readonly payoff: number;
}

const CLASSES = {
  tp: "db_truth AND db_alerted",
  fp: "NOT db_truth AND db_alerted",
  tn: "NOT db_truth AND NOT db_alerted",
  fn: "db_truth AND NOT db_alerted",
} as const;

interface WeightedTerm {
  readonly sql: string;
  /** No row's term is larger. */
  readonly most: number;
}

/**
 * Per group: Σ w and Σ w² of each class, and of amounts and payoffs, all as sums of integers, in text; `weightedRow` makes
 * numbers of them.
 */
export function weightedSums(
  selection: Selection,
  roles: OutcomeRoles & { readonly probability: string },
  spec: Pick<KpiSpec, "payoff">,
  grouping: KpiGrouping,
  terms: Readonly<Record<string, WeightedTerm>>,
  dialect: Dialect,
): string {
  const finite = (expression: string): string => {
    const value = dialect.double(`(${expression})`);
    return `CASE WHEN ${dialect.isFinite(value)} THEN ${value} ELSE 0 END`;
  };
  const { payoff } = spec;
  const side = (positive: string, negative: string): string =>
    `CASE WHEN db_truth THEN ${finite(positive)} ELSE ${finite(negative)} END`;
  const columns = [
    `CAST(${weightOf(roles.probability)} AS DOUBLE PRECISION) AS db_w`,
    ...(roles.amount === null ? [] : [`${finite(roles.amount)} AS db_a`]),
    ...(payoff === null ? [] : [`${side(payoff.tp, payoff.fp)} AS db_yes`, `${side(payoff.fn, payoff.tn)} AS db_no`]),
  ];
  const rows = rowsOf(selection, roles, grouping, columns, dialect);
  const sums = Object.entries(terms).map(([name, term]) => `${dialect.fixedSum(term.sql, scaleOf(term))} AS ${name}`);
  const paid = payoff === null ? "" : ", CASE WHEN db_alerted THEN db_yes ELSE db_no END AS db_y";
  return `SELECT ${[which(grouping), ...sums].join(", ")} FROM (SELECT *${paid} FROM (${rows}) WHERE db_truth IS NOT NULL) ${groupingSets(grouping, "")} ORDER BY which, slice, chunk`;
}

/** What is summed, by name. */
export function weightedTerms(
  roles: OutcomeRoles,
  { payoff }: Pick<KpiSpec, "payoff">,
  { least }: ReviewSample,
  largest: Largest,
): Readonly<Record<string, WeightedTerm>> {
  const most = 1 / least;
  const terms: Record<string, WeightedTerm> = {};
  const add = (name: string, condition: string, value: string, size: number): void => {
    terms[`w_${name}`] = { sql: `CASE WHEN ${condition} THEN db_w * ${value} END`, most: most * size };
  };
  const square = (name: string, condition: string, product: string, size: number): void => {
    terms[`ww_${name}`] = { sql: `CASE WHEN ${condition} THEN db_w * db_w * ${product} END`, most: most * most * size };
  };
  for (const [name, condition] of Object.entries(CLASSES)) {
    add(name, condition, "1", 1);
    square(name, condition, "1", 1);
  }
  if (roles.amount !== null)
    for (const name of ["tp", "fn"] as const) {
      add(`a_${name}`, CLASSES[name], "db_a", largest.amount);
      square(`a_${name}`, CLASSES[name], "db_a * db_a", largest.amount ** 2);
    }
  if (payoff !== null) {
    const known = "db_truth IS NOT NULL";
    for (const name of ["y", "yes", "no"] as const) {
      add(name, known, `db_${name}`, largest.payoff);
      square(name, known, `db_${name} * db_${name}`, largest.payoff ** 2);
    }
    square("y_yes", known, "db_y * db_yes", largest.payoff ** 2);
    square("y_no", known, "db_y * db_no", largest.payoff ** 2);
    square("row_y", known, "db_y", largest.payoff);
  }
  return terms;
}

/** The numbers of a row of `weightedSums`. */
export function weightedRow(row: Row, terms: Readonly<Record<string, WeightedTerm>>): Row {
  return Object.fromEntries(
    Object.entries(terms).map(([name, term]) => [name, Number(row[name] ?? 0) / scaleOf(term)]),
  );
}

/** A power of two that makes integers of 62 bits of the terms: to scale by it loses nothing. */
const scaleOf = ({ most }: WeightedTerm): number => 2 ** (most > 0 ? 61 - Math.ceil(Math.log2(most)) : 0);
