import type { Dialect } from "../../monitoring/dialect.ts";
import type { Selection } from "../../monitoring/selection.ts";
import { groupingSets, which } from "./group-rows.ts";
import { type KpiGrouping, type OutcomeRoles, ROUNDED_DECIMALS, rowsOf } from "./outcome-rows.ts";

type ScoredRoles = OutcomeRoles & { readonly score: string };

/** Folds that a reference is cut into, so that a calibration is tested on rows that it was not made of. */
const FOLDS = 3;

/** Per fold and score: positives and negatives of the rows with truth. */
export function calibrationGroups(
  selection: Selection,
  roles: ScoredRoles & { readonly identity: string },
  isRounded: boolean,
  dialect: Dialect,
): string {
  const fold = `CAST(floor(${dialect.uniform([roles.identity])} * ${FOLDS}) AS INTEGER) AS db_fold`;
  const rows = scoredRows(selection, roles, { slice: null, chunks: [] }, [fold], isRounded, dialect);
  return `SELECT db_fold AS fold, db_score AS score, CAST(count(*) FILTER (WHERE db_truth) AS DOUBLE PRECISION) AS positives,
  CAST(count(*) FILTER (WHERE NOT db_truth) AS DOUBLE PRECISION) AS negatives
FROM (${rows}) WHERE db_truth IS NOT NULL AND ${dialect.isFinite("db_score")} GROUP BY db_fold, db_score ORDER BY fold, score DESC`;
}

/** Per group (all rows, each slice, each chunk) and score: rows alerted and let pass, labelled or not. */
export function decidedGroups(
  selection: Selection,
  roles: ScoredRoles,
  grouping: KpiGrouping,
  isRounded: boolean,
  dialect: Dialect,
): string {
  const rows = scoredRows(selection, roles, grouping, [], isRounded, dialect);
  return `SELECT ${which(grouping)}, db_score AS score, CAST(count(*) FILTER (WHERE db_alerted) AS DOUBLE PRECISION) AS alerted,
  CAST(count(*) FILTER (WHERE NOT db_alerted) AS DOUBLE PRECISION) AS passed
FROM (${rows}) WHERE ${dialect.isFinite("db_score")} ${groupingSets(grouping, "db_score")} ORDER BY which, slice, chunk, score DESC`;
}

function scoredRows(
  selection: Selection,
  roles: ScoredRoles,
  grouping: KpiGrouping,
  extra: readonly string[],
  isRounded: boolean,
  dialect: Dialect,
): string {
  const score = dialect.double(roles.score);
  const rounded = isRounded ? `round(${score}, ${ROUNDED_DECIMALS})` : score;
  return rowsOf(selection, roles, grouping, [`${rounded} AS db_score`, ...extra], dialect);
}
