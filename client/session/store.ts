import { findCell } from "../../cells/document/document.ts";
import type { Operation, TextChange } from "../../cells/session/operation.ts";
import { apply } from "../../cells/session/reducer.ts";
import type { SessionState } from "../../cells/session/state.ts";
import {
  type ClientMessage,
  type ColumnSummary,
  type ServerMessage,
  type TableView,
  tableHeader,
} from "../../cells/wire/socket.ts";
import { PendingText } from "./pending-text.ts";

type Requests = Exclude<ClientMessage, { type: "hello" | "resize" | "pong" }>;
type WithoutRequest<M> = M extends Requests ? Omit<M, "request"> : never;
export type Wish = WithoutRequest<Requests>;

/** What a store talks through; a `WebSocket` in the page, a quiet one in tests. */
export interface Line {
  send(text: string): void;
  close(): void;
}
export interface LineEvents {
  readonly open: () => void;
  readonly text: (text: string) => void;
  readonly binary: (bytes: ArrayBuffer) => void;
  readonly closed: (code: number) => void;
}
export type OpenLine = (events: LineEvents) => Line;

export interface Rows {
  /** One Arrow IPC stream, cut between its messages. */
  readonly arrow: Uint8Array[];
  readonly rowCount: number;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A request that the server refused; the message is its sentence. */
export class Refused extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null) {
    super(message);
    this.name = "Refused";
    this.hint = hint;
  }
}

const FIRST_PAUSE_MILLIS = 200;
const LONGEST_PAUSE_MILLIS = 10_000;
/** The code of a line that was refused or ended because this browser is not signed in. */
export const SIGNED_OUT = 4401;
/** Closed by the server for good. */
const FINAL_CODES = new Map([[4404, "This notebook was moved or deleted."]]);

/**
 * The session of one notebook as this tab sees it: replays the server's operations through the shared reducer, sends
 * requests, holds what was typed and is not answered yet. Survives a lost line: it comes back with the last sequence it
 * saw. Its owner calls `close`.
 */
export class SessionStore {
  readonly client: string;
  state: SessionState | null = null;
  line: "connecting" | "open" | "lost" | "ended" = "connecting";
  lostSince: number | null = null;
  /** True while the server refuses this browser; signing in from another tab mends it. */
  signedOut = false;
  endedBecause: string | null = null;
  viewers = 1;
  readonly #openLine: OpenLine;
  readonly #texts = new Map<string, PendingText>();
  readonly #waiting = new Map<number, Waiting>();
  /** Frames of tables that are not whole yet, by request. */
  readonly #tables = new Map<number, Uint8Array[]>();
  readonly #changed = new Set<(operations: readonly Operation[]) => void>();
  readonly #typedElsewhere = new Map<string, (changes: readonly TextChange[]) => void>();
  #connection: Line | null = null;
  #epoch: string | null = null;
  #sequence: number | null = null;
  #lastRequest = 0;
  #pauseMillis = FIRST_PAUSE_MILLIS;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #width: number;

  constructor(openLine: OpenLine, client: string, width: number) {
    this.#openLine = openLine;
    this.client = client;
    this.#width = width;
  }

