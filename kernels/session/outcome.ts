import type { Reading } from "../../cells/results/reading.ts";
import type { CellResult, Problem } from "../../cells/session/operation.ts";
import { SqlError } from "../engine/sql-engine.ts";
import { KernelProblem } from "./session-kernel.ts";

/** How one run of one cell came out. */
export interface Outcome {
  readonly status: "ok" | "error" | "interrupted";
  readonly result: CellResult | null;
  readonly error: Problem | null;
  /** All that was measured, where the result holds only the first of it. */
  readonly measured?: readonly Reading[];
}

export const EMPTY_RESULT: CellResult = { table: null, variables: [], readings: [], texts: [] };
export const INTERRUPTED: Outcome = { status: "interrupted", result: null, error: null };

/** A cell that cannot run as it stands, with the sentence that says so. */
export class CellProblem extends Error {
  readonly problem: Problem;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "CellProblem";
    this.problem = hint === undefined ? { message } : { message, hint };
  }
}

/** Every way in which running a cell can fail, as the cell's outcome. Anything else is our own error, shown as such. */
export function outcomeOfError(error: unknown, interrupted: boolean): Outcome {
  if (error instanceof SqlError) {
    if (error.kind === "interrupted" || (interrupted && error.kind === "ended")) return INTERRUPTED;
    return failed({ ...error.problem });
  }
  if (interrupted) return INTERRUPTED;
  if (error instanceof CellProblem || error instanceof KernelProblem) return failed(error.problem);
  return failed({ message: error instanceof Error ? error.message : String(error) });
}

const failed = (problem: Problem): Outcome => ({ status: "error", result: null, error: problem });
