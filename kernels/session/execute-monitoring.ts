import { type Cell, lastingId } from "../../cells/document/document.ts";
import { sinceLastTime } from "../../cells/kinds/check/since-last-time.ts";
import type { MonitoringKind } from "../../cells/kinds/kinds.ts";
import { checkFilledIn, readMonitoring } from "../../cells/monitoring/monitoring-kinds.ts";
import { fillIn } from "../../cells/monitoring/parameters.ts";
import { asPair } from "../../cells/monitoring/shown-window.ts";
import type { Display } from "../../cells/results/display.ts";
import type { Reading } from "../../cells/results/reading.ts";
import { closureOf } from "../../cells/session/closure.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { digest } from "../../cells/staleness/digest.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { Asking } from "../monitoring/ask.ts";
import { MEASURE } from "../monitoring/measure.ts";
import type { Measured } from "../monitoring/measure-context.ts";
import { readingsTable } from "../monitoring/readings-table.ts";
import { type Execution, resultName } from "./execution.ts";
import { expressionValues, parameterOf } from "./expression-values.ts";
import { CellProblem, EMPTY_RESULT, type Outcome } from "./outcome.ts";
import type { PinnedTime } from "./pinned-time.ts";
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
  const asking: Asking = {
    engine,
    signal,
    onProgress: (message) => output.progress(null, message),
    profiles: time.profiles,
    asked: [],
  };
  const { readings, display } = await measureNow(kind, asking, spec, cell, state(), time);
  signal.throwIfAborted();
  const name = resultName(cell);
  const { columns, rowCount } = await engine.register(name, readingsTable(readings));
  output.display(await completed(display, readings, read.value.written, execution));
  const variable = {
    name,
    type: "readings",
    size: `${rowCount}`,
    preview: [...new Set(readings.map((one) => one.metric))].join(", ").slice(0, 200),
  };
  return {
    status: "ok",
    error: null,
    measured: readings,
    result: {
      ...EMPTY_RESULT,
      table: { columns: [...columns], rowCount },
      readings: readings.slice(0, MOST_SHOWN_READINGS),
      variables: cell.name === null ? [] : [variable],
    },
  };
}

/** What a display shows beside what was measured now: the input that moves it, and how checks stood before. */
async function completed(
  display: Display,
  readings: readonly Reading[],
  written: unknown,
  { cell, state, readings: keeper }: Execution,
): Promise<Display> {
  if (display.type === "kpi") return { ...display, thresholdInput: thresholdInput(written) };
  if (display.type !== "check" || keeper === null) return display;
  const { path: notebook, window } = state();
  const { asOf } = display;
  const before = await keeper.before({ notebook, cell: lastingId(cell), asOf, window: asPair(window.resolved) });
  return before === null ? display : sinceLastTime(display, readings, before);
}

/** The name that the threshold is taken from, when it is nothing but a name: moving the one moves the other. */
function thresholdInput(written: unknown): string | null {
  const { threshold } = written as { readonly threshold?: unknown };
  return typeof threshold === "string" ? (/^\s*\$\{\s*([\w$]+)\s*\}\s*$/.exec(threshold)?.[1] ?? null) : null;
}

/** `spec` is checked, with its expressions filled in. @throws CellProblem when nothing is pinned yet */
export async function measureNow(
  kind: MonitoringKind,
  asking: Asking,
  spec: unknown,
  cell: Cell,
  state: SessionState,
  time: PinnedTime,
): Promise<Measured> {
  const { asOf, window } = state;
  const { relations, zone } = time;
  if (asOf === null || relations === null) throw new CellProblem("There is no data to measure yet.");
  // At another due time relative windows mean other rows, also of cells above: that is another question.
  const due = [time.ownDueAt(asOf)].filter((one) => one !== null);
  return MEASURE[kind](asking, spec as never, {
    cell: resultName(cell),
    question: digest(JSON.stringify([resultName(cell), closureOf(state, cell.id).hash, kind, spec, ...due])),
    asOf,
    dueAt: time.dueAt(asOf),
    zone,
    window: window.resolved,
    streams: relations.streams,
    marks: relations.marks,
    resolveWindow: (text, around) => {
      const resolved = time.resolve(text, asOf, around);
      if (resolved.window === null) throw new CellProblem(`window: ${resolved.problem}.`);
      return resolved.window;
    },
  });
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
