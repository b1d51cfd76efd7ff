import fc from "fast-check";
import { expect, test } from "vitest";
import { type Graph, graphOf } from "../../../cells/dataflow/graph.ts";
import type { DataflowNode } from "../../../cells/dataflow/node.ts";

/** `a=x y` defines a and reads x and y; `a!` has a problem; `a=x :b` assigns to b. */
function graph(notation: string): Graph {
  return graphOf(
    notation.split(",").map((part): DataflowNode => {
      const [head, tail = ""] = part.trim().split("=") as [string, string | undefined];
      const id = head.replace("!", "");
      const words = tail.split(" ").filter((word) => word !== "");
      return {
        id,
        defines: [id.replace(/\d$/, "")],
        reads: words.filter((word) => !word.startsWith(":")),
        assigns: words.filter((word) => word.startsWith(":")).map((word) => word.slice(1)),
        problem: head.includes("!") ? { message: "its own problem" } : null,
      };
    }),
  );
}

test("a cell that reads its own name is a cycle of one, and blocks who reads it", () => {
  const { cycles, problems, blocked } = graph("a=a, b=a, c");
  expect(cycles).toEqual([["a"]]);
  expect(problems.get("a")!.problem.message).toBe(
    "This cell reads the name that it defines, so it would have to run before itself.",
  );
  expect([...blocked.keys()]).toEqual(["a", "b"]);
});

test("every cell stands after its parents, otherwise in the order of the document", () => {
  expect(graph("c=b, a, b=a, d").order).toEqual(["a", "b", "c", "d"]);
  expect(graph("a, b, c").order).toEqual(["a", "b", "c"]);
});

test("a name that two cells define is a problem at both, and blocks who reads it", () => {
  const { problems, blocked } = graph("a1, a2, b=a, c=b, d");
  expect([...problems.keys()]).toEqual(["a1", "a2"]);
  expect(problems.get("a1")!.problem.message).toBe('"a" is defined by 2 cells; a name belongs to one.');
  expect(problems.get("a1")!.cells).toEqual(["a1", "a2"]);
  expect([...blocked.keys()].sort()).toEqual(["a1", "a2", "b", "c"]);
});

test("a cycle is a problem at each of its cells, and only those beside it run", () => {
  const { cycles, blocked } = graph("a=c, b=a, c=b, d=c, e");
  expect(cycles).toEqual([["a", "b", "c"]]);
  expect([...blocked.keys()].sort()).toEqual(["a", "b", "c", "d"]);
  expect(blocked.get("d")!.problem.message).toBe('Not run, because "c" has a problem.');
});

test("an assignment to another cell's variable is a problem at both cells", () => {
  const { problems, blocked } = graph("a, b=:a, c=a, d=:unknown");
  expect(problems.get("b")!.problem.message).toBe('This cell assigns to "a", which another cell defines.');
  expect(problems.get("a")!.cells).toEqual(["a", "b"]);
  expect([...blocked.keys()].sort()).toEqual(["a", "b", "c"]);
});

test("names that begin with an underscore stay in their cell", () => {
  const nodes = ["p", "q"].map((id) => ({ id, defines: ["_x"], reads: ["_x"], assigns: ["_x"], problem: null }));
  const { problems, parents, definedBy } = graphOf(nodes);
  expect([problems.size, parents.get("q"), definedBy.size]).toEqual([0, [], 0]);
});

test("a blocked cell names the cell that has the problem, not the one between", () => {
  expect(graph("a!, b=a, c=b").blocked.get("c")).toEqual({
    cells: ["a"],
    problem: { message: 'Not run, because "a" has a problem.', hint: 'Mend "a" first: its own problem' },
  });
});

test("names that no cell defines are told apart", () => {
  expect(graph("a=Math, b=a nothing").undefinedReads).toEqual(
    new Map([
      ["a", ["Math"]],
      ["b", ["nothing"]],
    ]),
  );
});

test("a chain of 20 000 cells does not exhaust the stack", () => {
  const nodes = Array.from({ length: 20_000 }, (_, at) => ({
    id: `c${at}`,
    defines: [`c${at}`],
    reads: [`c${at + 1}`],
    problem: null,
  }));
  expect(graphOf(nodes).order[0]).toBe("c19999");
});

/** Reachability by Warshall's algorithm: slow, and obviously right. */
function reaches(ids: string[], parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const pairs = new Set(ids.flatMap((id) => parents.get(id)!.map((parent) => `${id}>${parent}`)));
  for (const k of ids)
    for (const i of ids)
      for (const j of ids) if (pairs.has(`${i}>${k}`) && pairs.has(`${k}>${j}`)) pairs.add(`${i}>${j}`);
  return pairs;
}

test("order, cycles and blocked cells agree with plain reachability on any graph", () => {
  const ids = ["a", "b", "c", "d", "e", "f", "g"];
  const reads = fc.array(fc.constantFrom(...ids), { maxLength: 3 });
  fc.assert(
    fc.property(
      fc.tuple(...ids.map(() => reads)),
      fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
      (all, bad) => {
        const nodes = ids.map((id, at) => ({
          id,
          defines: [id],
          reads: all[at]!,
          problem: bad[at]! && at % 3 === 0 ? { message: "bad" } : null,
        }));
        const { order, cycles, blocked, parents } = graphOf(nodes);
        const read = new Map(
          ids.map((id, at) => [id, all[at]!.includes(id) ? [...parents.get(id)!, id] : parents.get(id)!]),
        );
        const pairs = reaches(ids, read);
        const cyclic = ids.filter((id) => pairs.has(`${id}>${id}`));
        expect(cycles.flat().sort()).toEqual(cyclic);
        for (const cycle of cycles)
          for (const x of cycle) for (const y of cycle) expect(pairs.has(`${x}>${y}`)).toBe(true);
        const roots = new Set([...cyclic, ...nodes.filter((node) => node.problem !== null).map((node) => node.id)]);
        const expected = ids.filter((id) => roots.has(id) || [...roots].some((root) => pairs.has(`${id}>${root}`)));
        expect([...blocked.keys()].sort()).toEqual(expected);
        for (const id of ids)
          for (const parent of parents.get(id)!)
            if (!pairs.has(`${parent}>${id}`)) expect(order.indexOf(parent)).toBeLessThan(order.indexOf(id));
      },
    ),
  );
});
