import { WebSocket } from "ws";
import type { Operation } from "../../cells/session/operation.ts";
import { type OpenLine, SessionStore } from "../../client/session/store.ts";
import type { TestServer } from "./server.ts";

/** The browser's store over a real socket, without a browser. */
export function openNotebook(server: TestServer, path: string, client = "test"): SessionStore {
  const openLine: OpenLine = (events) => {
    const url = `${server.origin.replace("http", "ws")}/api/notebooks/${encodeURIComponent(path)}/socket`;
    const socket = new WebSocket(url, {
      headers: { cookie: server.cookie, origin: server.origin },
      perMessageDeflate: false,
      maxPayload: 0,
    });
    socket.on("open", () => events.open());
    socket.binaryType = "arraybuffer";
    socket.on("message", (data: ArrayBuffer | Buffer, isBinary) => {
      if (isBinary) events.binary(data as ArrayBuffer);
      else events.text(Buffer.from(data as ArrayBuffer).toString("utf8"));
    });
    socket.on("close", (code) => events.closed(code));
    socket.on("error", () => {});
    return { send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text), close: () => socket.close() };
  };
  const store = new SessionStore(openLine, client, 720);
  store.connect();
  return store;
}

/** Resolves with the first operation that `is` accepts. */
export function operation<T extends Operation["type"]>(
  store: SessionStore,
  type: T,
  is: (operation: Extract<Operation, { type: T }>) => boolean = () => true,
): Promise<Extract<Operation, { type: T }>> {
  return new Promise((resolve) => {
    const stop = store.observe((operations) => {
      const found = operations.find(
        (one): one is Extract<Operation, { type: T }> =>
          one.type === type && is(one as Extract<Operation, { type: T }>),
      );
      if (found === undefined) return;
      stop();
      resolve(found);
    });
  });
}

/** Runs one cell and resolves with the end of its run. */
export async function runCell(store: SessionStore, cell: string): Promise<Extract<Operation, { type: "run-ended" }>> {
  const ended = operation(store, "run-ended", (one) => one.cell === cell);
  await store.request({ type: "run", cells: [cell] });
  return ended;
}

export function opened(store: SessionStore): Promise<void> {
  return new Promise((resolve) => {
    if (store.state !== null) return resolve();
    const stop = store.observe(() => {
      if (store.state === null) return;
      stop();
      resolve();
    });
  });
}
