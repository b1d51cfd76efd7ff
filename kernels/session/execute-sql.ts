import { SqlError } from "../engine/sql-engine.ts";
import { sqlTemplate } from "./cell-text.ts";
import { type Execution, resultName } from "./execution.ts";
import { expressionValues, parameterOf } from "./expression-values.ts";
import { EMPTY_RESULT, type Outcome } from "./outcome.ts";

/** Materialises the statement's rows once, under the cell's name, with every `${…}` as a bound parameter. */
export async function executeSql(execution: Execution): Promise<Outcome> {
  const { cell, run, signal, output, state, scope } = execution;
  const template = sqlTemplate(cell.source);
  const values = await expressionValues(execution, template.expressions, "values");
  const parameters = values.map((value, at) => parameterOf(value, template.expressions[at]!));
  const engine = await execution.engine.acquire();
  const reads = state().analyses[cell.id]?.reads ?? [];
  await scope.bringToEngine(template.relationsAmong(reads), engine);
  const name = resultName(cell);
  try {
    const { columns, rowCount } = await engine.materialise({
      sql: template.sql,
      parameters,
      name,
      runId: run,
      signal,
      onProgress: (fraction) => output.progress(fraction, null),
    });
    const variable = {
      name,
      type: "table",
      size: `${rowCount} × ${columns.length}`,
      preview: columns
        .map((column) => column.name)
        .join(", ")
        .slice(0, 200),
    };
    const variables = cell.name === null ? [] : [variable];
    const table = { columns: [...columns], rowCount };
    return { status: "ok", error: null, result: { ...EMPTY_RESULT, table, variables } };
  } catch (error) {
    throw error instanceof SqlError ? new SqlError(error.kind, template.inSource(error.problem)) : error;
  }
}
