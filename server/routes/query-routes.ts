import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { queryRequest, queryRows } from "../../cells/wire/http-query.ts";
import type { Statement } from "../../kernels/engine/sql-engine.ts";
import { HttpError } from "../http-error.ts";
import { bindNamed } from "../query/named-parameters.ts";
import type { Lease } from "../query/query-runner.ts";
import { columnsOf } from "../rows/row-text.ts";
import { rowTextStream } from "../rows/row-text-stream.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Route } from "./route.ts";

export const ARROW_TYPE = "application/vnd.apache.arrow.stream";
export const PARQUET_TYPE = "application/vnd.apache.parquet";
/** Rows as JSON objects cost the server most; larger results leave as Arrow, CSV or Parquet. */
const JSON_LIMIT_BYTES = 256_000_000;

const TYPES = {
  "application/json": "json",
  "text/csv": "csv",
  [ARROW_TYPE]: "arrow",
  [PARQUET_TYPE]: "parquet",
} as const;
type Format = (typeof TYPES)[keyof typeof TYPES];

export const queryRoutes: readonly Route[] = [
  defineRoute("POST", "/api/query", {
    need: "read",
    summary: "One SELECT over streams and files at an as-of; JSON, CSV, Parquet or an Arrow stream by Accept",
    body: queryRequest,
    answer: queryRows,
    answersAlso: ["text/csv", ARROW_TYPE, PARQUET_TYPE],
    handle: async ({ body, headers, services, signal }) => {
      const format = formatOf(headers.accept);
      const bound = bindNamed(body.sql, body.params);
      const { lease, release } = await services.queries.lease(body.asOf ?? null);
      let streaming = false;
      try {
        const asOf: Record<string, string> = lease.asOf === null ? {} : { "driftbook-as-of": lease.asOf };
        const { limit } = body;
        const statement = limit === undefined ? bound : { ...bound, firstRows: limit };
        switch (format) {
          case "json":
            return await jsonAnswer(lease, bound, limit, asOf, signal);
          case "arrow": {
            const pieces = lease.engine.query({ ...statement, signal })[Symbol.asyncIterator]();
            // The first piece is awaited, so that a statement that fails is refused with a status.
            const first = await pieces.next();
            streaming = true;
            return new Answer(
              200,
              { ...asOf, "content-type": ARROW_TYPE },
              Readable.from(rest(first, pieces, release), { objectMode: false }),
            );
          }
          case "csv":
          case "parquet": {
            const file = path.join(lease.scratch, `answer-${crypto.randomUUID()}.${format}`);
            await lease.engine.export({ ...statement, format, file, signal });
            const stream = createReadStream(file).once("close", () => void rm(file, { force: true }));
            const type = format === "csv" ? "text/csv; charset=utf-8" : PARQUET_TYPE;
            return new Answer(200, { ...asOf, "content-type": type }, stream);
          }
        }
      } finally {
        if (!streaming) await release();
      }
    },
  }),
];

async function jsonAnswer(
  lease: Lease,
  statement: Statement,
  limit: number | undefined,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  const pieces: Uint8Array[] = [];
  // One row more, to tell whether there are more.
  const first = limit === undefined ? {} : { firstRows: limit + 1 };
  for await (const piece of lease.engine.query({ ...statement, ...first, signal, maxBytes: JSON_LIMIT_BYTES }))
    pieces.push(piece);
  const arrow = Buffer.concat(pieces);
  const { columns, rowCount } = columnsOf(arrow);
  const cut = limit !== undefined && rowCount > limit;
  return new Answer(
    200,
    {
      ...headers,
      "content-type": "application/json; charset=utf-8",
      // Percent-encoded: names may hold any character, headers may not.
      "driftbook-columns": encodeURIComponent(JSON.stringify(columns.map((column) => column.name))),
      ...(cut ? { "driftbook-truncated": "true" } : {}),
    },
    rowTextStream(arrow, "json", cut ? limit : rowCount),
  );
}

async function* rest(
  first: IteratorResult<Uint8Array>,
  pieces: AsyncIterator<Uint8Array>,
  release: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
    await release();
  }
}

/** The first of our types that `Accept` names; JSON when it names none of them but would take anything. */
function formatOf(accept: string | undefined): Format {
  const wanted = (accept ?? "*/*").split(",").map((part) => part.split(";")[0]!.trim().toLowerCase());
  for (const type of wanted) if (Object.hasOwn(TYPES, type)) return TYPES[type as keyof typeof TYPES];
  if (wanted.some((type) => type === "*/*" || type === "application/*")) return "json";
  if (wanted.includes("text/*")) return "csv";
  throw new HttpError(406, `Accept is "${accept}"; an answer can be ${Object.keys(TYPES).join(", ")}.`);
}
