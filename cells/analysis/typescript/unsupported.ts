import type { SyntaxProblem } from "./parse-cell.ts";
import { child, isTypeOnly, list, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";

/** The first thing in a program that is TypeScript, or a module, but cannot stand in a cell; null when all can. */
export function unsupported(program: SyntaxNode): SyntaxProblem | null {
  for (const statement of list(program, "body")) {
    const message = moduleProblem(statement);
    if (message !== null) return at(statement, message);
  }
  return deepProblem(program);
}

function moduleProblem(statement: SyntaxNode): string | null {
  switch (statement.type) {
    case "ExportAllDeclaration":
    case "ExportDefaultDeclaration":
      return isTypeOnly(statement) ? null : "A cell has no exports: its top-level names are visible to all cells";
    case "ExportNamedDeclaration":
      return isTypeOnly(statement) || child(statement, "declaration") !== null
        ? null
        : "A cell has no exports: its top-level names are visible to all cells";
    case "ImportDeclaration": {
      const from = String(child(statement, "source")?.value);
      return /^(\.|\/|file:)/.test(from)
        ? `Cannot import ${JSON.stringify(from)}: cells reach packages that the workspace's deno.json names, and no files`
        : null;
    }
    default:
      return null;
  }
}

/** TypeScript that makes code of its own, so that it cannot be left out like a type. */
const MAKES_CODE: Readonly<Record<string, string>> = {
  TSEnumDeclaration: "`enum` cannot stand in a cell: write `const Name = {A: 0, B: 1} as const`",
  TSModuleDeclaration: "`namespace` cannot stand in a cell: use an object, or names of the cell",
  TSParameterProperty: "A constructor parameter cannot declare a property here: declare the field and assign it",
  TSImportEqualsDeclaration: '`import … = …` cannot stand in a cell: write `import name from "package"`',
  TSExportAssignment: "A cell has no exports: its top-level names are visible to all cells",
};

function deepProblem(node: SyntaxNode): SyntaxProblem | null {
  if (isTypeOnly(node)) return null;
  const message = MAKES_CODE[node.type];
  if (message !== undefined) return at(node, message);
  for (const inner of runtimeChildren(node)) {
    const problem = deepProblem(inner);
    if (problem !== null) return problem;
  }
  return null;
}

function at(node: SyntaxNode, message: string): SyntaxProblem {
  const { line, column } = node.loc?.start ?? { line: 1, column: 0 };
  return { message, line, column: column + 1 };
}
