import type { WebSocket } from "ws";
import type { Operation } from "../../cells/session/operation.ts";
import type { ClientMessage } from "../../cells/wire/socket.ts";
import { Connection } from "./connection.ts";
import type { LiveSession } from "./live-session.ts";

/**
 * All sockets of one session. Operations of one turn of the event loop leave as one message, serialised once for all.
 * A joiner gets the pending batch flushed first, so that what it is sent starts exactly where its snapshot ends.
 */
export class Hub {
  readonly session: LiveSession;
  readonly #connections = new Set<Connection>();
  #batch: Operation[] = [];
  #batchEnds = 0;
  #scheduled = false;
  readonly #stop: () => void;
  readonly #failed: (error: unknown, request: ClientMessage) => void;
  /** Called after each join and leave, with the number of sockets that have said hello. */
  onPresence: (clients: number) => void = () => {};

  constructor(session: LiveSession, failed: (error: unknown, request: ClientMessage) => void) {
    this.session = session;
    this.#failed = failed;
    this.#stop = session.observe((operation, sequence) => {
      this.#batch.push(operation);
      this.#batchEnds = sequence;
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  get clients(): number {
    return this.#connections.size;
  }

  attach(socket: WebSocket): Connection {
    return new Connection(socket, {
      session: this.session,
      join: (connection, hello) => this.#join(connection, hello),
      leave: (connection) => {
        if (this.#connections.delete(connection)) this.#announce();
      },
      flush: () => this.#flush(),
      failed: this.#failed,
    });
  }

  close(code: number, reason: string): void {
    this.#flush();
    this.#stop();
    for (const connection of [...this.#connections]) connection.close(code, reason);
  }

  #join(connection: Connection, hello: Extract<ClientMessage, { type: "hello" }>): void {
    this.#flush();
    const { session } = this;
    const missed =
      hello.epoch === session.epoch && hello.sequence !== null && hello.sequence <= session.sequence
        ? session.since(hello.sequence)
        : null;
    if (missed === null)
      connection.send({
        type: "snapshot",
        epoch: session.epoch,
        sequence: session.sequence,
        state: session.state as never,
      });
    else connection.send({ type: "operations", sequence: hello.sequence! + 1, operations: [...missed] });
    session.resize(hello.client, hello.width);
    this.#connections.add(connection);
    this.#announce();
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#batch.length === 0) return;
    const operations = this.#batch;
    this.#batch = [];
    const sequence = this.#batchEnds - operations.length + 1;
    const text = JSON.stringify({ type: "operations", sequence, operations });
    for (const connection of [...this.#connections]) connection.sendText(text);
  }

  #announce(): void {
    for (const connection of this.#connections) connection.send({ type: "presence", clients: this.#connections.size });
    this.onPresence(this.#connections.size);
  }
}
