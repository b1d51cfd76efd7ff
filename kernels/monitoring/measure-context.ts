import type { Mark } from "../../cells/monitoring/mark.ts";
import type { StreamRoles } from "../../cells/monitoring/stream-roles.ts";
import type { Display } from "../../cells/results/display.ts";
import type { Reading } from "../../cells/results/reading.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import type { WindowContext } from "../../cells/time/resolve-window.ts";

/** What a measurement is given from outside: no clock is inside, so that the same gives the same. */
export interface MeasureContext {
  /** Name of the cell. */
  readonly cell: string;
  /** What is asked: the same for the same cell over the same data, another after an edit. Part of its readings' ids. */
  readonly question: string;
  readonly asOf: string;
  /** What relative windows count from; the as-of but in a job's run. */
  readonly dueAt: string;
  readonly zone: string;
  /** The notebook's, or the run's. */
  readonly window: ResolvedWindow | null;
  readonly streams: readonly StreamRoles[];
  /** Of all streams, that count at the as-of. */
  readonly marks: readonly Mark[];
  /** @throws CellProblem */
  readonly resolveWindow: (text: string, around?: WindowAround) => ResolvedWindow;
}

/** What a relative window is resolved against, beside the due time. */
export type WindowAround = Pick<WindowContext, "measured" | "mature">;

export interface Measured {
  readonly readings: readonly Reading[];
  readonly display: Display;
}
