import { HttpError } from "./http-error.ts";

/** Any thrown thing as a refusal with a status. What is not known here is a defect: 500, with the request id to find it. */
export function toHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown;
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
