import { isKnownName } from "./known-names.ts";
import { child, list, nameOf, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";

const SIZES = new Set(["length", "size", "numRows"]);
const LISTING = new Set([
  ...["filter", "map", "flatMap", "flat", "slice", "concat", "toSorted", "toReversed", "toArray", "split", "sort"],
]);
const FROM_OBJECT = new Set(["keys", "values", "entries", "from", "fromEntries", "of"]);
export const MUTATORS: ReadonlySet<string> = new Set([
  ...["push", "unshift", "splice", "set", "add", "fill", "append", "copyWithin", "assign", "defineProperty"],
]);

/** A `x.y` with a written name; what it is of and the name. */
export function property(node: SyntaxNode): { readonly of: SyntaxNode; readonly name: string } | null {
  if (!/^(Optional)?MemberExpression$/.test(node.type) || node.computed === true) return null;
  const [of, name] = [child(node, "object"), nameOf(child(node, "property"))];
  return of === null || name === null ? null : { of, name };
}

/** The name that a chain `x.y[0].z()` begins with; null for another beginning. */
export function rootOf(node: SyntaxNode): string | null {
  const inner = child(node, "object") ?? child(node, "callee") ?? child(node, "expression");
  return node.type === "Identifier" ? nameOf(node) : inner === null ? null : rootOf(inner);
}

/** How many there are of something, and nothing of what they are: `rows.filter(…).length`, `new Set(…).size`. */
export function isCount(node: SyntaxNode, isListName: (name: string) => boolean): boolean {
  const asked = property(node);
  return asked !== null && SIZES.has(asked.name) && isList(asked.of, isListName) && changesNothing(asked.of);
}

/**
 * Whether a value is certainly an array, a set, a map or a table, whose size says only how many. An object that a cell
 * made may call anything its `length`.
 */
export function isList(node: SyntaxNode, isListName: (name: string) => boolean): boolean {
  switch (node.type) {
    case "Identifier":
      return isListName(String(node.name));
    case "ArrayExpression":
      return true;
    case "TaggedTemplateExpression":
      return nameOf(child(node, "tag")) === "sql";
    case "AwaitExpression":
      return isList(child(node, "argument")!, isListName);
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
      return isList(child(node, "expression")!, isListName);
    case "NewExpression":
      return ["Set", "Map", "Array"].includes(nameOf(child(node, "callee")) ?? "");
    case "CallExpression":
    case "OptionalCallExpression": {
      const called = property(child(node, "callee")!);
      if (called === null) return false;
      const of = nameOf(called.of);
      if (of === "Object" || of === "Array") return FROM_OBJECT.has(called.name) && called.name !== "fromEntries";
      return LISTING.has(called.name) && (called.name !== "slice" || isList(called.of, isListName));
    }
    default:
      return false;
  }
}

/** No statement, assignment, display or call that puts something elsewhere stands inside. */
function changesNothing(node: SyntaxNode): boolean {
  if (/^(BlockStatement|AssignmentExpression|UpdateExpression|ClassBody)$/.test(node.type)) return false;
  if (node.type === "Identifier" && (node.name === "display" || node.name === "reading")) return false;
  if (/CallExpression$/.test(node.type) && !isPlainCall(node)) return false;
  return [...runtimeChildren(node)].every(changesNothing);
}

/** A call of a method that hands values on, or of what every cell has: a function of the cell's own may do anything. */
function isPlainCall(node: SyntaxNode): boolean {
  const callee = child(node, "callee")!;
  const called = property(callee);
  if (called === null) return isKnownName(nameOf(callee) ?? "");
  const of = nameOf(called.of) ?? "";
  if (MUTATORS.has(called.name)) return false;
  return isKnownName(of) || list(node, "arguments").every(({ type }) => type !== "Identifier");
}
