import { splitSqlTemplate } from "../../cells/analysis/sql/split-sql-template.ts";
import { analyseTypeScript } from "../../cells/analysis/typescript/analyse-typescript.ts";
import { ownReading } from "../../cells/monitoring/own-reading.ts";
import type { Reading } from "../../cells/results/reading.ts";
import { closureOf } from "../../cells/session/closure.ts";
import { packageProblem } from "../typescript/package-problem.ts";
import { type Execution, resultName } from "./execution.ts";
import { EMPTY_RESULT, type Outcome } from "./outcome.ts";
import { namesIn, readingOf } from "./sql-cell.ts";

/** Brings what the cell reads to the kernel and runs it there. */
export async function executeTypeScript(execution: Execution): Promise<Outcome> {
  const { cell, run, signal, output, state, dispatch, scope, width } = execution;
  const kernel = await execution.kernel.acquire();
  // What only its sql`…` read stays in the engine, however large; the rest travels to the kernel.
  const { reads, sqlTemplates } = analyseTypeScript(cell.source, cell.name);
  await scope.bringToKernel(reads, kernel, signal);
  for (const template of sqlTemplates) {
    const engine = await execution.engine.acquire();
    const { reading } = await readingOf(splitSqlTemplate(template), template, engine);
    await scope.bringToEngine(namesIn(reading).bare, engine);
  }
  // The kernel hears only of interrupts that come from now on.
  signal.throwIfAborted();
  const readings: Reading[] = [];
  const { status, error, variables, lost } = await kernel.run({
    cell: cell.id,
    run,
    source: cell.source,
    name: cell.name,
    width,
    signal,
    onDisplay: (display) => output.display(display),
    onLog: (stream, text) => output.log(stream, text),
    onProgress: (fraction, message) => output.progress(fraction, message),
    onReadings: (measured) => void readings.push(...measured),
    onReading: (written) =>
      void readings.push(
        ownReading(written, { cell: questionOf(execution), asOf: state().asOf ?? "" }, state().window.resolved),
      ),
  });
  if (lost !== null) {
    scope.kernelForgot(kernel);
    const cells = Object.keys(state().runs).filter((id) => kindOf(execution, id) === "ts");
    dispatch({ type: "values-lost", cells, because: lost });
  }
  return {
    status,
    error: error === null ? null : packageProblem(error),
    result: status === "ok" ? { ...EMPTY_RESULT, variables: [...variables], readings } : null,
  };
}

/** What its own readings answer, as their ids tell it. */
function questionOf({ cell, state, time }: Execution): string {
  const { asOf } = state();
  const dueAt = asOf === null ? null : time.ownDueAt(asOf);
  return `${resultName(cell)} ${closureOf(state(), cell.id).hash}${dueAt === null ? "" : ` ${dueAt}`}`;
}

function kindOf({ state }: Execution, id: string): string | undefined {
  return state().document.cells.find((cell) => cell.id === id)?.kind;
}
