import type { Readable } from "node:stream";
import { z } from "zod";
import type { Need } from "../gate/principal.ts";
import type { Answer, BodyKind, Call, Method, Route } from "./route.ts";

/** What the handler gets as body: parsed JSON, or raw for `bytes` and `stream`. */
type BodyOf<B extends z.ZodType, Raw> = B extends z.ZodUndefined ? Raw : z.output<B>;

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType, S> {
  readonly need: Need;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Set instead of `body` for handlers that take the raw bytes. */
  readonly bytes?: { readonly limit: number };
  /** The same for bodies that do not fit in memory. */
  readonly stream?: S;
  readonly answer?: A;
  readonly answersAlso?: readonly string[];
  readonly handle: (
    call: Call<z.output<P>, z.output<Q>, BodyOf<B, S extends { limit: number } ? Readable : Buffer>>,
  ) => z.input<A> | Answer | Promise<z.input<A> | Answer>;
}

const JSON_LIMIT_BYTES = 24_000_000;

/** A row of the route table; the handler's types come from the schemas. */
export function defineRoute<
  P extends z.ZodType = z.ZodObject,
  Q extends z.ZodType = z.ZodObject,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodUnknown,
  S extends { readonly limit: number } | undefined = undefined,
>(method: Method, path: string, spec: Spec<P, Q, B, A, S>): Route {
  const bodyKind: BodyKind =
    spec.stream !== undefined
      ? "stream"
      : spec.bytes !== undefined
        ? "bytes"
        : spec.body !== undefined
          ? "json"
          : "none";
  return {
    method,
    path,
    need: spec.need,
    summary: spec.summary,
    params: spec.params ?? z.object({}),
    query: spec.query ?? z.object({}),
    bodyKind,
    body: spec.body ?? z.undefined(),
    bodyLimitBytes: spec.stream?.limit ?? spec.bytes?.limit ?? JSON_LIMIT_BYTES,
    answer: spec.answer ?? null,
    answersAlso: spec.answersAlso ?? [],
    handle: spec.handle as unknown as Route["handle"],
  };
}
