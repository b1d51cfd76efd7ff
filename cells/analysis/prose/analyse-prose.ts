import { proseExpressions } from "../../markdown/prose-expressions.ts";
import {
  type AnalyseExpression,
  readsOf,
  type TemplateExpression,
  type TemplateProblem,
} from "../template/expression.ts";

export interface ProseAnalysis {
  /** In the order in which `renderMarkdown` takes their texts. */
  readonly expressions: readonly TemplateExpression[];
  readonly reads: readonly string[];
  readonly problem: TemplateProblem | null;
}

/** What a prose cell reads: its `${…}` outside code, comments and link addresses. */
export function analyseProse(source: string, analyse: AnalyseExpression): ProseAnalysis {
  const { expressions, problem } = proseExpressions(source);
  const read = readsOf(expressions, analyse);
  return { expressions, reads: read.reads, problem: problem ?? read.problem };
}
