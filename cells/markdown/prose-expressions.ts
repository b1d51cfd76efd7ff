import { positionAt, type TemplateExpression, type TemplateProblem } from "../analysis/template/expression.ts";
import { newMarkdownParser } from "./markdown-parser.ts";

const parser = newMarkdownParser();

/** The `${…}` of a prose text in order of appearance, and the first `${` that is none for want of a `}`. */
export function proseExpressions(source: string): {
  expressions: TemplateExpression[];
  problem: TemplateProblem | null;
} {
  const expressions: TemplateExpression[] = [];
  const environment: { unclosed?: string } = {};
  const lines = source.split("\n");
  let blockLine = 0;
  for (const block of parser.parse(source, environment)) {
    // The text of a table's cell has no place of its own, but its row has.
    blockLine = block.map?.[0] ?? blockLine;
    if (block.type !== "inline") continue;
    // Within a block expressions are searched one behind the other: quotes and list marks may stand between its lines.
    let from = lines.slice(0, blockLine).reduce((length, line) => length + line.length + 1, 0);
    for (const { type, content } of block.children ?? []) {
      if (type !== "expression") continue;
      const exact = source.indexOf(content, Math.max(from, source.indexOf("${", from)));
      // An expression over several quoted lines does not stand in the source as it is: its block's line must do.
      const offset = exact < 0 ? from : exact;
      expressions.push({ source: content, offset, ...positionAt(source, offset) });
      from = offset + (exact < 0 ? 0 : content.length);
    }
  }
  return { expressions, problem: unclosedProblem(source, environment.unclosed) };
}

function unclosedProblem(source: string, unclosed: string | undefined): TemplateProblem | null {
  if (unclosed === undefined) return null;
  const message = "${ is never closed; expected a } in the same paragraph, or \\${ for the characters themselves";
  return { message, ...positionAt(source, Math.max(source.indexOf(unclosed), 0)) };
}
