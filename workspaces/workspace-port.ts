import type { Mark } from "../cells/monitoring/mark.ts";
import type { DryRunView, ImportView, InferenceView, LogName, QuarantineEntry } from "../cells/wire/http-streams.ts";
import type { ProcessState } from "../kernels/lifecycle/process-state.ts";

/**
 * What the edges (server, command line) may ask of a workspace's logs. `openWorkspace` in `workspace.ts` gives it.
 * Times are ISO 8601 UTC text with up to six fractional digits.
 */
export interface Relations {
  readonly asOf: string;
  /** For `SqlEngine.setRelations`. */
  readonly statements: readonly string[];
  /** Absolute folders that the statements read; to be allowed in the engine. */
  readonly folders: readonly string[];
  /** Changes with every row of the stream's decisions in a window of event time (null: of all time) at this as-of. */
  contentOf(stream: string, window: { readonly start: string; readonly end: string } | null): string | null;
  /** Parts left out because their file is missing or damaged. */
  readonly problems: readonly LakeProblem[];
  /** Tells that the files of this snapshot are not needed any more; until then they stay on disk. */
  release(): void;
}

export interface LakeProblem {
  readonly stream: string;
  readonly log: string;
  /** Relative to the workspace. */
  readonly file: string;
  readonly message: string;
}

export interface ImportRequest {
  readonly stream: string;
  readonly log: LogName;
  /** Absolute paths; .parquet, .csv, .ndjson, .jsonl or .json. */
  readonly files: readonly string[];
  /** One SELECT over the relation `input`. */
  readonly select?: string;
  readonly history?: boolean;
}

export interface Imports {
  /** @throws Error with a sentence when nothing could be loaded; nothing is written then. */
  load(request: ImportRequest): Promise<ImportView>;
  dryRun(request: ImportRequest): Promise<DryRunView>;
  list(stream?: string): readonly ImportView[];
  show(id: string): ImportView | null;
  withdraw(id: string): Promise<ImportView>;
  /** A contract and a SELECT proposed from a sample of `file`. */
  infer(file: string, stream: string): Promise<InferenceView>;
}

export interface Marks {
  /** Those that count at the as-of, or that stand now for null; by the start of their windows. */
  list(asOf: string | null, stream?: string): readonly Mark[];
  show(stream: string, id: string): Mark | null;
  make(wish: Pick<Mark, "stream" | "window" | "note" | "excludes" | "by">): Mark;
  /** From now on: it still counts for an earlier as-of. Null when there is none. */
  remove(stream: string, id: string): Mark | null;
}

export interface QuarantineDetail extends QuarantineEntry {
  readonly raw: string;
  readonly rawBase64: string | null;
}

export interface QuarantineStore {
  list(request: {
    readonly stream: string;
    readonly reason?: string;
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<{ readonly total: number; readonly entries: readonly QuarantineEntry[] }>;
  show(stream: string, id: string): Promise<QuarantineDetail | null>;
  /** Checks the raw events again under the present contract; what passes now is accepted as new events. */
  replay(
    stream: string,
    choice: { readonly ids?: readonly string[]; readonly reason?: string },
  ): Promise<{
    readonly replayed: number;
    readonly stillRefused: readonly { readonly id: string; readonly reason: string }[];
  }>;
}

/** Figures of one stream as loaded, without a query over the lake. */
export interface StreamFigures {
  readonly stream: string;
  readonly decisions: number;
  readonly feedback: number;
  /** In quarantine and not replayed. */
  readonly quarantined: number;
  readonly conflicts: number;
  readonly duplicates: number;
  readonly firstDecidedAt: string | null;
  readonly lastDecidedAt: string | null;
  readonly lastRecordedAt: string | null;
  readonly watermark: string | null;
  readonly imports: number;
  readonly violations: readonly { readonly rule: string; readonly count: number }[];
  /** Loaded rows by hour of recorded time (UTC), ascending; hours without rows are absent. */
  readonly hours: readonly { readonly start: string; readonly decisions: number; readonly feedback: number }[];
}

export interface WorkspaceHealth {
  readonly loader: ProcessState;
  readonly loaderRestarts: number;
  /** The loader's last failure, as a sentence; null while all is well. */
  readonly loaderProblem: string | null;
  readonly problems: readonly LakeProblem[];
  /** Accepted records not loaded yet, in bytes of segments. */
  readonly lagBytes: number;
}
