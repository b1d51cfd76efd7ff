/** A node of Babel's tree, as far as a walk needs to know it. Offsets are in UTF-16 units of the cell. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } };
  readonly [key: string]: unknown;
}

/** Where types stand: nothing below these keys exists when the cell runs. */
const TYPE_KEYS: ReadonlySet<string> = new Set([
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeParameters",
  "superTypeArguments",
  "implements",
  "predicate",
]);
const NOT_CHILDREN: ReadonlySet<string> = new Set([
  "loc",
  "extra",
  "errors",
  "leadingComments",
  "trailingComments",
  "innerComments",
]);

export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string" && "start" in value
  );
}

/** The child under `key`, when it is a node. */
export function child(node: SyntaxNode, key: string): SyntaxNode | null {
  const value = node[key];
  return isNode(value) ? value : null;
}

/** The nodes of the list under `key`; holes are left out. */
export function list(node: SyntaxNode, key: string): SyntaxNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Children that exist when the program runs, in the order of their keys. */
export function* runtimeChildren(node: SyntaxNode): Generator<SyntaxNode> {
  for (const [key, value] of Object.entries(node)) {
    if (TYPE_KEYS.has(key) || NOT_CHILDREN.has(key)) continue;
    if (isNode(value)) yield value;
    else if (Array.isArray(value)) yield* value.filter(isNode);
  }
}

/** The name of an identifier, else null. */
export const nameOf = (node: SyntaxNode | null): string | null =>
  node?.type === "Identifier" ? String(node.name) : null;

/** Statements that say something about types only. */
export function isTypeOnly(node: SyntaxNode): boolean {
  switch (node.type) {
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSDeclareFunction":
    case "TSDeclareMethod":
    case "TSIndexSignature":
      return true;
    case "ImportDeclaration":
      return node.importKind === "type" || node.importKind === "typeof";
    case "ExportNamedDeclaration": {
      const declaration = child(node, "declaration");
      return node.exportKind === "type" || (declaration !== null && isTypeOnly(declaration));
    }
    case "ExportAllDeclaration":
      return node.exportKind === "type";
    default:
      return node.declare === true;
  }
}
