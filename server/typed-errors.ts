import { SqlError, type SqlErrorKind } from "../kernels/engine/sql-engine.ts";
import { RequestRefused } from "../kernels/session/requests.ts";
import { ImportRefused } from "../workspaces/imports/import-refused.ts";
import { IngestRefused } from "../workspaces/ingest/ingest-errors.ts";
import { HttpError } from "./http-error.ts";

const INGEST_STATUS: Readonly<Record<IngestRefused["kind"], number>> = {
  "unknown-stream": 404,
  "too-large": 413,
  unsupported: 415,
  unreadable: 422,
  "too-busy": 429,
  "disk-full": 503,
};

/** 4xx: the same request would fail again. 503: it may work later. */
const SQL_STATUS: Readonly<Record<SqlErrorKind, number>> = {
  syntax: 400,
  refused: 403,
  failed: 400,
  unreadable: 503,
  interrupted: 409,
  "time-limit": 422,
  "out-of-memory": 422,
  "too-large": 413,
  ended: 503,
};

/** Any thrown thing as a refusal with a status. What is not known here is a defect: 500, with the request id to find it. */
export function toHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown;
  if (thrown instanceof IngestRefused) {
    const seconds = thrown.retryAfterSeconds;
    return new HttpError(INGEST_STATUS[thrown.kind], thrown.message, {
      cause: thrown,
      ...(seconds === null ? {} : { headers: { "retry-after": String(Math.ceil(seconds)) } }),
    });
  }
  if (thrown instanceof SqlError) {
    const { line, column, hint, message } = thrown.problem;
    const where = line === undefined ? "" : ` (line ${line}${column === undefined ? "" : `, column ${column}`})`;
    return new HttpError(SQL_STATUS[thrown.kind], `${message}${where}`, {
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
      ...(thrown.kind === "ended" ? { headers: { "retry-after": "1" } } : {}),
    });
  }
  if (thrown instanceof ImportRefused) return new HttpError(422, thrown.message, { cause: thrown });
  if (thrown instanceof RequestRefused)
    return new HttpError(409, thrown.message, {
      cause: thrown,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    });
  if (isFullDisk(thrown))
    return new HttpError(503, "The disk is full: nothing was written.", {
      hint: "Free some space on it and try again; nothing else is needed.",
      headers: { "retry-after": "10" },
      cause: thrown,
    });
  if (thrown instanceof Error) {
    const { statusCode, code } = thrown as Error & { statusCode?: number; code?: string };
    if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
      return new HttpError(413, "The body is larger than this route reads.", {
        hint: "Send smaller batches.",
        cause: thrown,
      });
    // fastify's own refusals of malformed requests (a bad URL, a wrong length).
    if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
      return new HttpError(statusCode, thrown.message, { cause: thrown });
  }
  return new HttpError(500, "Driftbook failed to answer this; the log line of this request says why.", {
    hint: "See .driftbook/server.log, or run driftbook doctor.",
    cause: thrown,
  });
}

const SQLITE_FULL = 13;

/** As files, and as SQLite say it. */
function isFullDisk(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, errcode } = thrown as Error & { code?: unknown; errcode?: unknown };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === SQLITE_FULL;
}
