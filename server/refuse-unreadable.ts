import { maxHeaderSize, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { HttpError, problemOf } from "./http-error.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import type { Services } from "./services.ts";

/** Of the HTTP parser: it has no request that could be routed. */
interface ParseError extends Error {
  readonly code?: string;
  /** "Invalid header value char". */
  readonly reason?: string;
}

/** Answers what the HTTP parser refuses as all else is refused, and closes the connection: what follows cannot be told apart. */
export function refuseUnreadable(
  { log, newRequestId }: Pick<Services, "log" | "newRequestId">,
  error: ParseError,
  socket: Socket,
): void {
  // The client is gone.
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const requestId = newRequestId();
  const refusal = refusalOf(error);
  log.write("info", "unreadable request", { requestId, status: refusal.status, code: error.code ?? error.message });
  if (socket.writable) {
    const body = JSON.stringify(problemOf(refusal, requestId));
    const headers = {
      ...SECURITY_HEADERS,
      "content-type": "application/problem+json; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      "x-request-id": requestId,
      connection: "close",
    };
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${head.join("")}\r\n${body}`);
  }
  socket.destroy();
}

function refusalOf({ code, reason, message }: ParseError): HttpError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpError(408, "The request did not arrive whole in time.", { hint: "Send it again." });
    case "HPE_HEADER_OVERFLOW":
      return new HttpError(431, `The head of the request is larger than ${maxHeaderSize} bytes.`, {
        hint: "Shorten its address and its headers; what is long belongs into the body of a POST.",
      });
    default:
      return new HttpError(400, `The request cannot be read as HTTP: ${reason ?? message}.`, {
        hint: "The request line and the headers must be as HTTP/1.1 has them; curl, fetch and the like write them so.",
      });
  }
}
