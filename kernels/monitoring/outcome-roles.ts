import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { OutcomeRoles } from "../../cells/kinds/kpi/outcome-rows.ts";
import type { Dialect } from "../../cells/monitoring/dialect.ts";
import { isNumericType, type MonitoredRelation } from "../../cells/monitoring/selection.ts";
import type { StreamRoles } from "../../cells/monitoring/stream-roles.ts";
import { KPI_METRICS } from "../../cells/statistics/outcomes/metrics.ts";
import { CellProblem } from "../session/outcome.ts";
import { columnNamed } from "./relation.ts";

export type KpiRoles = OutcomeRoles;

/** Truth of a relation whose truth is a number. */
const NO_CLASS = "CAST(NULL AS BOOLEAN)";
/** What amounts are added up as until their size is known. */
const USUAL_MONEY = "DECIMAL(18,6)";

/** Which columns play which part: of the contract for a stream, else as the cell names them. */
export function rolesOfRelation(relation: MonitoredRelation, spec: KpiSpec, asOf: string, dialect: Dialect): KpiRoles {
  const { columns } = spec;
  const column = (name: string | undefined, part: string): string | null =>
    name === undefined ? null : dialect.name(columnNamed(relation, name, `columns.${part}`).name);
  const has = (name: string): string | undefined =>
    relation.columns.some((one) => one.name === name) ? name : undefined;
  const score = column(columns.score ?? has("score"), "score");
  const isRegression = spec.metrics?.some((metric) => KPI_METRICS[metric].needs.includes("label_value")) ?? false;
  const truth = truthOf(relation, columns.truth ?? has("label"), isRegression, dialect);
  return {
    ...truth,
    score,
    alerted: alertedOf(relation, spec, score, column(columns.decision ?? has("decision"), "decision"), dialect),
    entity: column(columns.entity ?? has("entity_id"), "entity"),
    amount: column(columns.amount ?? has("amount"), "amount"),
    time: relation.time === null ? null : dialect.name(relation.time),
    identity: relation.identity === null ? null : dialect.name(relation.identity),
    money: USUAL_MONEY,
    status: statusOf(relation, truth.truth, asOf, dialect),
  };
}

function truthOf(
  relation: MonitoredRelation,
  name: string | undefined,
  isRegression: boolean,
  dialect: Dialect,
): Pick<KpiRoles, "truth" | "actual"> {
  if (name === undefined)
    throw new CellProblem(
      `columns: ${relation.title} has no column that says the truth.`,
      "Name it: columns: {truth: is_fraud}.",
    );
  const { type } = columnNamed(relation, name, "columns.truth");
  const column = dialect.name(name);
  const { roles } = relation;
  if (roles !== null && roles.labelType === "text" && name === "label") {
    const list = roles.positiveLabels.map((value) => dialect.text(value)).join(", ");
    return { truth: list === "" ? NO_CLASS : `(${column} IN (${list}))`, actual: null };
  }
  if (type === "BOOLEAN") return { truth: column, actual: null };
  if (roles !== null && roles.labelType === "number") return { truth: NO_CLASS, actual: column };
  // 1 and 0 are a class, unless the cell asks how far a number is off.
  if (/^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(type) && !isRegression)
    return { truth: `CASE ${column} WHEN 1 THEN true WHEN 0 THEN false END`, actual: null };
  if (isNumericType(type)) return { truth: NO_CLASS, actual: column };
  throw new CellProblem(
    `columns.truth: ${name} is ${type}; expected true and false, 1 and 0, or a number.`,
    `Make one in SQL, such as ${name} = 'yes' AS is_positive.`,
  );
}

function alertedOf(
  relation: MonitoredRelation,
  { threshold }: KpiSpec,
  score: string | null,
  decision: string | null,
  dialect: Dialect,
): string {
  if (threshold !== null) {
    if (score === null)
      throw new CellProblem("threshold: there is no score that it could cut.", "Name it: columns: {score: s}.");
    return isAtLeast(score, threshold, dialect);
  }
  const positive = relation.roles?.positive ?? [];
  if (decision === null) return score === null ? "false" : isAtLeast(score, 0.5, dialect);
  if (relation.roles === null) {
    const type = relation.columns.find((one) => dialect.name(one.name) === decision)!.type;
    if (type === "BOOLEAN") return `coalesce(${decision}, false)`;
    if (isNumericType(type)) return `coalesce(${decision} = 1, false)`;
    throw new CellProblem(
      `columns.decision: it is ${type}; expected true and false, or 1 and 0.`,
      "Make one in SQL, such as decision = 'block' AS alerted.",
    );
  }
  if (positive.length === 0)
    throw new CellProblem(
      `The contract of ${relation.roles.stream} does not say which decisions are positive.`,
      "Add decision: {positive: [review, block]} to it, or give the cell a threshold.",
    );
  return `coalesce(${decision} IN (${positive.map((value) => dialect.text(value)).join(", ")}), false)`;
}

/** NaN and infinities are no scores, and alert nothing. */
function isAtLeast(score: string, threshold: number, dialect: Dialect): string {
  const double = dialect.double(score);
  return `coalesce(${dialect.isFinite(double)} AND ${double} >= ${dialect.number(threshold)}, false)`;
}

/** Whether truth was stated, is silent, is still to come, or will never come. */
function statusOf({ roles, columns, time }: MonitoredRelation, truth: string, asOf: string, dialect: Dialect): string {
  const known = truth === NO_CLASS ? `${dialect.name("label")} IS NOT NULL` : `${truth} IS NOT NULL`;
  if (roles === null || time === null || !columns.some((one) => one.name === "label_source"))
    return `CASE WHEN ${truth === NO_CLASS ? "true" : known} THEN 'stated' ELSE 'unknown' END`;
  const horizon = horizonOf(roles);
  const oldest = new Date(Date.parse(asOf) - horizon).toISOString();
  return `CASE WHEN label_source = 'silence' THEN 'silent' WHEN ${known} THEN 'stated' WHEN ${dialect.name(time)} > ${dialect.instant(oldest)} THEN 'pending' ELSE 'unknown' END`;
}

const DEFAULT_HORIZON_MILLIS = 90 * 86_400_000;
/** How long labels take, as the contract says: its maturity, else the silence rule's, else 90 days. */
export const horizonOf = (roles: StreamRoles): number =>
  roles.maturityMillis ?? roles.silence?.afterMillis ?? DEFAULT_HORIZON_MILLIS;
