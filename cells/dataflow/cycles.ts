/**
 * The cycles of the graph: its strongly connected components of more than one cell (Tarjan 1972, iterative), each in
 * the order of `ids`.
 */
export function cyclesOf(ids: readonly string[], parents: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const cycles: string[][] = [];

  for (const root of ids) {
    if (index.has(root)) continue;
    const stack = [{ id: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      // Entering a cell: it gets its number and stays open until its component is closed.
      if (top.next === 0 && !index.has(top.id)) {
        index.set(top.id, index.size);
        low.set(top.id, index.get(top.id)!);
        open.push(top.id);
        isOpen.add(top.id);
      }
      const parent = parents.get(top.id)?.[top.next++];
      if (parent !== undefined) {
        if (!index.has(parent)) stack.push({ id: parent, next: 0 });
        else if (isOpen.has(parent)) low.set(top.id, Math.min(low.get(top.id)!, index.get(parent)!));
        continue;
      }
      // Leaving it: what it can reach is known to its caller; a cell that reaches nothing older closes a component.
      stack.pop();
      const caller = stack[stack.length - 1];
      if (caller !== undefined) low.set(caller.id, Math.min(low.get(caller.id)!, low.get(top.id)!));
      if (low.get(top.id) !== index.get(top.id)) continue;
      const component = open.splice(open.lastIndexOf(top.id));
      for (const id of component) isOpen.delete(id);
      if (component.length > 1) cycles.push(component);
    }
  }
  const position = new Map(ids.map((id, at) => [id, at]));
  return cycles.map((cycle) => cycle.sort((a, b) => position.get(a)! - position.get(b)!));
}
