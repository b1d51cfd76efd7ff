/**
 * The port to a TypeScript kernel, whatever runtime stands behind it. A session asks what `SessionKernel` says; this
 * adds what belongs to a page. `test/kernels/typescript/conformance.ts` says what an implementation must hold.
 */
import type { MonitoringKind } from "../../cells/kinds/kinds.ts";
import type { Display } from "../../cells/results/display.ts";
import type { Reading } from "../../cells/results/reading.ts";
import type { SessionKernel } from "../session/session-kernel.ts";

export interface TypeScriptKernel extends SessionKernel {
  /** Charts without a width of their own are drawn again, cells are not run; each arrives at `onRedrawn`. */
  resize(width: number): void;
}

export interface TypeScriptKernelConfiguration {
  /** Where `deno.json` and `deno.lock` are looked for. */
  readonly workspaceFolder: string;
  /** As `os.setPriority` takes it; that of this process if absent. */
  readonly priority?: number;
  readonly grants: KernelGrants;
  /** Where the runtime keeps packages and compiled code; made when it is not there. */
  readonly cacheFolder: string;
  /** Of the whole process; values live in at most half of it. */
  readonly memoryLimitBytes: number;
  /**
   * Runs a statement of `sql\`…\`` and answers with one Arrow IPC stream. `signal` aborts when the cell is interrupted.
   * The error's message is what the cell sees.
   */
  readonly onQuery: (query: KernelQuery) => Promise<Uint8Array>;
  /** Measures what `drift(…)`, `kpi(…)` or `check(…)` asks for. The error's message is what the cell sees. */
  readonly onMeasure: (request: KernelMeasure) => Promise<KernelMeasured>;
  /** Display number `index` of a run, at the width asked for last. */
  readonly onRedrawn: (redrawn: { cell: string; run: string; index: number; display: Display }) => void;
}

/** What the workspace lets its cells reach; everything else is refused. */
export interface KernelGrants {
  /** "host" or "host:port". */
  readonly hosts: readonly string[];
  /** Absolute; readable, never writable. */
  readonly folders: readonly string[];
  /** Names with their values: the only environment that a cell sees. */
  readonly env: Readonly<Record<string, string>>;
}

export interface KernelQuery {
  readonly cell: string;
  readonly run: string;
  /** With `$1`, `$2`, … where values were. */
  readonly sql: string;
  readonly parameters: readonly KernelParameter[];
  readonly signal: AbortSignal;
}

export interface KernelMeasure {
  readonly cell: string;
  readonly run: string;
  readonly kind: MonitoringKind;
  readonly spec: unknown;
  readonly signal: AbortSignal;
}

export interface KernelMeasured {
  readonly readings: readonly Reading[];
  readonly display: Display;
}

/** As `SqlParameter` of the engine, with bigint as itself. */
export type KernelParameter =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly type: "timestamp"; readonly iso: string }
  | { readonly type: "list"; readonly items: readonly KernelParameter[] };
