import type { Reading, Verdict } from "../../cells/results/reading.ts";
import type { Run } from "../../cells/wire/http-jobs.ts";
import type { OpenRun } from "./job-rows.ts";

/** What an attempt gave, as it is kept. */
export interface RunResult {
  readonly verdict: Verdict;
  /** What a reader must know of the verdict; a sentence. */
  readonly reason: string | null;
  readonly window: readonly [start: string, end: string] | null;
  readonly asOf: string | null;
  readonly readings: readonly CellReading[];
  /** The readings as they are compared by a replay. */
  readonly body: Uint8Array;
  /** Windows that its cells measured, where they have one. */
  readonly measured: Run["measured"];
  readonly inputs: Run["inputs"];
  readonly program: NonNullable<Run["program"]>;
  /** For replays: equal to the readings of the run that was repeated. */
  readonly same: boolean | null;
}

export interface CellReading {
  readonly cell: string;
  /** Kind of the cell. */
  readonly kind: string;
  readonly reading: Reading;
}

/** How a run ended, for those who must act on it within the same transaction. */
export interface EndedRun {
  readonly run: OpenRun;
  readonly result: RunResult | null;
  /** The run failed for good; a sentence. */
  readonly failure: string | null;
  readonly nowMillis: number;
}
export type OnEnded = (ended: EndedRun) => void;
