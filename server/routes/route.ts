import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Need, Principal } from "../gate/principal.ts";
import type { Services } from "../services.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a handler gets: everything parsed by the route's schemas, and who asks. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
  readonly address: string;
  readonly requestId: string;
  readonly services: Services;
  /** Aborted when the client goes away before the answer. */
  readonly signal: AbortSignal;
  /** Writes one line to the audit log with who and where from filled in. */
  audit(action: string, target: string, details?: unknown): void;
}

/** An answer that is not plain JSON with status 200. */
export class Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable | null;
  constructor(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array | Readable | null) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** `bytes` is a Buffer in memory; `stream` is read as it comes, by the handler. */
export type BodyKind = "none" | "json" | "bytes" | "stream";

export interface Route {
  readonly method: Method;
  /** `:name` marks a parameter; it is one percent-encoded segment. */
  readonly path: string;
  readonly need: Need;
  readonly summary: string;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly bodyKind: BodyKind;
  readonly body: z.ZodType;
  readonly bodyLimitBytes: number;
  readonly answer: z.ZodType | null;
  /** Other content types that the answer may have. */
  readonly answersAlso: readonly string[];
  readonly handle: (call: Call<never, never, never>) => unknown;
}
