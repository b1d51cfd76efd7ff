import { firstMetric, type SubjectProblem } from "../../cells/kinds/drift/asked-metrics.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import {
  isCategoricalType,
  isNumericType,
  type MonitoredColumn,
  type Selection,
} from "../../cells/monitoring/selection.ts";
import { CellProblem } from "../session/outcome.ts";
import type { DriftSides } from "./drift-sides.ts";
import { orProblem } from "./or-problem.ts";
import { columnNamed } from "./relation.ts";

/** The columns to compare that both samples have in a type that can be compared; what is wrong with the others is a problem each. */
export function comparableColumns(
  spec: DriftSpec,
  { reference, current }: DriftSides,
  problems: SubjectProblem[],
): MonitoredColumn[] {
  const names = spec.columns ?? defaultColumns(current).map(({ name }) => name);
  return names.flatMap((name) => {
    const made = orProblem(() => {
      const column = columnNamed(current.relation, name, "columns");
      columnNamed(reference.relation, name, "reference");
      const { type } = column;
      if (!(isNumericType(type) || isCategoricalType(type)))
        throw new CellProblem(`columns: ${name} is ${type}; drift compares numbers, texts and booleans.`);
      if (spec.types[name] === "numeric" && !isNumericType(type))
        throw new CellProblem(`types: ${name} is ${type} and cannot be compared as numbers.`);
      return column;
    });
    if (typeof made !== "string") return [made];
    problems.push({ subject: name, metric: firstMetric(spec.metrics), problem: made });
    return [];
  });
}

/** Score, decision and the features of a stream, else every column that can be compared. */
function defaultColumns({ relation }: Selection): MonitoredColumn[] {
  const { roles, time, identity } = relation;
  const wanted =
    roles === null
      ? null
      : new Set(
          ["score", "decision", ...roles.features.map(({ name }) => name)].filter((name) => name !== roles.entity),
        );
  return relation.columns.filter(
    ({ name, type }) =>
      (wanted === null ? name !== time && name !== identity : wanted.has(name)) &&
      (isNumericType(type) || isCategoricalType(type)),
  );
}
