/**
 * The port to a SQL engine: what a session, a job run or the command line may ask of it, whatever runs behind it.
 * Text of users reaches `inspect`, `describe`, `materialise`, `query` and `export` only, and passes the statement gate
 * there; `setRelations` is for statements that this program wrote itself.
 */
import type { Column } from "../../cells/session/operation.ts";
import type { ColumnSummary } from "../../cells/wire/socket.ts";
import type { EndReason, ProcessState } from "../lifecycle/process-state.ts";

export type { Column, ColumnSummary };

/** A value bound to a `?` or `$n`; integers beyond 2^53 travel as bigint, times as ISO 8601 text. */
export type SqlParameter =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly type: "timestamp"; readonly iso: string }
  | { readonly type: "date"; readonly iso: string }
  | { readonly type: "list"; readonly items: readonly SqlParameter[] };

/** What is wrong with a statement; line and column are 1-based in the text that was given. */
export interface SqlProblem {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
}

export type SqlErrorKind =
  | "syntax"
  | "refused"
  | "failed"
  /** A file could not be read to its end: damaged, or gone while it was read. */
  | "unreadable"
  | "interrupted"
  | "time-limit"
  | "out-of-memory"
  | "too-large"
  | "ended";

/** Thrown by every method below. `ended` means that the process is gone and its named results with it. */
export class SqlError extends Error {
  readonly kind: SqlErrorKind;
  readonly problem: SqlProblem;
  constructor(kind: SqlErrorKind, problem: SqlProblem) {
    super(problem.message);
    this.name = "SqlError";
    this.kind = kind;
    this.problem = problem;
  }
}

export interface SqlEngineConfiguration {
  /** Text like `FROM 'data/x.csv'` is relative to it. */
  readonly workspaceFolder: string;
  /** Everything that SQL may read (the lake, `data/`), absolute; sub-folders included. */
  readonly allowedDirectories: readonly string[];
  /** A folder of this engine alone: temporary files and exports. It is created. */
  readonly scratchFolder: string;
  /** Where the process finds its own code compiled by an earlier one, and leaves it; SQL has no way there. Absent: nowhere. */
  readonly codeCacheFolder?: string;
  readonly memoryLimitBytes: number;
  readonly tempLimitBytes: number;
  readonly threads: number;
  /** IANA name, "UTC" by default in driftbook.yaml. */
  readonly timeZone: string;
  /** Limit of one statement; can be lowered per call. */
  readonly timeoutMillis: number;
  /** What one named result or one streamed answer may hold. */
  readonly resultLimit: { readonly rows: number; readonly bytes: number };
}

/** `ast` is DuckDB's `json_serialize_sql` of the one statement (null for EXPLAIN, which cannot be serialised). */
export type SqlInspection =
  | { readonly ok: true; readonly statement: "select" | "explain"; readonly ast: unknown }
  | { readonly ok: false; readonly kind: "syntax" | "refused"; readonly problem: SqlProblem };

export interface Running {
  /** Share done, 0 to 1, or null while unknown. Called at most every 100 ms. */
  readonly onProgress?: (fraction: number | null) => void;
  readonly signal?: AbortSignal;
  readonly timeoutMillis?: number;
}

export interface Statement {
  readonly sql: string;
  readonly parameters?: readonly SqlParameter[];
}

export interface MaterialisedResult {
  readonly columns: readonly Column[];
  readonly rowCount: number;
  /** Estimate of what the rows take in memory. */
  readonly bytes: number;
  readonly durationMillis: number;
}

export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

export interface RowFilter {
  /** Of no meaning for `search`, which looks in every column. */
  readonly column: string;
  readonly test: "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "search" | "is-null" | "is-not-null";
  /** Compared after a cast to the column's type; `contains` and `search` compare text, ignoring case. */
  readonly value?: unknown;
}

export interface PageRequest {
  readonly name: string;
  readonly offset: number;
  readonly limit: number;
  readonly sort?: readonly SortKey[];
  readonly filters?: readonly RowFilter[];
  /** All of them when absent. */
  readonly columns?: readonly string[];
}

export interface SqlEngine {
  readonly state: ProcessState;
  /** Resolves when the process is gone for good. */
  readonly ended: Promise<EndReason>;
  /** @throws SqlError `ended` when it does not start. */
  start(): Promise<void>;
  /** Called on each change of `state`; returns how to stop that. */
  onState(listener: (state: ProcessState) => void): () => void;

  /** Runs statements made by this program (CREATE OR REPLACE SCHEMA, VIEW, MACRO) outside the gate, in order, in one transaction. */
  setRelations(relations: { readonly statements: readonly string[]; readonly asOf?: string }): Promise<void>;
  /** The gate's verdict and the parsed statement, without binding or executing. Never throws for bad SQL. */
  inspect(sql: string): Promise<SqlInspection>;
  /** Names and types of the columns, without executing. */
  describe(statement: Statement): Promise<{ readonly columns: readonly Column[] }>;
  /**
   * Runs the statement once and keeps its rows under `name`, where other statements find them. An earlier result of
   * that name is replaced only when this one is complete. `runId` identifies this content to `page`.
   */
  materialise(
    statement: Statement & Running & { readonly name: string; readonly runId: string },
  ): Promise<MaterialisedResult>;
  /**
   * The rows as one Arrow IPC stream, in pieces to be joined. `firstRows`: no more of a SELECT than these, in its order.
   * Above the other limits: SqlError `too-large`.
   */
  query(
    statement: Statement &
      Running & { readonly firstRows?: number; readonly maxRows?: number; readonly maxBytes?: number },
  ): AsyncIterable<Uint8Array>;
  /** Rows [offset, offset + limit) of a named result in the asked order, as one Arrow IPC stream; `rowCount` after filtering. */
  page(request: PageRequest & Running): Promise<{ readonly arrow: Uint8Array; readonly rowCount: number }>;
  /**
   * The same while it is made: the count first, then the stream, cut between its messages. The engine waits for a slow
   * reader. A piece is valid until the next is asked for: its memory is used again.
   */
  pages(
    request: PageRequest & Running,
  ): Promise<{ readonly pieces: AsyncIterable<Uint8Array>; readonly rowCount: number }>;
  summarise(name: string, running?: Running): Promise<readonly ColumnSummary[]>;
  /** Makes a table of an Arrow IPC stream (from TypeScript), under `name` like a named result. */
  register(name: string, arrow: Uint8Array): Promise<MaterialisedResult>;
  /** Gives a named result another name; nothing happens when there is none. */
  rename(from: string, to: string): Promise<void>;
  /** Forgets a named result; nothing happens when there is none. */
  drop(name: string): Promise<void>;
  /** Writes a named result, or a statement's rows (the first of them), to `file`, which must lie in the scratch folder. */
  export(
    request: (
      | { readonly name: string; readonly sort?: readonly SortKey[]; readonly filters?: readonly RowFilter[] }
      | (Statement & { readonly firstRows?: number })
    ) &
      Running & { readonly format: ExportFormat; readonly file: string },
  ): Promise<{ readonly rowCount: number; readonly bytes: number }>;
  /** Interrupts every running statement; they fail with SqlError `interrupted`. */
  interrupt(): Promise<void>;
  close(): Promise<EndReason>;
}

export type ExportFormat = "csv" | "json" | "parquet" | "arrow";
