import { positionAt, type TemplateExpression, type TemplateProblem } from "../template/expression.ts";
import { expressionEnd } from "../template/expression-end.ts";
import { matchAt, quotedEnd, wordEnd } from "./quoted-text.ts";

export interface SplitSql {
  /** The statement with `$1`, `$2`, … where expressions stood; the same expression text is the same parameter. */
  readonly text: string;
  /** Expression n - 1 gives the value of `$n`. */
  readonly expressions: readonly TemplateExpression[];
  /** The first thing that keeps the cell from running: an open `${`, or a parameter written by hand. */
  readonly problem: TemplateProblem | null;
  /** `${…}` where SQL sees only text. */
  readonly warnings: readonly TemplateProblem[];
  /** What was replaced: offsets in the source and in `text`, ascending. */
  readonly replacements: readonly Replacement[];
}

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly textFrom: number;
  readonly textTo: number;
}

const PARAMETER = /\$(?:\d+|[A-Za-z_]\w*)/y;

/** Finds the `${…}` of a SQL cell, which become bound parameters, never text. Never throws. */
export function splitSqlTemplate(source: string): SplitSql {
  const expressions: TemplateExpression[] = [];
  const parameters = new Map<string, number>();
  const replacements: Replacement[] = [];
  const warnings: TemplateProblem[] = [];
  let problem: TemplateProblem | null = null;
  let text = "";
  let at = 0;
  const copy = (end: number) => {
    text += source.slice(at, end);
    at = end;
  };
  while (at < source.length) {
    if (source.startsWith("${", at)) {
      const end = expressionEnd(source, at + 2);
      if (end < 0) {
        problem ??= { message: "${ is never closed; expected a } after the expression", ...positionAt(source, at) };
        copy(source.length);
        break;
      }
      const written = source.slice(at + 2, end);
      const expression = written.trim();
      if (expression === "") problem ??= { message: "${} holds no expression", ...positionAt(source, at) };
      let number = parameters.get(expression);
      if (number === undefined) {
        const offset = at + 2 + written.length - written.trimStart().length;
        expressions.push({ source: expression, offset, ...positionAt(source, offset) });
        number = expressions.length;
        parameters.set(expression, number);
      }
      const before = /[\w$]$/.test(text) ? " " : "";
      const after = /^[\w$]/.test(source.slice(end + 1, end + 2)) ? " " : "";
      const parameter = `${before}$${number}${after}`;
      replacements.push({ from: at, to: end + 1, textFrom: text.length, textTo: text.length + parameter.length });
      text += parameter;
      at = end + 1;
      continue;
    }
    const quoted = quotedEnd(source, at);
    if (quoted !== null) {
      if (quoted.isText) warnings.push(...placeholdersIn(source, at, quoted.end));
      copy(quoted.end);
      continue;
    }
    const parameter = matchAt(PARAMETER, source, at);
    if (parameter !== null) {
      const message = `${parameter} cannot be given a value; write \${expression} for a bound value`;
      problem ??= { message, ...positionAt(source, at) };
    }
    copy(parameter === null ? wordEnd(source, at) : at + parameter.length);
  }
  return { text, expressions, problem, warnings, replacements };
}

/** The offset in the source for an offset in the split text, so that an error of the engine points at the cell. */
export function sourceOffset(split: Pick<SplitSql, "replacements">, textOffset: number): number {
  let shift = 0;
  for (const { from, to, textFrom, textTo } of split.replacements) {
    if (textOffset < textFrom) break;
    if (textOffset < textTo) return from;
    shift = to - textTo;
  }
  return textOffset + shift;
}

function placeholdersIn(source: string, start: number, end: number): TemplateProblem[] {
  const offset = source.slice(start, end).indexOf("${");
  if (offset < 0) return [];
  const message = "${…} inside quotes is text and not a value; take the quotes away to bind it";
  return [{ message, ...positionAt(source, start + offset) }];
}
