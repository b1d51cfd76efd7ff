type Adjacency = ReadonlyMap<string, readonly string[]>;

/**
 * Every cell after its parents, otherwise as near to the order of the document as that allows. Cells of a cycle stand
 * somewhere; they do not run. Iterative on purpose: a chain of thousands of cells must not exhaust the stack.
 */
export function topologicalOrder(ids: readonly string[], parents: Adjacency): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  for (const root of ids) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ id: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const parent = parents.get(top.id)?.[top.next++];
      if (parent === undefined) {
        order.push(top.id);
        stack.pop();
      } else if (!seen.has(parent)) {
        seen.add(parent);
        stack.push({ id: parent, next: 0 });
      }
    }
  }
  return order;
}

/** All cells reachable from `starts` by `next`, the starts themselves only when reached. */
export function reachable(starts: Iterable<string>, next: Adjacency): Set<string> {
  const found = new Set<string>();
  const stack = [...starts];
  while (stack.length > 0) {
    for (const id of next.get(stack.pop()!) ?? []) {
      if (found.has(id)) continue;
      found.add(id);
      stack.push(id);
    }
  }
  return found;
}
