import { child, isTypeOnly, list, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";

/** Names that a pattern binds: `{a, b: [c], ...d} = e` gives a, c, d. */
export function* patternNames(pattern: SyntaxNode | null): Generator<string> {
  if (pattern === null) return;
  switch (pattern.type) {
    case "Identifier":
      return yield String(pattern.name);
    case "ObjectPattern":
      for (const property of list(pattern, "properties"))
        yield* patternNames(property.type === "RestElement" ? property : child(property, "value"));
      return;
    case "ArrayPattern":
      for (const element of list(pattern, "elements")) yield* patternNames(element);
      return;
    case "AssignmentPattern":
      return yield* patternNames(child(pattern, "left"));
    case "RestElement":
      return yield* patternNames(child(pattern, "argument"));
    case "TSParameterProperty":
      return yield* patternNames(child(pattern, "parameter"));
  }
}

/** Names that statements of one list bind in their own block: let, const, class, function, import. */
export function* lexicalNames(statements: readonly SyntaxNode[]): Generator<string> {
  for (const outer of statements) {
    const statement = outer.type === "ExportNamedDeclaration" ? child(outer, "declaration") : outer;
    if (statement === null || isTypeOnly(statement)) continue;
    if (statement.type === "VariableDeclaration" && statement.kind !== "var") yield* variableNames(statement);
    else if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration")
      yield* patternNames(child(statement, "id"));
    else if (statement.type === "ImportDeclaration")
      for (const specifier of list(statement, "specifiers"))
        if (specifier.importKind !== "type" && specifier.importKind !== "typeof")
          yield* patternNames(child(specifier, "local"));
  }
}

/** Names of `var`, wherever they stand below, functions and class bodies excluded. */
export function* varNames(node: SyntaxNode): Generator<string> {
  if (isTypeOnly(node)) return;
  if (node.type === "VariableDeclaration" && node.kind === "var") yield* variableNames(node);
  for (const inner of runtimeChildren(node))
    if (!isFunction(inner) && inner.type !== "ClassBody") yield* varNames(inner);
}

export function* variableNames(declaration: SyntaxNode): Generator<string> {
  for (const declarator of list(declaration, "declarations")) yield* patternNames(child(declarator, "id"));
}

export const isFunction = (node: SyntaxNode): boolean => FUNCTIONS.has(node.type);
const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);

/** What a whole cell binds at its top. */
export function topLevelNames(program: SyntaxNode): ReadonlySet<string> {
  return new Set([...lexicalNames(list(program, "body")), ...varNames(program)]);
}
