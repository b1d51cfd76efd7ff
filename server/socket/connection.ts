import type { WebSocket } from "ws";
import { type ClientMessage, clientMessage, type ServerMessage } from "../../cells/wire/socket.ts";
import { CLOSE } from "./close-codes.ts";
import type { LiveSession, SessionRequest } from "./live-session.ts";

/** Operations a client may leave unread before it is cut off and must resync. Tables it asked for do not count. */
const UNREAD_LIMIT_BYTES = 8_000_000;
const HELLO_WITHIN_MILLIS = 10_000;
const PING_EVERY_MILLIS = 15_000;
const SILENT_AFTER_MILLIS = 45_000;
/** After a close frame, how long until the connection is dropped without waiting for its reader. */
const DROP_AFTER_MILLIS = 3_000;
const MOST_WAITING_TABLES = 32;

export interface ConnectionPorts {
  readonly session: LiveSession;
  /** Called once, when the client has said hello and may be sent operations; sends it what it missed. */
  readonly join: (connection: Connection, hello: Extract<ClientMessage, { type: "hello" }>) => void;
  readonly leave: (connection: Connection) => void;
  /** Sends the operations that wait to be batched: an answer comes after what it did. */
  readonly flush: () => void;
  readonly failed: (error: unknown, request: ClientMessage) => void;
}

/**
 * One browser tab's socket. Modes: waiting for hello, joined, closed. It owns the `ws` and its timers; it dies when
 * either side closes, when the client falls silent, or when it reads too slowly.
 */
export class Connection {
  #mode: "greeting" | "joined" | "closed" = "greeting";
  #client = "";
  #unreadBytes = 0;
  #lastHeardMillis = Date.now();
  #tables: Promise<void> = Promise.resolve();
  #waitingTables = 0;
  readonly #socket: WebSocket;
  readonly #ports: ConnectionPorts;
  readonly #timer: NodeJS.Timeout;
  readonly #greeting: NodeJS.Timeout;

