import { cellStatus } from "../../../cells/session/cell-status.ts";
import { Machine, notebook } from "./machine.ts";

/**
 * Cases as one line: `a→b, b→c | run c | edit a ⇒ a,b,c stale`. Before the first bar stand the edges (and single
 * cells); then steps; after ⇒ the states that must follow, each "cells state", all others being as they like.
 * Steps: run a, edit a, undo a, move slider, delete a, restore a, break a, fail a, manual, refresh, lose a.
 */
export function play(line: string): { readonly machine: Machine; readonly actual: string; readonly expected: string } {
  const [story, wanted] = line.split("⇒") as [string, string];
  const [graph, ...steps] = story.split("|").map((part) => part.trim()) as [string, ...string[]];
  const reads: Record<string, string> = {};
  for (const edge of graph.split(",").map((part) => part.trim())) {
    const [from, to] = edge.split("→") as [string, string | undefined];
    reads[from] ??= "";
    if (to !== undefined) reads[to] = `${reads[to] ?? ""} ${from}`.trim();
  }
  const machine = new Machine(notebook(reads));
  const source = (id: string): string => machine.state.document.cells.find((cell) => cell.id === id)!.source;
  for (const step of steps) {
    const [verb, target = ""] = step.split(" ") as [string, string | undefined];
    const cells = target.split(",");
    // `hold` asks for a run as `run` does, and leaves it to the next step to begin it.
    if (verb === "run" || verb === "hold") machine.run(...cells);
    else if (verb === "edit") for (const cell of cells) machine.edit(cell, `${source(cell)} #2`.trim());
    else if (verb === "undo") for (const cell of cells) machine.edit(cell, source(cell).replace(/ ?#2/, ""));
    else if (verb === "break") machine.edit(target, `${source(target)} broken`);
    else if (verb === "fail") machine.edit(target, `${source(target)} fails`);
    else if (verb === "slow") machine.edit(target, `${source(target)} slow`);
    else if (verb === "move") machine.apply({ type: "input-moved", cell: target, value: 2, by: "test" });
    else if (verb === "delete") machine.apply({ type: "cell-deleted", cell: target });
    else if (verb === "restore") machine.apply({ type: "cell-restored", cell: target });
    else if (verb === "manual") machine.apply({ type: "mode-set", mode: "manual" });
    else if (verb === "automatic") machine.apply({ type: "mode-set", mode: "automatic" });
    else if (verb === "refresh")
      machine.apply({
        type: "as-of-pinned",
        asOf: `later ${machine.operations.length}`,
        surroundings: "",
        window: null,
      });
    else if (verb === "lose") machine.apply({ type: "values-lost", cells, because: "it ended" });
    else if (verb === "interrupt") machine.apply({ type: "interrupt-requested", by: "test" });
    else if (verb === "begin") machine.step(false);
    else throw new Error(`no such step: ${step}`);
    if (verb !== "begin" && verb !== "hold") machine.settle();
  }
  const expected = wanted.trim().split(/;\s*/);
  const actual = expected.map((clause) => {
    const cells = clause.split(" ")[0]!.split(",");
    return [...new Set(cells.map((cell) => describe(machine, cell, clause.includes("("))))]
      .map((state) => `${cells.join(",")} ${state}`)
      .join("; ");
  });
  return { machine, actual: actual.join("; "), expected: expected.join("; ") };
}

function describe(machine: Machine, cell: string, withReason: boolean): string {
  const status = cellStatus(machine.state, cell);
  const reason = status.state === "stale" ? status.because : status.state === "blocked" ? status.because.message : "";
  return withReason ? `${status.state} (${reason})` : status.state;
}
