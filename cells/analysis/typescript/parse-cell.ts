import { parse, parseExpression as parseOneExpression } from "@babel/parser";
import type { SyntaxNode } from "./syntax-node.ts";

/** What is wrong with a cell's text; 1-based. */
export interface SyntaxProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}
export type Parsed =
  | { readonly ok: true; readonly program: SyntaxNode }
  | { readonly ok: false; readonly problem: SyntaxProblem };

const OPTIONS = { sourceType: "module", plugins: ["typescript", "explicitResourceManagement"] } as const;

/** The program of a cell. Never throws: every text is a program or has a problem. */
export function parseCell(source: string): Parsed {
  return attempt(() => parse(source, { ...OPTIONS, plugins: [...OPTIONS.plugins] }).program as unknown as SyntaxNode);
}

/** One expression, as between `${` and `}` in prose and SQL. */
export function parseExpression(source: string): Parsed {
  return attempt(() => {
    const options = { ...OPTIONS, plugins: [...OPTIONS.plugins], allowAwaitOutsideFunction: true };
    return parseOneExpression(source, options) as unknown as SyntaxNode;
  });
}

function attempt(make: () => SyntaxNode): Parsed {
  try {
    return { ok: true, program: make() };
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    const { line, column } = error.loc;
    const message = error.message.replace(/ \(\d+:\d+\)$/, "").replace(/\s*\n[\s\S]*$/, "");
    return { ok: false, problem: { message: SENTENCES[error.reasonCode] ?? message, line, column: column + 1 } };
  }
}

/** Where Babel's own words are about its options, or say less than we know. */
const SENTENCES: Readonly<Record<string, string>> = {
  IllegalReturn: "`return` stands outside of a function: to show a value, let it be the last expression of the cell",
  UnexpectedImportExport: "`import` and `export` stand at the top of a cell, not inside a block",
};

interface BabelSyntaxError extends SyntaxError {
  readonly loc: { readonly line: number; readonly column: number };
  readonly reasonCode: string;
}
const isSyntaxError = (error: unknown): error is BabelSyntaxError => error instanceof SyntaxError && "loc" in error;
