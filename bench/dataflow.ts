/**
 * What an edit costs in a notebook of 1 000 cells (bar: under 5 ms for the graph), and what opening 500 cells costs in
 * the reducer. Run with `node bench/dataflow.ts`; prints one JSON object.
 */
import { performance } from "node:perf_hooks";
import { type Cell, type Document, EMPTY_DOCUMENT } from "../cells/document/document.ts";
import { cellStatus } from "../cells/session/cell-status.ts";
import { sessionFingerprints, sessionGraph } from "../cells/session/derived.ts";
import { openSession } from "../cells/session/open-session.ts";
import type { Operation } from "../cells/session/operation.ts";
import { apply } from "../cells/session/reducer.ts";
import type { SessionState } from "../cells/session/state.ts";

/** Cell n reads the three before it and one far above: wide and deep. */
function readsOf(at: number): string[] {
  return [at - 1, at - 2, at - 3, Math.floor(at / 2)]
    .filter((other) => other >= 0 && other < at)
    .map((other) => `c${other}`);
}

function notebook(count: number): Document {
  const cells = Array.from({ length: count }, (_, at): Cell => {
    const source = `const c${at} = ${readsOf(at).join(" + ") || "1"};\n${"// a line of text\n".repeat(10)}`;
    return { id: `c${at}`, kind: "ts", name: null, source, attributes: [], layout: null };
  });
  return { ...EMPTY_DOCUMENT, cells };
}

function opened(count: number): SessionState {
  let { state } = openSession("bench.nb.md", notebook(count), null);
  const analyses: SessionState["analyses"] = Object.fromEntries(
    state.document.cells.map((cell, at) => [cell.id, analysisOf(at, 0)]),
  );
  state = { ...state, analyses, begun: true, asOf: "2026-01-01T00:00:00Z" };
  return state;
}

const analysisOf = (at: number, version: number) => ({
  sourceHash: String(version),
  defines: [`c${at}`],
  reads: version % 2 === 0 ? readsOf(at) : [...readsOf(at), "c1"],
  relations: [],
  problem: null,
});

function percentile(sorted: readonly number[], share: number): number {
  return Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(3));
}

function editBench(count: number) {
  let state = opened(count);
  const graph: number[] = [];
  const whole: number[] = [];
  for (let turn = 0; turn < 400; turn++) {
    const at = (turn * 37) % count;
    const cell = `c${at}`;
    const changes = [{ from: 0, to: 0, insert: "/" }];
    const edited: Operation = { type: "cell-edited", cell, revision: turn + 1, changes, origin: "bench" };
    const started = performance.now();
    state = apply(state, edited).state;
    const analysed: Operation = { type: "analysed", cell, analysis: analysisOf(at, turn + 1) };
    const graphStarted = performance.now();
    state = apply(state, analysed).state;
    sessionGraph(state);
    graph.push(performance.now() - graphStarted);
    sessionFingerprints(state);
    for (const { id } of state.document.cells) cellStatus(state, id);
    whole.push(performance.now() - started);
  }
  // The first turns warm the compiler up; a browser that shows 1 000 cells has done that on opening.
  const sorted = (values: number[]) => values.slice(50).sort((a, b) => a - b);
  return {
    graphMillis: { p50: percentile(sorted(graph), 0.5), p95: percentile(sorted(graph), 0.95) },
    editToAllStatesMillis: { p50: percentile(sorted(whole), 0.5), p95: percentile(sorted(whole), 0.95) },
  };
}

function openBench(count: number): number {
  const started = performance.now();
  const document = notebook(count);
  let { state } = openSession("bench.nb.md", document, null);
  for (const [at, cell] of document.cells.entries())
    state = apply(state, { type: "analysed", cell: cell.id, analysis: analysisOf(at, 0) }).state;
  for (const { id } of document.cells) cellStatus(state, id);
  return Number((performance.now() - started).toFixed(1));
}

process.stdout.write(
  `${JSON.stringify({ cells: 1000, ...editBench(1000), openingFiveHundredCellsMillis: openBench(500) }, null, 2)}\n`,
);
