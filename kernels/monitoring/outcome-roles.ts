import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { OutcomeRoles } from "../../cells/kinds/kpi/outcome-rows.ts";
import { type Dialect, KNOWN_BY } from "../../cells/monitoring/dialect.ts";
import { isIntegerType, isNumericType, type MonitoredRelation } from "../../cells/monitoring/selection.ts";
import type { StreamRoles } from "../../cells/monitoring/stream-roles.ts";
import type { Problem } from "../../cells/session/operation.ts";
import { KPI_METRICS } from "../../cells/statistics/outcomes/metrics.ts";
import { CellProblem } from "../session/outcome.ts";
import { columnNamed } from "./relation.ts";

export type KpiRoles = OutcomeRoles;

/** What of a cell cannot be used, as written; `time` is not among them: without it nothing can be cut. */
export type KpiPart = "truth" | "score" | "decision" | "entity" | "amount";
export type PartProblems = Partial<Record<KpiPart, Problem>>;

export interface FoundRoles {
  readonly roles: KpiRoles;
  readonly problems: PartProblems;
}

/** Truth of a relation whose truth is a number. */
const NO_CLASS = "CAST(NULL AS BOOLEAN)";
/** What amounts are added up as until their size is known. */
const USUAL_MONEY = "DECIMAL(18,6)";

/** Which columns play which part: of the contract for a stream, else as the cell names them. */
export function rolesOfRelation(
  relation: MonitoredRelation,
  spec: KpiSpec,
  asOf: string,
  dialect: Dialect,
): FoundRoles {
  const { columns } = spec;
  const problems: PartProblems = {};
  const tried = <T>(part: KpiPart, otherwise: T, find: () => T): T => {
    try {
      return find();
    } catch (error) {
      if (!(error instanceof CellProblem)) throw error;
      problems[part] ??= error.problem;
      return otherwise;
    }
  };
  const has = (name: string): string | undefined =>
    relation.columns.some((one) => one.name === name) ? name : undefined;
  const column = (part: KpiPart, usual: string): string | null =>
    tried(part, null, () => {
      const name = columns[part] ?? has(usual);
      if (name === undefined) return null;
      const { type } = columnNamed(relation, name, `columns.${part}`);
      if ((part === "score" || part === "amount") && !isNumericType(type))
        throw new CellProblem(
          `columns.${part}: ${name} is ${type}; expected a number.`,
          `Make one in SQL, such as CAST(${name} AS DOUBLE) AS ${part}.`,
        );
      return dialect.name(name);
    });
  const score = column("score", "score");
  const isRegression = spec.metrics?.some((metric) => KPI_METRICS[metric].needs.includes("label_value")) ?? false;
  const truth = tried("truth", { truth: NO_CLASS, actual: null, strange: null }, () =>
    truthOf(relation, columns.truth ?? has("label"), isRegression, dialect),
  );
  const decision = column("decision", "decision");
  const roles = {
    ...truth,
    score,
    alerted:
      problems.decision === undefined
        ? tried("decision", "false", () => alertedOf(relation, spec, score, decision, dialect))
        : "false",
    entity: column("entity", "entity_id"),
    amount: column("amount", "amount"),
    time: relation.time === null ? null : dialect.name(relation.time),
    identity: relation.identity === null ? null : dialect.name(relation.identity),
    probability: probabilityOf(relation, dialect),
    silenceApplies: silenceOf(relation, dialect),
    money: { amount: USUAL_MONEY, payoff: USUAL_MONEY },
    status: problems.truth === undefined ? statusOf(relation, truth.truth, asOf, dialect) : "'unknown'",
  };
  return { roles, problems };
}

/** The same of rows that tell in `KNOWN_BY` when they were known as they are. */
export function rolesKnownBy(relation: MonitoredRelation, roles: KpiRoles, dialect: Dialect): KpiRoles {
  return { ...roles, status: statusOf(relation, roles.truth, null, dialect) };
}

function probabilityOf({ columns }: MonitoredRelation, dialect: Dialect): string | null {
  const column = columns.find(({ name }) => name === "inclusion_probability");
  return column === undefined || !isNumericType(column.type) ? null : dialect.double(dialect.name(column.name));
}

function silenceOf({ roles, columns }: MonitoredRelation, dialect: Dialect): string {
  const decisions = roles?.silence?.decisions ?? [];
  if (decisions.length === 0 || !columns.some(({ name }) => name === "decision")) return "false";
  return `${dialect.name("decision")} IN (${decisions.map((value) => dialect.text(value)).join(", ")})`;
}

function truthOf(
  relation: MonitoredRelation,
  name: string | undefined,
  isRegression: boolean,
  dialect: Dialect,
): Pick<KpiRoles, "truth" | "actual" | "strange"> {
  if (name === undefined)
    throw new CellProblem(
      `columns: ${relation.title} has no column that says the truth.`,
      "Name it: columns: {truth: is_fraud}.",
    );
  const { type } = columnNamed(relation, name, "columns.truth");
  const column = dialect.name(name);
  const { roles } = relation;
  const isClass = { actual: null, strange: null };
  if (roles !== null && roles.labelType === "text" && name === "label") {
    const list = roles.positiveLabels.map((value) => dialect.text(value)).join(", ");
    return { ...isClass, truth: list === "" ? NO_CLASS : `(${column} IN (${list}))` };
  }
  if (type === "BOOLEAN") return { ...isClass, truth: column };
  if (roles !== null && roles.labelType === "number") return { truth: NO_CLASS, actual: column, strange: null };
  // 1 and 0 are a class, unless the cell asks how far a number is off.
  if (isIntegerType(type) && !isRegression)
    return {
      truth: `CASE ${column} WHEN 1 THEN true WHEN 0 THEN false END`,
      actual: null,
      strange: `${column} NOT IN (0, 1)`,
    };
  if (isNumericType(type)) return { truth: NO_CLASS, actual: column, strange: null };
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

/** At the as-of, or null: at the row's own `KNOWN_BY`. Whether truth was stated, is silent, is still to come, or will never come. */
function statusOf(
  { roles, columns, time }: MonitoredRelation,
  truth: string,
  asOf: string | null,
  dialect: Dialect,
): string {
  const known = truth === NO_CLASS ? `${dialect.name("label")} IS NOT NULL` : `${truth} IS NOT NULL`;
  if (roles === null || time === null || !columns.some((one) => one.name === "label_source"))
    return `CASE WHEN ${truth === NO_CLASS ? "true" : known} THEN 'stated' ELSE 'unknown' END`;
  const horizon = horizonOf(roles);
  const isYoung =
    asOf === null
      ? `${dialect.seconds(dialect.name(time), dialect.name(KNOWN_BY))} < ${horizon / 1000}`
      : `${dialect.name(time)} > ${dialect.instant(new Date(Date.parse(asOf) - horizon).toISOString())}`;
  return `CASE WHEN label_source = 'silence' THEN 'silent' WHEN ${known} THEN 'stated' WHEN ${isYoung} THEN 'pending' ELSE 'unknown' END`;
}

const DEFAULT_HORIZON_MILLIS = 90 * 86_400_000;
/** How long labels take, as the contract says: its maturity, else the silence rule's, else 90 days. */
export const horizonOf = (roles: StreamRoles): number =>
  roles.maturityMillis ?? roles.silence?.afterMillis ?? DEFAULT_HORIZON_MILLIS;
