import { SqlError } from "../engine/sql-engine.ts";
import { CellProblem } from "../session/outcome.ts";

/** What is made, or the sentence why it cannot be; only of what the cell's author wrote: anything else is thrown on. */
export function orProblem<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    return sentenceOf(error);
  }
}

/** The same of what the engine answers. */
export async function answerOrProblem<T>(ask: () => Promise<T>): Promise<T | string> {
  try {
    return await ask();
  } catch (error) {
    return sentenceOf(error);
  }
}

/** @throws what ends the whole cell, as it is */
function sentenceOf(error: unknown): string {
  if (error instanceof CellProblem) {
    const { message, hint } = error.problem;
    return hint === undefined ? message : `${message} ${hint}`;
  }
  if (error instanceof SqlError && (error.kind === "failed" || error.kind === "refused" || error.kind === "syntax"))
    return error.problem.message.split("\n")[0]!;
  throw error;
}
