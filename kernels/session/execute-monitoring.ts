import type { MonitoringKind } from "../../cells/monitoring/monitoring-kinds.ts";
import { checkFilledIn, readMonitoring } from "../../cells/monitoring/monitoring-kinds.ts";
import { fillIn } from "../../cells/monitoring/parameters.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { Asking } from "../monitoring/ask.ts";
import { MEASURE } from "../monitoring/measure.ts";
import { readingsTable } from "../monitoring/readings-table.ts";
import { type Execution, resultName } from "./execution.ts";
import { expressionValues, parameterOf } from "./expression-values.ts";
import { CellProblem, EMPTY_RESULT, type Outcome } from "./outcome.ts";
import type { KernelValue } from "./session-kernel.ts";

/** Readings that travel with the session's state; all of them are rows of the cell's relation. */
const MOST_SHOWN_READINGS = 2000;

/** Measures what a drift, kpi or check cell asks for: its readings are its relation, its view is a display. */
export async function executeMonitoring(kind: MonitoringKind, execution: Execution): Promise<Outcome> {
  const { cell, signal, output, scope, time, state } = execution;
  const read = readMonitoring(kind, cell.source);
  if (!read.ok) {
    const problem = read.problems[0] ?? { message: `This is no ${kind} cell.` };
    return { status: "error", result: null, error: { ...problem } };
  }
  const spec = await filledIn(kind, execution, read.value.written, read.value.expressions);
  const engine = await execution.engine.acquire();
  await scope.bringToEngine(read.value.relations, engine);
  signal.throwIfAborted();
  const asking: Asking = { engine, signal, onProgress: (message) => output.progress(null, message), asked: [] };
  const asOf = state().asOf;
  const { relations } = time;
  if (asOf === null || relations === null) throw new CellProblem("There is no data to measure yet.");
  const { readings, display } = await MEASURE[kind](asking, spec as never, {
    cell: resultName(cell),
    asOf,
    zone: time.zone,
    window: state().window.resolved,
    streams: relations.streams,
    resolveWindow: (text, around) => {
      const { window, problem } = time.resolve(text, asOf, around);
      if (window === null) throw new CellProblem(`window: ${problem}.`);
      return window;
    },
  });
  signal.throwIfAborted();
  const name = resultName(cell);
  const { columns, rowCount } = await engine.register(name, readingsTable(readings));
  output.display(display);
  const variable = {
    name,
    type: "readings",
    size: `${rowCount}`,
    preview: [...new Set(readings.map((one) => one.metric))].join(", ").slice(0, 200),
  };
  return {
    status: "ok",
    error: null,
    result: {
      ...EMPTY_RESULT,
      table: { columns: [...columns], rowCount },
      readings: readings.slice(0, MOST_SHOWN_READINGS),
      variables: cell.name === null ? [] : [variable],
    },
  };
}

async function filledIn(
  kind: MonitoringKind,
  execution: Execution,
  written: unknown,
  expressions: readonly string[],
): Promise<unknown> {
  if (expressions.length === 0) return written;
  const values = await expressionValues(execution, expressions, "values");
  const known = new Map(expressions.map((expression, at) => [expression, values[at]!]));
  const filled = fillIn(
    written,
    (expression) => plain(known.get(expression)!, expression),
    (expression) => literal(known.get(expression)!, expression),
  );
  const { value, problem } = checkFilledIn(kind, filled);
  if (problem !== null) throw new CellProblem(problem, "Look at the value of the expression that stands there.");
  return value;
}

function plain(value: KernelValue, expression: string): unknown {
  if (value.type === "json") return value.value;
  if (value.type === "window") return `${value.start}/${value.end}`;
  if (value.type === "time" || value.type === "date") return value.iso;
  throw new CellProblem(`\${${expression}} is a ${value.type}; a cell like this takes a number, text or window.`);
}

/** As SQL text, inside a condition. */
function literal(value: KernelValue, expression: string): string {
  const parameter = parameterOf(value, expression);
  if (parameter === null) return "NULL";
  switch (typeof parameter) {
    case "boolean":
    case "bigint":
      return String(parameter);
    case "number":
      return duckdbDialect.number(parameter);
    case "string":
      return duckdbDialect.text(parameter);
    default:
      if ("iso" in parameter)
        return parameter.type === "date"
          ? `DATE ${duckdbDialect.text(parameter.iso)}`
          : duckdbDialect.instant(parameter.iso);
      throw new CellProblem(`\${${expression}} is a list; a condition takes one value.`);
  }
}
