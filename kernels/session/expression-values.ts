import { analyseExpression } from "../../cells/analysis/typescript/analyse-typescript.ts";
import type { SqlParameter } from "../engine/sql-engine.ts";
import type { Execution } from "./execution.ts";
import { CellProblem } from "./outcome.ts";
import type { KernelValue } from "./session-kernel.ts";

const PATH = /^\s*([\p{ID_Start}_$][\p{ID_Continue}$]*)(?:\.(start|end))?\s*$/u;

/**
 * The values of a cell's `${…}`. Inputs, `asOf` and the window need no kernel, and none is started for them alone.
 */
export async function expressionValues(
  execution: Execution,
  expressions: readonly string[],
  as: "values" | "texts",
): Promise<readonly KernelValue[]> {
  if (expressions.length === 0) return [];
  const values = expressions.map((expression) => (as === "values" ? plainValue(execution, expression) : undefined));
  const others = expressions.filter((_, at) => values[at] === undefined);
  if (others.length === 0) return values as KernelValue[];
  const { scope, signal } = execution;
  const kernel = await execution.kernel.acquire();
  const names = new Set(others.flatMap((expression) => analyseExpression(expression).reads));
  await scope.bringToKernel([...names], kernel, signal);
  signal.throwIfAborted();
  const evaluated = [...(await kernel.evaluate({ expressions: others, signal, as }))];
  return values.map((value) => value ?? evaluated.shift()!);
}

function plainValue({ scope }: Execution, expression: string): KernelValue | undefined {
  const [, name, part] = PATH.exec(expression) ?? [];
  const value = name === undefined ? undefined : scope.plain(name);
  if (value === undefined || part === undefined) return value;
  if (value.type === "window") return { type: "time", iso: part === "start" ? value.start : value.end };
  return undefined;
}

/** As SQL can bind it. @throws CellProblem naming the expression when it cannot. */
export function parameterOf(value: KernelValue, expression: string): SqlParameter {
  switch (value.type) {
    case "time":
      return { type: "timestamp", iso: value.iso };
    case "date":
      return { type: "date", iso: value.iso };
    case "bigint":
      return BigInt(value.digits);
    case "window":
      throw new CellProblem(
        `\${${expression.trim()}} is a window, and SQL can bind one value.`,
        `Use \${${expression.trim()}.start} and \${${expression.trim()}.end}.`,
      );
    case "table":
      throw new CellProblem(
        `\${${expression.trim()}} is a table, and SQL can bind one value.`,
        `Name it in FROM instead: FROM ${expression.trim()}.`,
      );
    case "json":
      return jsonParameter(value.value, expression);
  }
}

function jsonParameter(value: unknown, expression: string): SqlParameter {
  if (value === undefined) return null;
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (Array.isArray(value)) return { type: "list", items: value.map((item) => jsonParameter(item, expression)) };
  throw new CellProblem(
    `\${${expression.trim()}} is an object, and SQL can bind a number, text, boolean, date or a list of them.`,
    "Bind one of its properties.",
  );
}