  constructor(socket: WebSocket, ports: ConnectionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.#greeting = setTimeout(() => this.close(CLOSE.misspoke, "no hello came"), HELLO_WITHIN_MILLIS);
    this.#timer = setInterval(() => this.#beat(), PING_EVERY_MILLIS);
    socket.on("message", (data, isBinary) => this.#hear(data as Buffer, isBinary));
    socket.on("close", () => this.#gone());
    // A broken connection closes next; the error itself says nothing more than that.
    socket.on("error", () => socket.terminate());
  }

  /** `text` is a `serverMessage` as JSON, made once for all connections. */
  sendText(text: string): void {
    if (this.#mode !== "joined") return;
    const bytes = text.length;
    this.#unreadBytes += bytes;
    if (this.#unreadBytes > UNREAD_LIMIT_BYTES && this.#unreadBytes > bytes) {
      this.close(CLOSE.slow, "reading too slowly; come back with the last sequence seen");
      return;
    }
    this.#socket.send(text, () => {
      this.#unreadBytes -= bytes;
    });
  }

  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  close(code: number, reason: string): void {
    if (this.#mode === "closed") return;
    this.#socket.close(code, reason);
    this.#gone();
    setTimeout(() => this.#socket.terminate(), DROP_AFTER_MILLIS).unref();
  }

  #gone(): void {
    if (this.#mode === "closed") return;
    this.#mode = "closed";
    clearTimeout(this.#greeting);
    clearInterval(this.#timer);
    this.#ports.leave(this);
  }

  #beat(): void {
    if (Date.now() - this.#lastHeardMillis > SILENT_AFTER_MILLIS) this.close(CLOSE.silent, "nothing was heard");
    else this.send({ type: "ping" });
  }

  #hear(data: Buffer, isBinary: boolean): void {
    this.#lastHeardMillis = Date.now();
    if (this.#mode === "closed") return;
    const message = isBinary ? null : parse(data);
    const complaint = this.#complaint(message);
    if (message === null || complaint !== null) {
      this.close(CLOSE.misspoke, complaint ?? "a message was not understood");
    } else if (message.type === "hello") {
      clearTimeout(this.#greeting);
      this.#mode = "joined";
      this.#client = message.client;
      this.#ports.join(this, message);
    } else {
      this.#answer(message).catch((error: unknown) => {
        this.#ports.failed(error, message);
        if ("request" in message) this.send(refusal(message.request, error));
      });
    }
  }

  /** What is wrong with getting this message now. */
  #complaint(message: ClientMessage | null): string | null {
    if (message === null) return "a message was not understood";
    if (message.type === "hello") return this.#mode === "joined" ? "a second hello" : null;
    return this.#mode === "joined" ? null : "the first message must be hello";
  }

  async #answer(message: Exclude<ClientMessage, { type: "hello" }>): Promise<void> {
    const { session } = this.#ports;
    switch (message.type) {
      case "pong":
        return;
      case "resize":
        session.resize(this.#client, message.width);
        return;
      case "summarise":
        this.send({
          type: "summary",
          request: message.request,
          columns: [...(await session.summarise(message.cell, message.run))],
        });
        return;
      case "rows":
        return this.#queueTable(message);
      default: {
        const request: SessionRequest = message;
        const done = await session.perform(request, this.#client);
        this.#ports.flush();
        this.send({ type: "done", request: request.request, ...(done.cell === undefined ? {} : { cell: done.cell }) });
      }
    }
  }

  /** One table at a time, and the next only when the last was read: the buffer holds one answer at most. */
  #queueTable(message: Extract<ClientMessage, { type: "rows" }>): Promise<void> {
    if (this.#waitingTables >= MOST_WAITING_TABLES)
      throw new Error(`${MOST_WAITING_TABLES} table requests are waiting already; ask again when they are answered.`);
    this.#waitingTables += 1;
    const next = this.#tables.then(async () => {
      this.#waitingTables -= 1;
      if (this.#mode !== "joined") return;
      const { view, offset, limit, request } = message;
      const { pieces, rowCount } = await this.#ports.session.rowPieces(view, offset, limit);
      const head = (last: boolean) => tableHead(JSON.stringify({ type: "rows", request, offset, rowCount, last }));
      for await (const piece of pieces) {
        if (this.#mode !== "joined") return;
        await this.#sendTable(head(false), piece);
      }
      await this.#sendTable(head(true), new Uint8Array(0));
    });
    this.#tables = next.catch(() => undefined); // Told to the client by the caller; the queue goes on.
    return next;
  }

  /** One binary message; resolves when it left this process. */
  #sendTable(head: Uint8Array, arrow: Uint8Array): Promise<void> {
    if (this.#mode !== "joined") return Promise.resolve();
    // An error here is the connection closing, which is handled as such.
    return new Promise((resolve) => {
      this.#socket.send(head, { binary: true, fin: false });
      this.#socket.send(arrow, { binary: true, fin: true }, () => resolve());
    });
  }
}

/** Length and header of a table's message, padded with spaces so that the Arrow bytes begin at a multiple of 8. */
function tableHead(header: string): Uint8Array {
  const bytes = Buffer.byteLength(header);
  const padded = Math.ceil((4 + bytes) / 8) * 8 - 4;
  const head = Buffer.alloc(4 + padded, " ");
  head.writeUInt32BE(padded);
  head.write(header, 4, "utf8");
  return head;
}

function parse(data: Buffer): ClientMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(data.toString("utf8"));
  } catch {
    return null; // The caller closes the socket with a code that says so.
  }
  const parsed = clientMessage.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function refusal(request: number, error: unknown): ServerMessage {
  const message = error instanceof Error ? error.message : String(error);
  const hint = (error as { hint?: unknown } | null)?.hint;
  return { type: "refused", request, message, ...(typeof hint === "string" ? { hint } : {}) };
}
