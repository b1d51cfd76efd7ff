import { splitSqlTemplate } from "../../cells/analysis/sql/split-sql-template.ts";
import { SqlError } from "../engine/sql-engine.ts";
import { type Execution, resultName } from "./execution.ts";
import { expressionValues, parameterOf } from "./expression-values.ts";
import { EMPTY_RESULT, type Outcome } from "./outcome.ts";
import { inSource, namesIn, readingOf } from "./sql-cell.ts";

/** Materialises the statement's rows once, under the cell's name, with every `${…}` as a bound parameter. */
export async function executeSql(execution: Execution): Promise<Outcome> {
  const { cell, run, signal, output, scope } = execution;
  const split = splitSqlTemplate(cell.source);
  const expressions = split.expressions.map(({ source }) => source);
  const values = await expressionValues(execution, expressions, "values");
  const parameters = values.map((value, at) => parameterOf(value, expressions[at]!));
  const engine = await execution.engine.acquire();
  if (scope.readsTypeScript(cell)) {
    const { reading } = await readingOf(split, cell.source, engine);
    await scope.bringToEngine(namesIn(reading).bare, engine);
  }
  const name = resultName(cell);
  signal.throwIfAborted();
  try {
    const { columns, rowCount } = await engine.materialise({
      sql: split.text,
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
    const table = { columns: [...columns], rowCount };
    return {
      status: "ok",
      error: null,
      result: { ...EMPTY_RESULT, table, variables: cell.name === null ? [] : [variable] },
    };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(error.kind, inSource(error.problem, split, cell.source));
  }
}
