import { child, nameOf, runtimeChildren, type SyntaxNode } from "./syntax-node.ts";

const RANDOM: Readonly<Record<string, readonly string[]>> = {
  Math: ["random"],
  crypto: ["randomUUID", "getRandomValues"],
};

/** What of a cell gives other values each time it runs, as it is written, such as `Math.random`. Each once. */
export function unseeded(program: SyntaxNode): string[] {
  const found = new Set<string>();
  const visit = (node: SyntaxNode): void => {
    const [object, property] = [nameOf(child(node, "object")), nameOf(child(node, "property"))];
    if (object !== null && property !== null && RANDOM[object]?.includes(property) === true)
      found.add(`${object}.${property}`);
    for (const inner of runtimeChildren(node)) visit(inner);
  };
  visit(program);
  return [...found];
}
