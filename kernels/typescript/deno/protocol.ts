import type { Display } from "../../../cells/results/display.ts";
import type { Problem, Variable } from "../../../cells/session/operation.ts";
import type { KernelParameter } from "../typescript-kernel.ts";

/**
 * What host, Deno's main thread and its worker say to each other. Between host and main thread each message is the
 * header of a frame; binary values travel in the frame's body. The main thread passes messages on, and replaces the
 * worker when it does not answer an interrupt.
 */

/** A value on the wire; a table's bytes are in the frame's body. */
export type WireValue =
  | { readonly type: "json"; readonly value: unknown }
  | { readonly type: "time"; readonly iso: string }
  | { readonly type: "date"; readonly iso: string }
  | { readonly type: "bigint"; readonly digits: string }
  | { readonly type: "window"; readonly start: string; readonly end: string }
  /** `properties` are those that the table has beside its own: the values of a kpi. */
  | { readonly type: "table"; readonly properties?: Readonly<Record<string, unknown>> };

export interface CompiledCode {
  readonly code: string;
  readonly needs: readonly string[];
}

export type KernelRequest =
  | { readonly type: "assign"; readonly name: string; readonly value: WireValue }
  | ({
      readonly type: "run";
      readonly cell: string;
      readonly run: string;
      readonly name: string | null;
      readonly width: number;
    } & CompiledCode)
  | { readonly type: "evaluate"; readonly expressions: readonly CompiledCode[]; readonly as: "values" | "texts" }
  | { readonly type: "export-table"; readonly name: string }
  | { readonly type: "export-value"; readonly name: string }
  | { readonly type: "forget"; readonly names: readonly string[] };

/** Bigint parameters travel as text. */
export type WireParameter =
  | Exclude<KernelParameter, bigint | { type: "list" }>
  | { readonly type: "bigint"; readonly digits: string }
  | { readonly type: "list"; readonly items: readonly WireParameter[] };

export type ToKernel =
  | { readonly type: "request"; readonly id: number; readonly request: KernelRequest }
  | { readonly type: "interrupt"; readonly id: number }
  | { readonly type: "resize"; readonly width: number }
  /** The body holds the Arrow stream unless `error` is set. */
  | { readonly type: "query-result"; readonly query: number; readonly error: string | null };

export type KernelAnswer =
  | { readonly status: "ok"; readonly value: unknown; readonly variables: readonly Variable[] }
  | { readonly status: "error"; readonly problem: Problem }
  | { readonly status: "interrupted" }
  /** The worker had to be replaced; the reason as a sentence. */
  | { readonly status: "lost"; readonly because: string };

export type FromKernel =
  | { readonly type: "ready" }
  | { readonly type: "answer"; readonly id: number; readonly answer: KernelAnswer }
  | { readonly type: "display"; readonly run: string; readonly display: Display }
  | { readonly type: "log"; readonly run: string; readonly stream: "out" | "error"; readonly text: string }
  | {
      readonly type: "progress";
      readonly run: string;
      readonly fraction: number | null;
      readonly message: string | null;
    }
  | {
      readonly type: "query";
      readonly query: number;
      readonly cell: string;
      readonly run: string;
      readonly sql: string;
      readonly parameters: readonly WireParameter[];
    }
  /** `drift(…)`, `kpi(…)` or `check(…)`; answered like a query, with readings and display as JSON in the body. */
  | {
      readonly type: "measure";
      readonly query: number;
      readonly cell: string;
      readonly run: string;
      readonly kind: "drift" | "kpi" | "check";
      readonly spec: unknown;
    }
  /** `reading(…)` */
  | { readonly type: "reading"; readonly run: string; readonly reading: unknown }
  | {
      readonly type: "redrawn";
      readonly cell: string;
      readonly run: string;
      readonly index: number;
      readonly display: Display;
    };
