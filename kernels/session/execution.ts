import type { Cell } from "../../cells/document/document.ts";
import type { Operation } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { SqlEngine } from "../engine/sql-engine.ts";
import type { Access } from "./managed-process.ts";
import type { PinnedTime } from "./pinned-time.ts";
import type { ReadingKeeper } from "./ports.ts";
import type { RunOutput } from "./run-output.ts";
import type { Scope } from "./scope.ts";
import type { SessionKernel } from "./session-kernel.ts";

/** What running a cell may use. */
export interface Execution {
  readonly cell: Cell;
  readonly run: string;
  readonly signal: AbortSignal;
  readonly output: RunOutput;
  readonly state: () => SessionState;
  readonly dispatch: (operation: Operation) => void;
  readonly engine: Access<SqlEngine>;
  readonly kernel: Access<SessionKernel>;
  readonly scope: Scope;
  readonly time: PinnedTime;
  readonly readings: ReadingKeeper | null;
  /** Width of the page that shows displays, in CSS pixels. */
  readonly width: number;
}

/** How a cell's result is called in the engine. */
export const resultName = (cell: Pick<Cell, "id" | "name">): string => cell.name ?? cell.id;

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
}
