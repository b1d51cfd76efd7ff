import { topLevelNames } from "./declared-names.ts";
import { freeUses } from "./free-names.ts";
import { isKnownName, isReservedName } from "./known-names.ts";
import { type Parsed, parseCell, parseExpression, type SyntaxProblem } from "./parse-cell.ts";
import { child, list, nameOf, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";
import { templateText } from "./template-text.ts";
import { unseeded } from "./unseeded.ts";
import { unsupported } from "./unsupported.ts";

export interface TypeScriptAnalysis {
  /** Names that other cells can read: top-level ones without a leading underscore, sorted. */
  readonly defines: readonly string[];
  /** Names of other cells, of the workspace, `window` and `asOf`; not what every cell has. Sorted. */
  readonly reads: readonly string[];
  /** Names that the cell assigns to without declaring them. Sorted. */
  readonly assigns: readonly string[];
  /** Modules named by import declarations. */
  readonly imports: readonly string[];
  /** Texts of sql`…` with $1, $2, … where values stand: what they read is the SQL analysis' to say. */
  readonly sqlTemplates: readonly string[];
  /** What gives other values each time, but for what its SQL does. */
  readonly unseeded: readonly string[];
  readonly problem: SyntaxProblem | null;
}

const NOTHING: Omit<TypeScriptAnalysis, "problem"> = {
  defines: [],
  reads: [],
  assigns: [],
  imports: [],
  sqlTemplates: [],
  unseeded: [],
};

/** What a cell defines and reads. A cell with a problem defines its `name` alone, so that readers are told why they wait. */
export function analyseTypeScript(source: string, name: string | null = null): TypeScriptAnalysis {
  const own = name === null ? [] : [name];
  const parsed = parseCell(source);
  if (!parsed.ok) return { ...NOTHING, defines: own, problem: parsed.problem };
  const { program } = parsed;
  const defines = [...topLevelNames(program)].filter((one) => !one.startsWith("_"));
  return {
    ...usesOf(program),
    unseeded: unseeded(program),
    defines: sorted([...defines, ...own]),
    imports: list(program, "body")
      .filter((statement) => statement.type === "ImportDeclaration" && statement.importKind !== "type")
      .map((statement) => String(child(statement, "source")?.value)),
    problem: unsupported(program) ?? reservedProblem(program, defines),
  };
}

/** The same for one expression of prose or SQL. */
export function analyseExpression(source: string): Pick<TypeScriptAnalysis, "reads" | "assigns" | "problem"> {
  const parsed: Parsed = parseExpression(source);
  if (!parsed.ok) return { reads: [], assigns: [], problem: parsed.problem };
  const { reads, assigns } = usesOf(parsed.program);
  return { reads, assigns, problem: null };
}

function usesOf(program: SyntaxNode): Pick<TypeScriptAnalysis, "reads" | "assigns" | "sqlTemplates"> {
  const uses = freeUses(program).filter(({ name }) => !isKnownName(name));
  return {
    reads: sorted(uses.filter(({ write }) => !write).map(({ name }) => name)),
    assigns: sorted(uses.filter(({ write }) => write).map(({ name }) => name)),
    sqlTemplates: sqlTemplates(program),
  };
}

function reservedProblem(program: SyntaxNode, defines: readonly string[]): SyntaxProblem | null {
  const taken = defines.find(isReservedName);
  if (taken === undefined) return null;
  const place = findDeclaration(program, taken)?.loc?.start ?? { line: 1, column: 0 };
  const message = `${JSON.stringify(taken)} is known to every cell and cannot be defined anew: choose another name, or _${taken} to keep it inside this cell`;
  return { message, line: place.line, column: place.column + 1 };
}

/** The first identifier of that name in a binding position; good enough to point at. */
function findDeclaration(node: SyntaxNode, name: string): SyntaxNode | null {
  if (nameOf(node) === name) return node;
  for (const inner of runtimeChildren(node)) {
    const found = findDeclaration(inner, name);
    if (found !== null) return found;
  }
  return null;
}

function sqlTemplates(node: SyntaxNode): string[] {
  const own = nameOf(child(node, "tag")) === "sql" ? [templateText(child(node, "quasi")!)] : [];
  return [...own, ...[...runtimeChildren(node)].flatMap(sqlTemplates)];
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
