import type { KpiSpec } from "../../cells/kinds/kpi/kpi-spec.ts";
import type { MetricPart } from "../../cells/kinds/kpi/metric-problems.ts";
import { isNumericType, type MonitoredRelation } from "../../cells/monitoring/selection.ts";
import type { Problem } from "../../cells/session/operation.ts";
import type { KpiMetric } from "../../cells/statistics/outcomes/metrics.ts";
import { CellProblem } from "../session/outcome.ts";
import type { Asking } from "./ask.ts";
import type { Problems } from "./kpi-metrics.ts";
import { type OwnSql, refuseWrongExpressions } from "./own-sql.ts";
import { columnNamed } from "./relation.ts";

export interface ReadableSpec {
  /** Without the slices, payoff and own metrics that cannot be read. */
  readonly spec: KpiSpec;
  readonly ofParts: Partial<Record<MetricPart, Problem>>;
  /** Of own metrics by name, and of `by`. */
  readonly ofNames: Problems;
}

/** The spec without what of its SQL and slices cannot be read, each with its reason. */
export async function readableSpec(asking: Asking, relation: MonitoredRelation, spec: KpiSpec): Promise<ReadableSpec> {
  const ofNames: Record<string, Problem> = {};
  const problemOf = async (work: () => void | Promise<void>): Promise<Problem | null> => {
    try {
      await work();
      return null;
    } catch (error) {
      if (error instanceof CellProblem) return error.problem;
      throw error;
    }
  };
  const readable = (expressions: readonly OwnSql[]) =>
    problemOf(() => refuseWrongExpressions(asking, relation, expressions));
  const payoffs = Object.entries(spec.payoff ?? {}).map(([name, sql]) => ({ key: `payoff.${name}`, sql }));
  const payoff =
    (await readable(payoffs)) ?? (await problemOf(() => refuseOtherThanNumbers(asking, relation, payoffs)));
  for (const [name, sql] of Object.entries(spec.define)) {
    const problem = await readable([{ key: `define.${name}`, sql }]);
    if (problem !== null) ofNames[name] = problem;
  }
  const by = await problemOf(() => spec.by.forEach((name) => void columnNamed(relation, name, "by")));
  if (by !== null) ofNames.by = by;
  return {
    spec: {
      ...spec,
      by: by === null ? spec.by : [],
      payoff: payoff === null ? spec.payoff : null,
      define: Object.fromEntries(Object.entries(spec.define).filter(([name]) => ofNames[name] === undefined)),
    },
    ofParts: payoff === null ? {} : { payoff },
    ofNames,
  };
}

/** Text and times that are no number would count as nothing. @throws CellProblem */
async function refuseOtherThanNumbers(
  { engine }: Asking,
  relation: MonitoredRelation,
  expressions: readonly OwnSql[],
): Promise<void> {
  for (const { key, sql } of expressions) {
    const { columns } = await engine.describe({ sql: `SELECT (${sql}\n) AS value FROM ${relation.sql}` });
    const type = columns[0]!.type;
    if (!isNumericType(type) && type !== '"NULL"')
      throw new CellProblem(
        `${key}: ${sql} is ${type}; expected a number.`,
        "Name an amount, a number, or SQL that gives one.",
      );
  }
}

/** @throws CellProblem for the first problem when every metric has one */
export function refuseAllWrong(metrics: readonly KpiMetric[], spec: KpiSpec, problems: Problems): void {
  const names = [...metrics, ...Object.keys(spec.define)];
  const first = names.map((name) => problems[name]).find((problem) => problem !== undefined);
  if (first !== undefined && names.every((name) => problems[name] !== undefined))
    throw new CellProblem(first.message, first.hint);
}

/** Sentences of what is wrong and no metric's reading says. */
export function unsaid(ofParts: Partial<Record<MetricPart, Problem>>, said: Problems): string[] {
  const messages = new Set(Object.values(said).map(({ message }) => message));
  return Object.values(ofParts)
    .filter(({ message }) => !messages.has(message))
    .map(({ message, hint }) => (hint === undefined ? message : `${message} ${hint}`));
}
