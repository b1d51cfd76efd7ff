import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import type { Need, Principal } from "../gate/principal.ts";
import { HttpError, problemOf } from "../http-error.ts";
import { errorFields } from "../log.ts";
import { SECURITY_HEADERS } from "../security-headers.ts";
import type { Services } from "../services.ts";
import { toHttpError } from "../typed-errors.ts";
import { CLOSE } from "./close-codes.ts";

export interface Upgrade {
  readonly path: string;
  readonly need: Need;
  /** Resolves before the handshake, so that a refusal is a plain HTTP answer. */
  readonly open: (
    services: Services,
    params: readonly string[],
    principal: Principal,
  ) => Promise<(socket: WebSocket) => void>;
}

/** Every address that can be upgraded; the gate test walks it. */
export const upgrades: readonly Upgrade[] = [
  {
    path: "/api/notebooks/:path/socket",
    need: "edit",
    open: async (services, [notebook], principal) => {
      const open = await services.notebooks.open(notebook!);
      return (socket) => services.notebooks.attach(open, socket, principal);
    },
  },
];

const LARGEST_MESSAGE_BYTES = 24_000_000;
/** After a close frame at the server's end, how long until a socket is dropped without waiting for its page. */
const DROP_AFTER_MILLIS = 1000;

/** Answers upgrades on the app's server; refused ones get an ordinary problem answer and are closed. */
export function registerUpgrades(app: FastifyInstance, services: Services): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES, perMessageDeflate: false });
  let isStopping = false;
  // The server waits for its connections, and an open page would hold it as long as it likes.
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const socket of sockets.clients) socket.close(CLOSE.leaving, "the server stops");
    setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, DROP_AFTER_MILLIS).unref();
  });
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const requestId = services.newRequestId();
    // Until the handshake the connection is ours: a reset must not be an uncaught error.
    const reset = () => socket.destroy();
    socket.on("error", reset);
    admit(services, request)
      .then((attach) => {
        if (isStopping) throw new HttpError(503, "The server stops.");
        socket.off("error", reset);
        sockets.handleUpgrade(request, socket, head, (webSocket) => attach(webSocket));
        services.log.write("info", "upgrade", { requestId, path: request.url?.split("?")[0] });
      })
      .catch((thrown: unknown) => refuse(services, thrown, request, socket, requestId));
  });
}

async function admit(services: Services, request: IncomingMessage): Promise<(socket: WebSocket) => void> {
  const path = (request.url ?? "").split("?")[0]!;
  const match = find(path);
  const principal = services.gate.admit({
    method: "GET",
    headers: request.headers,
    upgrade: true,
    need: match?.upgrade.need ?? "read",
    stream: null,
  });
  if (match === null) throw new HttpError(404, `There is no socket at ${path}.`);
  return match.upgrade.open(services, match.params, principal);
}

function find(path: string): { upgrade: Upgrade; params: readonly string[] } | null {
  for (const upgrade of upgrades) {
    const pattern = new RegExp(`^${upgrade.path.replaceAll(/:[a-z]+/g, "([^/]+)")}$`);
    const found = pattern.exec(path);
    if (found === null) continue;
    try {
      return { upgrade, params: found.slice(1).map(decodeURIComponent) };
    } catch {
      return null; // A malformed escape names nothing.
    }
  }
  return null;
}

function refuse(
  services: Services,
  thrown: unknown,
  request: IncomingMessage,
  socket: Duplex,
  requestId: string,
): void {
  const error = toHttpError(thrown);
  const body = JSON.stringify(problemOf(error, requestId));
  const headers = {
    ...SECURITY_HEADERS,
    ...error.extra.headers,
    "x-request-id": requestId,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${error.status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  services.log.write(error.status >= 500 ? "error" : "info", "upgrade refused", {
    requestId,
    path: request.url?.split("?")[0],
    status: error.status,
    ...(error.status >= 500 ? errorFields(thrown) : { message: error.message }),
  });
}