  connect(): void {
    if (this.line === "ended") return;
    this.#connection = this.#openLine({
      open: () =>
        this.#send({
          type: "hello",
          client: this.client,
          epoch: this.#epoch,
          sequence: this.#sequence,
          width: this.#width,
        }),
      text: (text) => this.#hear(JSON.parse(text) as ServerMessage),
      binary: (bytes) => this.#hearTable(bytes),
      closed: (code) => this.#closed(code),
    });
  }

  close(): void {
    this.line = "ended";
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#connection?.close();
  }

  /** Called after each message that changed anything, with the operations it brought (none for a snapshot). */
  observe(changed: (operations: readonly Operation[]) => void): () => void {
    this.#changed.add(changed);
    return () => this.#changed.delete(changed);
  }

  /** @throws Refused, or Error when the line is lost before the answer. */
  request(wish: Wish): Promise<unknown> {
    if (this.line !== "open") return Promise.reject(new Error("There is no connection to the server right now."));
    const request = ++this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      this.#send({ ...wish, request } as ClientMessage);
    });
  }

  rows(view: TableView, offset: number, limit: number): Promise<Rows> {
    return this.request({ type: "rows", view, offset, limit }) as Promise<Rows>;
  }

  summarise(cell: string, run: string): Promise<readonly ColumnSummary[]> {
    return this.request({ type: "summarise", cell, run }) as Promise<readonly ColumnSummary[]>;
  }

  resize(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    if (this.line === "open") this.#send({ type: "resize", width });
  }

  /** A cell's text as it stands in this tab. */
  textOf(cell: string): string {
    return this.#texts.get(cell)?.text ?? this.#sourceOf(cell);
  }

  /** True while something typed here is not with the server. */
  get hasUnsent(): boolean {
    return [...this.#texts.values()].some((text) => !text.isClean);
  }

  type(cell: string, changes: readonly TextChange[]): void {
    const text = this.#texts.get(cell) ?? new PendingText(this.#sourceOf(cell), this.state?.revisions[cell] ?? 0);
    this.#texts.set(cell, text);
    text.type(changes);
    this.#sendText(cell, text);
  }

  /** What others type into this cell, as the editor must apply it. */
  onTyped(cell: string, typed: (changes: readonly TextChange[]) => void): () => void {
    this.#typedElsewhere.set(cell, typed);
    return () => {
      if (this.#typedElsewhere.get(cell) === typed) this.#typedElsewhere.delete(cell);
    };
  }

  /** Resolves when everything typed so far is with the server. */
  async settled(): Promise<void> {
    while (this.hasUnsent && this.line === "open") await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #sourceOf(cell: string): string {
    return this.state === null ? "" : (findCell(this.state.document, cell)?.source ?? "");
  }

  #sendText(cell: string, text: PendingText): void {
    if (this.line !== "open") return;
    const changes = text.next();
    if (changes === null) return;
    const base = text.revision;
    this.request({ type: "edit", cell, base, changes: [...changes] }).catch((error: unknown) => {
      // The line was lost (it is sent again) or the cell is gone (there is nothing to type into).
      if (error instanceof Refused) this.#texts.delete(cell);
    });
  }

  #send(message: ClientMessage): void {
    this.#connection?.send(JSON.stringify(message));
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot":
        this.#epoch = message.epoch;
        this.#sequence = message.sequence;
        this.state = message.state as unknown as SessionState;
        this.#opened((text, cell) => text.restart(this.#sourceOf(cell), this.state?.revisions[cell] ?? 0));
        return this.#tell([]);
      case "operations": {
        if (this.state === null) return;
        // What was seen before the line was lost may come again.
        const fresh = message.operations.slice(Math.max(0, (this.#sequence ?? 0) + 1 - message.sequence));
        for (const operation of fresh) this.#replay(operation);
        this.#sequence = message.sequence + message.operations.length - 1;
        this.#opened((text) => text.resume());
        return this.#tell(fresh);
      }
      case "done":
        return this.#settle(message.request, (waiting) => waiting.resolve(message.cell));
      case "refused":
        this.#tables.delete(message.request);
        return this.#settle(message.request, (waiting) =>
          waiting.reject(new Refused(message.message, message.hint ?? null)),
        );
      case "summary":
        return this.#settle(message.request, (waiting) => waiting.resolve(message.columns));
      case "presence":
        this.viewers = message.clients;
        return this.#tell([]);
      case "ping":
        return this.#send({ type: "pong" });
    }
  }

  #replay(operation: Operation): void {
    if (operation.type === "cell-edited") this.#edited(operation);
    this.state = apply(this.state!, operation).state;
  }

  #edited({ cell, changes, revision, origin }: Extract<Operation, { type: "cell-edited" }>): void {
    const text = this.#texts.get(cell);
    if (origin === this.client && text?.sent === true) {
      text.answered(changes, revision);
      if (text.isClean) this.#texts.delete(cell);
      else this.#sendText(cell, text);
      return;
    }
    this.#typedElsewhere.get(cell)?.(text === undefined ? changes : text.received(changes, revision));
  }

  /** The server spoke: the line stands, and what was typed meanwhile can go. */
  #opened(meet: (text: PendingText, cell: string) => void): void {
    if (this.line === "open" || this.line === "ended") return;
    this.line = "open";
    this.lostSince = null;
    this.signedOut = false;
    this.#pauseMillis = FIRST_PAUSE_MILLIS;
    for (const [cell, text] of this.#texts) {
      meet(text, cell);
      if (text.isClean) this.#texts.delete(cell);
      else this.#sendText(cell, text);
    }
  }

  #hearTable(buffer: ArrayBuffer): void {
    const length = new DataView(buffer).getUint32(0);
    const header = tableHeader.parse(JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))));
    // The server pads the header, so that Arrow's 64-bit columns stand at addresses they can be read from.
    const piece = new Uint8Array(buffer, 4 + length);
    const pieces = this.#tables.get(header.request) ?? [];
    if (piece.length > 0) pieces.push(piece);
    if (!header.last) return void this.#tables.set(header.request, pieces);
    this.#tables.delete(header.request);
    const rows: Rows = { arrow: pieces, rowCount: header.rowCount };
    this.#settle(header.request, (waiting) => waiting.resolve(rows));
  }

  #settle(request: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (waiting !== undefined) settle(waiting);
  }

  #closed(code: number): void {
    this.#connection = null;
    for (const { reject } of this.#waiting.values())
      reject(new Error("The connection was lost before the server answered."));
    this.#waiting.clear();
    this.#tables.clear();
    if (this.line === "ended") return;
    const final = FINAL_CODES.get(code);
    if (final !== undefined) {
      this.line = "ended";
      this.endedBecause = final;
      return this.#tell([]);
    }
    this.signedOut = code === SIGNED_OUT;
    this.lostSince ??= Date.now();
    this.line = "lost";
    this.#timer = setTimeout(() => this.connect(), this.#pauseMillis);
    this.#pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, this.#pauseMillis * 2);
    this.#tell([]);
  }

  #tell(operations: readonly Operation[]): void {
    for (const changed of this.#changed) changed(operations);
  }
}
