import type { Document } from "../document/document.ts";
import type { Display } from "../results/display.ts";
import type { Analysis, CellContent, CellResult, Problem, ProcessView, ResolvedWindow } from "./operation.ts";

/** One execution of one cell: the newest that started, or one restored from disk. Plain data: it crosses the wire. */
export interface CellRun {
  readonly run: string;
  readonly status: "running" | "ok" | "error" | "interrupted";
  /** What the cell and everything it read were when it started; compared with the present fingerprint to tell staleness. */
  readonly fingerprint: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMillis: number | null;
  readonly progress: { readonly fraction: number | null; readonly message: string | null } | null;
  readonly displays: readonly Display[];
  readonly logs: readonly { readonly stream: "out" | "error"; readonly text: string }[];
  readonly result: CellResult | null;
  readonly error: Problem | null;
  /** True when this run's values live in no process any more (restored from disk, or the process ended). */
  readonly valuesLost: boolean;
}

/** A session as one value: the same on the server and in every browser that watches it. */
export interface SessionState {
  readonly path: string;
  readonly document: Document;
  /** Text revision of each cell; absent means 0. */
  readonly revisions: Readonly<Record<string, number>>;
  readonly analyses: Readonly<Record<string, Analysis>>;
  readonly runs: Readonly<Record<string, CellRun>>;
  /** Inputs moved away from their default in this session, by cell. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly mode: "automatic" | "manual";
  /** True from the user's first run on; before it nothing runs by itself. */
  readonly begun: boolean;
  readonly asOf: string | null;
  readonly surroundings: string;
  /** The notation as typed, and what it means at the pinned as-of. */
  readonly window: { readonly text: string | null; readonly resolved: ResolvedWindow | null };
  readonly newerEvents: number;
  readonly processes: { readonly kernel: ProcessView; readonly engine: ProcessView };
  /** Cells waiting, in the order in which they will run. */
  readonly queue: readonly string[];
  readonly running: string | null;
  readonly interrupting: boolean;
  /** Deleted cells that can come back, newest last. */
  readonly trash: readonly { readonly cell: CellContent; readonly index: number }[];
  readonly saved: { readonly hash: string; readonly at: string } | null;
  readonly saveProblem: string | null;
}

/** What the shell must do after an operation. Data, so that a test can read it; the client ignores it. */
export type Effect =
  | { readonly type: "analyse"; readonly cell: string }
  /** Pin as-of first when it is null, then start the head of the queue. */
  | { readonly type: "pin-as-of" }
  | { readonly type: "start-next" }
  | { readonly type: "interrupt" }
  | { readonly type: "restart" }
  /** Names that no cell defines any more: remove them from kernel and engine. */
  | { readonly type: "forget"; readonly names: readonly string[] }
  /** A SQL result is known by another name from now on. */
  | { readonly type: "rename-result"; readonly from: string; readonly to: string }
  | { readonly type: "set-input"; readonly cell: string }
  | { readonly type: "save" }
  | { readonly type: "keep-results"; readonly cell: string };

/** How a cell stands, in the words that the interface shows. */
export type CellStatus =
  | { readonly state: "never" }
  | { readonly state: "fresh"; readonly since: string; readonly restored: boolean }
  | { readonly state: "stale"; readonly because: string }
  | { readonly state: "queued"; readonly position: number }
  | { readonly state: "running"; readonly since: string }
  | { readonly state: "failed"; readonly problem: Problem }
  /** Not run because of its own or a parent's problem: a clash, a cycle, a syntax error, a failed parent. */
  | { readonly state: "blocked"; readonly because: Problem; readonly cells: readonly string[] };
