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
 * One row: `amount` and `payoff`, the largest magnitudes; `score_min` and `score_max`; `labels` that were stated, of them `sampled` for review,
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
  const payoffs = Object.values(payoff ?? {}).map((sql) => `abs(${finite(sql)})`);
  if (payoffs.length > 0)
    columns.push(`max(greatest(${payoffs.map((one) => `coalesce(${one}, 0)`).join(", ")})) AS payoff`);
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
