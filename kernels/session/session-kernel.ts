import type { Reading } from "../../cells/results/reading.ts";
import type { Problem, Variable } from "../../cells/session/operation.ts";
import type { LivingProcess } from "./managed-process.ts";

/**
 * What a session asks of a TypeScript kernel: less than the kernel offers, so that a quiet one is short and another
 * runtime can stand behind it.
 */
export interface SessionKernel extends LivingProcess {
  /** Puts a name in scope for all cells that run from now on. */
  assign(name: string, value: KernelValue): Promise<void>;
  run(request: KernelRun): Promise<KernelOutcome>;
  /** The value of each expression over the names in scope; one that fails rejects with `KernelProblem`. */
  evaluate(request: {
    readonly expressions: readonly string[];
    readonly signal: AbortSignal;
    /** `values` as SQL can bind them, `texts` as prose shows them. */
    readonly as: "values" | "texts";
  }): Promise<readonly KernelValue[]>;
  /** The table or array of objects called `name` as one Arrow IPC stream. @throws KernelProblem when it is none. */
  exportTable(name: string): Promise<Uint8Array>;
  /** The value as JSON by the rules of `run --json`. @throws KernelProblem when the name is not there. */
  exportValue(name: string): Promise<unknown>;
  forget(names: readonly string[]): Promise<void>;
}

export type KernelValue =
  | { readonly type: "json"; readonly value: unknown }
  /** A `Date` inside. */
  | { readonly type: "time"; readonly iso: string }
  /** A day: text like `2026-03-01` inside. */
  | { readonly type: "date"; readonly iso: string }
  | { readonly type: "bigint"; readonly digits: string }
  | { readonly type: "window"; readonly start: string; readonly end: string }
  | {
      readonly type: "table";
      readonly arrow: Uint8Array;
      /** What the table has as properties beside its own. */
      readonly properties?: Readonly<Record<string, number | null>>;
    };

export interface KernelRun {
  readonly cell: string;
  readonly run: string;
  readonly source: string;
  /** Binds the value of the last expression. */
  readonly name: string | null;
  /** Width of the page that shows it, in CSS pixels. */
  readonly width: number;
  readonly signal: AbortSignal;
  readonly onDisplay: (display: unknown) => void;
  readonly onLog: (stream: "out" | "error", text: string) => void;
  readonly onProgress: (fraction: number | null, message: string | null) => void;
  /** What `drift(…)`, `kpi(…)` and `check(…)` measured, and what `reading(…)` was given. */
  readonly onReadings: (readings: readonly Reading[]) => void;
  readonly onReading: (written: unknown) => void;
}

export interface KernelOutcome {
  readonly status: "ok" | "error" | "interrupted";
  readonly error: Problem | null;
  readonly variables: readonly Variable[];
  /** Cells whose values went with a worker that had to be replaced; the reason as a sentence. */
  readonly lost: string | null;
}

/** What a cell, an expression or a name did wrong; lines are those of the cell. */
export class KernelProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.name = "KernelProblem";
    this.problem = problem;
  }
}
