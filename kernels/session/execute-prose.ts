import { proseExpressions } from "../../cells/markdown/prose-expressions.ts";
import type { Execution } from "./execution.ts";
import { expressionValues } from "./expression-values.ts";
import { EMPTY_RESULT, type Outcome } from "./outcome.ts";

/** The rendered text of each `${…}`, in order. */
export async function executeProse(execution: Execution): Promise<Outcome> {
  const expressions = proseExpressions(execution.cell.source).expressions.map(({ source }) => source);
  const values = await expressionValues(execution, expressions, "texts");
  const texts = values.map((value) => (value.type === "json" ? String(value.value) : ""));
  return { status: "ok", error: null, result: { ...EMPTY_RESULT, texts } };
}
