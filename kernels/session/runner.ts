import { type Cell, findCell, type Kind } from "../../cells/document/document.ts";
import { sessionFingerprints } from "../../cells/session/derived.ts";
import type { Operation } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { formatFingerprint } from "../../cells/staleness/fingerprint.ts";
import { executeMonitoring } from "./execute-monitoring.ts";
import { executeProse } from "./execute-prose.ts";
import { executeSql } from "./execute-sql.ts";
import { executeTypeScript } from "./execute-typescript.ts";
import type { Execution } from "./execution.ts";
import { keepReadings } from "./keep-readings.ts";
import { EMPTY_RESULT, INTERRUPTED, type Outcome, outcomeOfError } from "./outcome.ts";
import { RunOutput } from "./run-output.ts";

const EXECUTE: Record<Kind, (execution: Execution) => Promise<Outcome>> = {
  ts: executeTypeScript,
  sql: executeSql,
  prose: executeProse,
  drift: (execution) => executeMonitoring("drift", execution),
  kpi: (execution) => executeMonitoring("kpi", execution),
  check: (execution) => executeMonitoring("check", execution),
  // An input is its value: there is nothing to do, and none is ever queued.
  input: async () => ({ status: "ok", result: EMPTY_RESULT, error: null }),
};

export interface RunnerParts extends Pick<Execution, "engine" | "kernel" | "scope" | "time" | "readings"> {
  readonly state: () => SessionState;
  readonly dispatch: (operation: Operation) => void;
  readonly clock: () => number;
  readonly randomId: () => string;
  readonly width: () => number;
  /** Resolves when texts are analysed and time is pinned: before that nothing may start. */
  readonly ready: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Runs the queue, one cell after another. It holds the present run's abort signal and nothing else. */
export class Runner {
  readonly #parts: RunnerParts;
  #current: AbortController | null = null;
  #working = false;
  #idle: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#working) await this.#idle;
  }

  /** The head of the queue may start; does nothing while a cell runs, whose end looks at the queue again. */
  wake(): void {
    if (this.#working || this.#closed) return;
    this.#working = true;
    this.#idle = this.#work().catch(this.#parts.failed);
  }

  /** The running cell learns by its signal that it must stop. */
  interrupt(): void {
    this.#current?.abort();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.interrupt();
    await this.#idle;
  }

  async #work(): Promise<void> {
    const { state, ready } = this.#parts;
    try {
      for (;;) {
        await ready();
        const head = state().queue[0];
        const cell = head === undefined ? undefined : findCell(state().document, head);
        if (cell === undefined || state().running !== null || this.#closed) return;
        await this.#run(cell);
      }
    } finally {
      this.#working = false;
    }
  }

  async #run(cell: Cell): Promise<void> {
    const { state, dispatch, clock, randomId, engine, kernel, scope, time, readings } = this.#parts;
    const run = randomId();
    const controller = new AbortController();
    this.#current = controller;
    const output = new RunOutput(cell.id, run, dispatch);
    const fingerprint = this.#fingerprint(cell)!;
    const startedMillis = clock();
    dispatch({ type: "run-started", cell: cell.id, run, fingerprint, at: new Date(startedMillis).toISOString() });
    const { signal } = controller;
    const width = this.#parts.width();
    let outcome: Outcome;
    try {
      outcome = await EXECUTE[cell.kind]({
        cell,
        run,
        signal,
        output,
        state,
        dispatch,
        engine,
        kernel,
        scope,
        time,
        readings,
        width,
      });
      if (signal.aborted && outcome.status !== "ok") outcome = INTERRUPTED;
    } catch (error) {
      outcome = outcomeOfError(error, signal.aborted);
    }
    // What changed while the cell ran may have reached it or not: nobody could say where such numbers came from.
    if (this.#fingerprint(cell) === fingerprint) await this.#keep(cell, outcome, output);
    this.#current = null;
    // Idle follows the last output.
    output.flush();
    const endedMillis = clock();
    const { status, result, error } = outcome;
    dispatch({
      type: "run-ended",
      cell: cell.id,
      run,
      durationMillis: endedMillis - startedMillis,
      at: new Date(endedMillis).toISOString(),
      status,
      result,
      error,
    });
  }

  /** What the cell depends on now; null once it is deleted. */
  #fingerprint(cell: Cell): string | null {
    const found = sessionFingerprints(this.#parts.state()).get(cell.id);
    return found === undefined ? null : formatFingerprint(found);
  }

  /** Before the run ends: whoever sees a reading can open it. The numbers stand where that fails, and the cell says so. */
  async #keep(cell: Cell, { result, measured }: Outcome, output: RunOutput): Promise<void> {
    const { readings, state, time } = this.#parts;
    if (readings === null) return;
    try {
      await keepReadings(readings, state(), cell, time, measured ?? result?.readings ?? []);
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      output.log("error", `The readings are not kept, so they have no page of their own: ${because}\n`);
    }
  }
}
