import fc from "fast-check";
import { expect, test } from "vitest";
import { cellStatus, isStatic } from "../../../cells/session/cell-status.ts";
import { sessionGraph } from "../../../cells/session/derived.ts";
import type { Operation } from "../../../cells/session/operation.ts";
import { apply } from "../../../cells/session/reducer.ts";
import type { SessionState } from "../../../cells/session/state.ts";
import { Machine, notebook, toyValue } from "./machine.ts";

const IDS = ["a", "b", "c", "d", "e", "slider"];
const id = fc.constantFrom(...IDS);
/** Sources of the toy language, often with a clash, a cycle, a failure or a syntax error. */
const source = fc
  .array(fc.constantFrom(...IDS, "data", "fails", "broken", "slow", "+a", "=b", "#1", "#2"), { maxLength: 4 })
  .map((words) => words.join(" "));
const tame = fc.array(fc.constantFrom("data", "#1", "#2"), { maxLength: 2 });

const content = fc.record({
  id,
  kind: fc.constantFrom("ts" as const, "prose" as const),
  name: fc.option(id),
  source,
  attributes: fc.constant<[string, string | null][]>([]),
});
const at = "2026-01-01T00:00:00Z";
const run = fc.constantFrom("r1", "r2", "r3", "r9");

/** Any operation at all, most of them meaningless in most states. */
const anyOperation: fc.Arbitrary<Operation> = fc
  .oneof(
    fc.record({ type: fc.constant("cell-inserted" as const), cell: content, index: fc.nat(9) }),
    fc.record({ type: fc.constant("cell-deleted" as const), cell: id }),
    fc.record({ type: fc.constant("cell-restored" as const), cell: id }),
    fc.record({ type: fc.constant("cell-moved" as const), cell: id, index: fc.nat(9) }),
    fc.record({
      type: fc.constant("cell-edited" as const),
      cell: id,
      revision: fc.nat(9),
      changes: fc.array(fc.record({ from: fc.nat(9), to: fc.nat(9), insert: source }), { maxLength: 2 }),
      origin: fc.constant("x"),
    }),
    fc.record({ type: fc.constant("cell-renamed" as const), cell: id, name: fc.option(fc.oneof(id, fc.string())) }),
    fc.record({
      type: fc.constant("cell-kind-set" as const),
      cell: id,
      kind: fc.constantFrom("ts" as const, "sql" as const, "input" as const),
    }),
    fc.record({
      type: fc.constant("cell-attribute-set" as const),
      cell: id,
      key: fc.string(),
      value: fc.option(fc.string()),
    }),
    fc.record({ type: fc.constant("title-set" as const), title: fc.string() }),
    fc.record({
      type: fc.constant("mode-set" as const),
      mode: fc.constantFrom("automatic" as const, "manual" as const),
    }),
    fc.record({
      type: fc.constant("window-set" as const),
      window: fc.option(fc.string()),
      resolved: fc.constant(null),
    }),
    fc.record({
      type: fc.constant("analysed" as const),
      cell: id,
      analysis: fc.record({
        sourceHash: fc.string(),
        defines: fc.array(id, { maxLength: 2 }),
        reads: fc.array(id, { maxLength: 3 }),
        assigns: fc.array(id, { maxLength: 1 }),
        relations: fc.array(fc.constant("s.decisions"), { maxLength: 1 }),
        problem: fc.constantFrom(null, { message: "no" }),
      }),
    }),
    fc.record({
      type: fc.constant("as-of-pinned" as const),
      asOf: fc.constantFrom("t1", "t2"),
      surroundings: fc.constant(""),
      window: fc.constant(null),
    }),
    fc.record({ type: fc.constant("newer-events-counted" as const), count: fc.nat() }),
    fc.record({
      type: fc.constant("run-requested" as const),
      cells: fc.array(id, { maxLength: 4 }),
      force: fc.boolean(),
      by: fc.constant("x"),
      at: fc.constant(at),
    }),
    fc.record({
      type: fc.constant("run-started" as const),
      cell: id,
      run,
      fingerprint: fc.string(),
      at: fc.constant(at),
    }),
    fc.record({
      type: fc.constant("displayed" as const),
      cell: id,
      run,
      display: fc.constant({ type: "text", text: "x" }),
    }),
    fc.record({
      type: fc.constant("logged" as const),
      cell: id,
      run,
      stream: fc.constantFrom("out" as const, "error" as const),
      text: fc.string(),
    }),
    fc.record({
      type: fc.constant("progressed" as const),
      cell: id,
      run,
      fraction: fc.option(fc.constant(0.5)),
      message: fc.constant(null),
    }),
    fc.record({
      type: fc.constant("run-ended" as const),
      cell: id,
      run,
      status: fc.constantFrom("ok" as const, "error" as const, "interrupted" as const),
      durationMillis: fc.constantFrom(1, 6000),
      at: fc.constant(at),
      result: fc.constant(null),
      error: fc.constantFrom(null, { message: "no" }),
    }),
    fc.record({
      type: fc.constant("redrawn" as const),
      cell: id,
      run,
      index: fc.integer({ min: -1, max: 2 }),
      display: fc.constant({ type: "text", text: "y" }),
    }),
    fc.record({ type: fc.constant("interrupt-requested" as const), by: fc.constant("x") }),
    fc.record({
      type: fc.constant("input-moved" as const),
      cell: id,
      value: fc.constantFrom(1, 2, "x"),
      by: fc.constant("x"),
    }),
    fc.record({
      type: fc.constant("process-changed" as const),
      process: fc.constantFrom("kernel" as const, "engine" as const),
      view: fc.constant({ phase: "idle" as const, message: null, hint: null }),
    }),
    fc.record({ type: fc.constant("values-lost" as const), cells: fc.array(id), because: fc.constant("x") }),
    fc.record({ type: fc.constant("restart-requested" as const), by: fc.constant("x") }),
    fc.record({ type: fc.constant("outputs-cleared" as const), cells: fc.array(id) }),
    fc.record({ type: fc.constant("saved" as const), hash: fc.string(), at: fc.constant(at) }),
    fc.record({ type: fc.constant("save-failed" as const), message: fc.string() }),
  )
  .map((operation): Operation => operation);

