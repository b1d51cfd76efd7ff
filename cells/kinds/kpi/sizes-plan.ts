import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import type { KpiSpec } from "./kpi-spec.ts";
import { type OutcomeRoles, rowsOf } from "./outcome-rows.ts";
import { validProbability } from "./review-weights.ts";

/** What is asked of the rows before they are counted, all of them once. */
export interface SizesAsked {
  readonly amount: boolean;
  readonly score: boolean;
}

/**
 * One row: `amount` and `payoff_0`, …, the largest magnitudes (see `largestPayoff`); `score_min` and `score_max`; `labels` that were stated, of them `sampled` for review,
 * `invalid` and `least` of their inclusion probabilities, and `among_silent`, those sampled where silence is a label; `strange`,
 * truths that are neither. Null when there is nothing to ask.
 */
export function outcomeSizes(
  selection: Selection,
  roles: OutcomeRoles,
  { payoff }: Pick<KpiSpec, "payoff">,
  asked: SizesAsked,
  dialect: Dialect,
): string | null {
  const { amount, score, probability, strange, silenceApplies } = roles;
  const finite = (expression: string): string => {
    const value = dialect.double(`(${expression})`);
    return `CASE WHEN ${dialect.isFinite(value)} THEN ${value} END`;
  };
  const columns: string[] = [];
  if (asked.amount && amount !== null) columns.push(`max(abs(${finite(amount)})) AS amount`);
  // Numbers are known without asking.
  const payoffs = [...new Set(Object.values(payoff ?? {}))].filter((sql) => !isNumber(sql));
  columns.push(...payoffs.map((sql, at) => `max(abs(${finite(sql)})) AS payoff_${at}`));
  if (asked.score && score !== null)
    columns.push(`min(${finite(score)}) AS score_min`, `max(${finite(score)}) AS score_max`);
  if (strange !== null) columns.push(`count(*) FILTER (WHERE ${strange}) AS strange`);
  if (probability !== null) {
    const known = roles.actual === null ? "db_truth IS NOT NULL" : `${roles.actual} IS NOT NULL`;
    const label = `(${known} AND db_status <> 'silent')`;
    const valid = validProbability(probability, dialect);
    const sampled = `${label} AND ${valid} AND ${probability} < 1`;
    columns.push(
      `count(*) FILTER (WHERE ${label}) AS labels`,
      `count(*) FILTER (WHERE ${sampled}) AS sampled`,
      `count(*) FILTER (WHERE ${label} AND ${probability} IS NOT NULL AND NOT ${valid}) AS invalid`,
      `min(CASE WHEN ${sampled} THEN ${probability} END) AS least`,
      `count(*) FILTER (WHERE ${sampled} AND ${silenceApplies}) AS among_silent`,
    );
  }
  if (columns.length === 0) return null;
  return `SELECT ${columns.join(", ")} FROM (${rowsOf(selection, roles, { slice: null, chunks: [] }, [], dialect)})`;
}

/** The largest magnitude of a payoff: of the numbers in the cell, and of what the rows have. */
export function largestPayoff({ payoff }: Pick<KpiSpec, "payoff">, sizes: Readonly<Record<string, unknown>>): number {
  const written = Object.values(payoff ?? {}).filter(isNumber);
  const found = Object.entries(sizes).filter(([name]) => name.startsWith("payoff_"));
  return Math.max(0, ...[...written, ...found.map(([, size]) => size ?? 0)].map((size) => Math.abs(Number(size))));
}

const isNumber = (sql: string): boolean => sql.trim() !== "" && Number.isFinite(Number(sql));
