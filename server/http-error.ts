import type { HttpProblem } from "../cells/wire/http-problem.ts";

interface Extra {
  readonly hint?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: HttpProblem["errors"];
  readonly cause?: unknown;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  408: "Too slow",
  409: "Conflict",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Unknown content type",
  421: "Wrong host",
  422: "Not readable",
  428: "Condition missing",
  429: "Too many requests",
  431: "Head too large",
  500: "Something failed inside Driftbook",
  503: "Not available now",
};

/** A refusal with a status. The message says what, where and what would be right; it is shown to the user. */
export class HttpError extends Error {
  readonly status: number;
  readonly extra: Extra;
  constructor(status: number, message: string, extra: Extra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = "HttpError";
    this.status = status;
    this.extra = extra;
  }
}

export function problemOf(error: HttpError, requestId: string): HttpProblem {
  const { hint, errors } = error.extra;
  return {
    type: "about:blank",
    title: TITLES[error.status] ?? "Error",
    status: error.status,
    detail: error.message,
    requestId,
    ...(hint === undefined ? {} : { hint }),
    ...(errors === undefined ? {} : { errors }),
  };
}