const start = { a: "", b: "a", c: "a b", d: "c slider", e: "d data", slider: "" };

function checkInvariants(state: SessionState): void {
  const ids = state.document.cells.map((cell) => cell.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(state.queue).size).toBe(state.queue.length);
  for (const waiting of state.queue) expect(ids).toContain(waiting);
  for (const cell of state.document.cells) cellStatus(state, cell.id);
  expect([...sessionGraph(state).order].sort()).toEqual([...ids].sort());
}

test("no operation throws in any state, and the state stays consistent", () => {
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 40 }), (operations) => {
      const machine = new Machine(notebook(start));
      let { state } = machine;
      for (const operation of operations) {
        state = apply(state, operation).state;
        checkInvariants(state);
      }
    }),
    { numRuns: 300 },
  );
});

test("a client that joins at any point with a snapshot over the wire ends in the server's state", () => {
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 40 }), fc.nat(40), (operations, joins) => {
      let server = new Machine(notebook(start)).state;
      let client = server;
      for (const [at, operation] of operations.entries()) {
        if (at === joins) client = JSON.parse(JSON.stringify(server)) as SessionState;
        server = apply(server, operation).state;
        client = apply(client, JSON.parse(JSON.stringify(operation)) as Operation).state;
      }
      expect(JSON.parse(JSON.stringify(client))).toEqual(JSON.parse(JSON.stringify(server)));
    }),
    { numRuns: 300 },
  );
});

