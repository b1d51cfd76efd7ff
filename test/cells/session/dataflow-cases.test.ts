import { expect, test } from "vitest";
import { play } from "./notation.ts";

test.each([
  "a→b, b→c ⇒ a,b,c never",
  // Running a cell runs what it needs first, and in automatic mode what depends on it after.
  "a→b, b→c | run c ⇒ a,b,c fresh",
  "a→b, b→c | run a ⇒ a,b,c fresh",
  "a→b, c→d | run a ⇒ a,b fresh; c,d never",
  "a→b, b→c | manual | run a ⇒ a fresh; b,c never",
  // An edit makes the cell and all below stale, and runs nothing by itself.
  "a→b, b→c | run c | edit a ⇒ a stale (text changed); b,c stale (a changed)",
  "a→b, b→c | run c | edit a | undo a ⇒ a,b,c fresh",
  "a→b, b→c | run c | edit a | run a ⇒ a,b,c fresh",
  "a→b, b→c | run c | manual | edit a | run a ⇒ a fresh; b stale (a changed); c stale (a changed)",
  "a→b, b→c | run c | edit b | run a ⇒ a fresh; b stale (text changed); c stale (b changed)",
  // Inputs are values: moving one re-runs what reads it, and back is fresh again without running.
  "slider→a, a→b | run b | move slider ⇒ slider,a,b fresh",
  "slider→a, a→b | run b | manual | move slider ⇒ slider fresh; a stale (slider changed); b stale (slider changed)",
  "slider→a, slider ⇒ a never; slider fresh",
  "slider→a | move slider ⇒ a never",
  // Time.
  "data→a, a→b | run b ⇒ a,b fresh",
  // Values that a process took with it come back when somebody needs them.
  "a→b, b→c | run c | lose a | edit c | run c ⇒ a,b,c fresh",
  "a→b | run b | lose a,b ⇒ a,b fresh",
  // What must not run by itself.
  "a→b | slow b | run b | edit a | run a ⇒ a fresh; b stale (a changed)",
  "a→b, b→c | run c | edit c | edit a | run a ⇒ a,b fresh; c stale (text changed)",
  // Problems.
  'a→b, b→c | break a ⇒ a blocked (it does not parse); b,c blocked (Not run, because "a" has a problem.)',
  "a→b, b→c | break a | run c ⇒ a,b,c blocked",
  'a→b, b→c | fail a | run c ⇒ a failed; b,c blocked (Not run, because "a" failed.)',
  "a→b, b→c | fail b | run c ⇒ a fresh; b failed; c blocked",
  "a→b | fail a | run b | edit a ⇒ a stale (text changed); b never",
  "a→b, b→a | run a ⇒ a,b blocked",
  "a→b | run b | manual | delete a ⇒ b stale (a is gone)",
  "a→b | run b | manual | delete a | restore a ⇒ a,b fresh",
  "a→b, b→c | hold c | begin | interrupt ⇒ a stale (interrupted); b,c never",
])("%s", (line) => {
  const { actual, expected } = play(line);
  expect(actual).toBe(expected);
});

test("a queued cell says its place and the running one that it runs", () => {
  const { actual } = play("a→b, b→c | hold c | begin ⇒ a running; b queued; c queued");
  expect(actual).toBe("a running; b queued; c queued");
});

test("parents run before what needs them, each once", () => {
  const { machine } = play("a→b, a→c, b→d, c→d | run d ⇒ d fresh");
  expect(machine.ran).toEqual(["a", "b", "c", "d"]);
});

test("running a fresh cell again runs it, keeps its fresh parents, and brings what reads it along", () => {
  const { machine } = play("a→b, b→c | run c ⇒ c fresh");
  machine.ran.length = 0;
  machine.run("b").settle();
  expect(machine.ran).toEqual(["b", "c"]);
});

test("nothing runs before the user's first run", () => {
  const { machine } = play("slider→a, a→b | move slider | edit a | automatic ⇒ a never");
  expect(machine.ran).toEqual([]);
});

test("a moved as-of runs again what reads data and what depends on it, and nothing else", () => {
  const { machine } = play("x→y, a→b | run b,y ⇒ b fresh");
  machine.edit("a", "data").run("a").settle();
  machine.ran.length = 0;
  machine.apply({ type: "as-of-pinned", asOf: "tomorrow", surroundings: "", window: null });
  machine.settle();
  expect(machine.ran).toEqual(["a", "b"]);
});

test("a parent whose values went with their process runs again before what needs it, and only then", () => {
  const { machine } = play("a→b, b→c | run c | lose a,b ⇒ a,b,c fresh");
  machine.ran.length = 0;
  machine.run("c").settle();
  expect(machine.ran).toEqual(["a", "b", "c"]);
});

test("the result of a run that another one replaced changes nothing", () => {
  const { machine } = play("a | run a ⇒ a fresh");
  const at = "2026-01-01T00:00:09Z";
  const late = { cell: "a", durationMillis: 1, at, result: null, error: { message: "late" } } as const;
  const before = machine.state;
  machine.apply({ type: "run-ended", run: "r0", status: "error", ...late });
  machine.apply({ type: "run-ended", run: "r1", status: "error", ...late });
  machine.apply({ type: "logged", cell: "a", run: "r0", stream: "out", text: "late" });
  expect(machine.state).toBe(before);
});

test("a run asked for while the same cell is being interrupted is not lost", () => {
  const { machine } = play("a | run a ⇒ a fresh");
  machine.run("a").step(false);
  expect(machine.state.running).toBe("a");
  machine.apply({ type: "restart-requested", by: "user" });
  machine.run("a");
  expect(machine.state.queue).toEqual(["a"]);
  machine.finish(true);
  machine.ran.length = 0;
  machine.settle();
  expect(machine.ran).toEqual(["a"]);
});
