/** An expression found in a cell's text. `line` and `column` count from 1, `offset` from 0, all of the expression itself. */
export interface TemplateExpression {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** What an expression reads and whether it is one; the TypeScript analysis answers. Line and column are its own. */
export type AnalyseExpression = (source: string) => {
  readonly reads: readonly string[];
  readonly problem: { readonly message: string; readonly line: number; readonly column: number } | null;
};

export interface TemplateProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** 1-based line and column of an offset. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}

/** The names that several expressions read, each once, and the first problem moved to where its expression stands. */
export function readsOf(
  expressions: readonly TemplateExpression[],
  analyse: AnalyseExpression,
): { reads: string[]; problem: TemplateProblem | null } {
  const reads = new Set<string>();
  let problem: TemplateProblem | null = null;
  for (const { source, line, column } of expressions) {
    const found = analyse(source);
    for (const name of found.reads) reads.add(name);
    if (found.problem === null) continue;
    const shift = found.problem.line === 1 ? column - 1 : 0;
    problem ??= {
      message: found.problem.message,
      line: line + found.problem.line - 1,
      column: found.problem.column + shift,
    };
  }
  return { reads: [...reads], problem };
}
