import type { Operation } from "../../cells/session/operation.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { ClientMessage, ColumnSummary, TableView } from "../../cells/wire/socket.ts";

/** What a client asks of the session itself: all messages but those that only this connection answers. */
export type SessionRequest = Exclude<ClientMessage, { type: "hello" | "resize" | "rows" | "summarise" | "pong" }>;

/** A session as sockets see it. `sequence` is the number of the last operation applied; the first is 1. */
export interface LiveSession {
  readonly epoch: string;
  readonly sequence: number;
  readonly state: SessionState;
  /** Called synchronously after each operation, in order. Returns how to stop that. */
  observe(observer: (operation: Operation, sequence: number) => void): () => void;
  /** The operations after `sequence`, or null where they are no longer held. */
  since(sequence: number): readonly Operation[] | null;
  /** Resolves when accepted, not when done. `cell` is the new cell of an insert. @throws with a sentence for the user. */
  perform(request: SessionRequest, client: string): Promise<{ readonly cell?: string }>;
  rowPieces(
    view: TableView,
    offset: number,
    limit: number,
  ): Promise<{ readonly pieces: AsyncIterable<Uint8Array>; readonly rowCount: number }>;
  summarise(cell: string, run: string): Promise<readonly ColumnSummary[]>;
  resize(client: string, width: number): void;
}