const userStep = fc.oneof(
  fc.tuple(fc.constant("run" as const), id, fc.constant("")),
  fc.tuple(fc.constant("edit" as const), fc.constantFrom("a", "b", "c", "d", "e"), source),
  // Edits that keep the notebook acyclic and well, so that long stories of running cells come up often.
  fc.tuple(
    fc.constant("touch" as const),
    fc.constantFrom("a", "b", "c", "d", "e"),
    tame.map((words) => words.join(" ")),
  ),
  fc.tuple(fc.constant("move" as const), fc.constant("slider"), fc.constantFrom("1", "2", "3")),
  fc.tuple(fc.constant("delete" as const), fc.constantFrom("a", "b", "c"), fc.constant("")),
  fc.tuple(fc.constant("restore" as const), fc.constantFrom("a", "b", "c"), fc.constant("")),
  fc.tuple(fc.constant("pin" as const), fc.constant(""), fc.constantFrom("t1", "t2")),
  fc.tuple(fc.constant("mode" as const), fc.constant(""), fc.constantFrom("automatic", "manual")),
  fc.tuple(fc.constant("interrupt" as const), fc.constant(""), fc.constant("")),
  fc.tuple(fc.constant("step" as const), fc.constant(""), fc.constant("")),
  fc.tuple(fc.constant("begin" as const), fc.constant(""), fc.constant("")),
);

function takeStep(machine: Machine, [what, cell, text]: readonly [string, string, string]): void {
  const present = machine.state.document.cells.find((other) => other.id === cell);
  if (what === "run") machine.run(cell);
  else if (what === "edit" && present !== undefined) machine.edit(cell, text);
  else if (what === "touch" && present !== undefined) {
    const base = start[cell as keyof typeof start];
    machine.edit(cell, `${base} ${text}`.trim());
  } else if (what === "move") machine.apply({ type: "input-moved", cell, value: Number(text), by: "x" });
  else if (what === "delete") machine.apply({ type: "cell-deleted", cell });
  else if (what === "restore") machine.apply({ type: "cell-restored", cell });
  else if (what === "pin") machine.apply({ type: "as-of-pinned", asOf: text, surroundings: "", window: null });
  else if (what === "mode") machine.apply({ type: "mode-set", mode: text as "automatic" | "manual" });
  else if (what === "interrupt") machine.apply({ type: "interrupt-requested", by: "x" });
  else if (what === "step") machine.step();
  else if (what === "begin") machine.step(false);
}

test("whatever happened, the values of fresh cells are those of a full run of the present notebook", () => {
  fc.assert(
    fc.property(fc.array(userStep, { maxLength: 40 }), (steps) => {
      const machine = new Machine(notebook(start));
      for (const step of steps) takeStep(machine, step);
      machine.settle();

      const { state } = machine;
      const graph = sessionGraph(state);
      const full = new Map<string, string>();
      for (const cell of graph.order) {
        const found = state.document.cells.find((other) => other.id === cell)!;
        if (graph.blocked.has(cell) || isStatic(found)) continue;
        const value = toyValue(state, found, full);
        if (value !== null) full.set(cell, value);
      }
      for (const cell of state.document.cells) {
        if (isStatic(cell) || cellStatus(state, cell.id).state !== "fresh") continue;
        expect([cell.id, machine.values.get(cell.id)]).toEqual([cell.id, full.get(cell.id)]);
      }
    }),
    { numRuns: 1000 },
  );
});

test("running everything that is stale leaves every cell fresh, failed or blocked", () => {
  fc.assert(
    fc.property(fc.array(userStep, { maxLength: 25 }), (steps) => {
      const machine = new Machine(notebook(start));
      for (const step of steps) takeStep(machine, step);
      machine.settle();
      const cells = machine.state.document.cells.map((cell) => cell.id);
      machine.apply({ type: "run-requested", cells, force: false, by: "x", at });
      machine.settle();
      for (const cell of cells) expect(["fresh", "failed", "blocked"]).toContain(cellStatus(machine.state, cell).state);
    }),
    { numRuns: 300 },
  );
});
