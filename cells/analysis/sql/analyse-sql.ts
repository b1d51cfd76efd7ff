import { type AnalyseExpression, readsOf, type TemplateProblem } from "../template/expression.ts";
import { type SplitSql, splitSqlTemplate } from "./split-sql-template.ts";

/** What can be said of a SQL cell without an engine; the relations come from `relationsOf` over its `split.text`. */
export interface SqlTemplateAnalysis {
  readonly split: SplitSql;
  /** Names that the `${…}` read. */
  readonly reads: readonly string[];
  readonly problem: TemplateProblem | null;
  readonly warnings: readonly TemplateProblem[];
}

export function analyseSqlTemplate(source: string, analyse: AnalyseExpression): SqlTemplateAnalysis {
  const split = splitSqlTemplate(source);
  const { reads, problem } = readsOf(split.expressions, analyse);
  return { split, reads, problem: split.problem ?? problem, warnings: split.warnings };
}
