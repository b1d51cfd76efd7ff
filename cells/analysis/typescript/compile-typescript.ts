import { blankTypes } from "./blank-types.ts";
import { topLevelNames } from "./declared-names.ts";
import { freeUses } from "./free-names.ts";
import { parseCell, parseExpression, type SyntaxProblem } from "./parse-cell.ts";
import { child, isTypeOnly, list, type SyntaxNode } from "./syntax-node.ts";
import { applyEdits, blank, type EditedText, lineEnds, type TextEdit } from "./text-edits.ts";
import { unsupported } from "./unsupported.ts";

export interface CompiledCell {
  /**
   * Text of a module whose default export is `async (scope) => ({names, value})`: it takes what the cell reads as
   * properties, and gives what it defines. Lines are those of the cell; positions are told by `originalColumn`.
   *
   * A function in a module, not the cell as a module: it can run again without being loaded again, and what an earlier
   * run defined can be collected.
   */
  readonly code: string;
  /** Properties that the scope must have, known names included. */
  readonly needs: readonly string[];
  readonly defines: readonly string[];
  readonly originalColumn: EditedText["originalColumn"];
}
export type Compiled =
  | { readonly ok: true; readonly cell: CompiledCell }
  | { readonly ok: false; readonly problem: SyntaxProblem };

/** A name that occurs nowhere in the text. */
function freshName(source: string, stem: string): string {
  let name = stem;
  while (source.includes(name)) name += "_";
  return name;
}

/** The cell as JavaScript. Given names are read from the scope when the cell begins. */
export function compileTypeScript(source: string): Compiled {
  const parsed = parseCell(source);
  if (!parsed.ok) return parsed;
  const { program } = parsed;
  const problem = unsupported(program);
  if (problem !== null) return { ok: false, problem };

  const value = freshName(source, "$value");
  const needs = scopeNames(program);
  const defines = [...topLevelNames(program)].filter((name) => !name.startsWith("_"));
  const edits = [...blankTypes(source, program), ...importEdits(source, program), ...exportEdits(source, program)];
  edits.push(...valueEdits(source, program, value));
  const edited = applyEdits(source, edits);
  const head = `export default async ({ ${needs.join(", ")} }) => { let ${value}; `;
  const tail = `\n;return { names: { ${defines.join(", ")} }, value: ${value} }; };\n`;
  const originalColumn = (line: number, column: number): number =>
    edited.originalColumn(line, line === 1 ? Math.max(1, column - head.length) : column);
  return { ok: true, cell: { code: head + edited.text + tail, needs, defines, originalColumn } };
}

/** One expression as such a module: its default export gives the value as `value`. */
export function compileExpression(source: string): Compiled {
  const parsed = parseExpression(source);
  if (!parsed.ok) return parsed;
  const needs = scopeNames(parsed.program);
  const edited = applyEdits(source, blankTypes(source, parsed.program));
  const head = `export default async ({ ${needs.join(", ")} }) => ({ names: {}, value: (`;
  const originalColumn = (line: number, column: number): number =>
    edited.originalColumn(line, line === 1 ? Math.max(1, column - head.length) : column);
  return { ok: true, cell: { code: `${head}${edited.text}\n) });\n`, needs, defines: [], originalColumn } };
}

/** Free names; one that is only assigned to is left free, so that strict mode refuses the assignment. */
function scopeNames(program: SyntaxNode): string[] {
  return [
    ...new Set(
      freeUses(program)
        .filter(({ write }) => !write)
        .map(({ name }) => name),
    ),
  ].filter((name) => !LANGUAGE.has(name));
}
/** Not properties of any scope. */
const LANGUAGE: ReadonlySet<string> = new Set(["undefined", "arguments", "eval", "globalThis"]);

/** `import {a as b} from "c"` becomes `const { a: b } = await import("c");` where it stood. */
function* importEdits(source: string, program: SyntaxNode): Generator<TextEdit> {
  for (const statement of list(program, "body")) {
    if (statement.type !== "ImportDeclaration" || isTypeOnly(statement)) continue;
    const old = source.slice(statement.start, statement.end);
    yield { start: statement.start, end: statement.end, text: `;${dynamicImport(source, statement)};${lineEnds(old)}` };
  }
}

function dynamicImport(source: string, statement: SyntaxNode): string {
  const attributes = list(statement, "attributes").map((one) => source.slice(one.start, one.end));
  const options = attributes.length === 0 ? "" : `, { with: { ${attributes.join(", ")} } }`;
  const loaded = `await import(${JSON.stringify(child(statement, "source")?.value)}${options})`;
  let whole: string | null = null;
  const parts: string[] = [];
  for (const specifier of list(statement, "specifiers")) {
    if (specifier.importKind === "type" || specifier.importKind === "typeof") continue;
    const local = String(child(specifier, "local")?.name);
    if (specifier.type === "ImportNamespaceSpecifier") whole = local;
    else if (specifier.type === "ImportDefaultSpecifier") parts.push(`default: ${local}`);
    else {
      const imported = child(specifier, "imported")!;
      parts.push(`${imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value)}: ${local}`);
    }
  }
  if (whole !== null)
    return `const ${whole} = ${loaded}${parts.length === 0 ? "" : `, { ${parts.join(", ")} } = ${whole}`}`;
  return parts.length === 0 ? loaded : `const { ${parts.join(", ")} } = ${loaded}`;
}

/** `export const a` is `const a`: top-level names are visible to all cells anyway. */
function* exportEdits(source: string, program: SyntaxNode): Generator<TextEdit> {
  for (const statement of list(program, "body")) {
    const declaration = statement.type === "ExportNamedDeclaration" ? child(statement, "declaration") : null;
    if (declaration !== null && !isTypeOnly(statement))
      yield blank(source, statement.start, statement.start + "export".length);
  }
}

/** The value of a last expression is kept. A text alone is a directive to the parser; to us it is a value. */
function* valueEdits(source: string, program: SyntaxNode, value: string): Generator<TextEdit> {
  const last = list(program, "body")
    .filter((one) => one.type !== "EmptyStatement" && !isTypeOnly(one))
    .at(-1);
  const directive = last === undefined ? list(program, "directives").at(-1) : undefined;
  const target = directive ?? (last?.type === "ExpressionStatement" ? last : undefined);
  if (target === undefined) return;
  const closed = source[target.end - 1] === ";";
  yield { start: target.start, end: target.start, text: `;${value} = (` };
  const end = closed ? target.end - 1 : target.end;
  yield { start: end, end, text: closed ? ")" : ");" };
}
