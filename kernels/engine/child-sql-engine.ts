/**
 * A `SqlEngine` in a process of its own. This side owns the process and the requests on their way; named results live
 * there and are gone with it. It never starts again by itself: whoever uses it makes a new one.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { explainExit } from "../lifecycle/explain-exit.ts";
import type { EndReason, ProcessState } from "../lifecycle/process-state.ts";
import { type Child, launch } from "../lifecycle/spawn.ts";
import { type EngineReply, type EngineRequest, engineReply, type WireParameter } from "./engine-messages.ts";
import { PieceMemory, pieceFolder, readPiece } from "./piece-files.ts";
import {
  type Column,
  type ColumnSummary,
  type ExportFormat,
  type MaterialisedResult,
  type PageRequest,
  type RowFilter,
  type Running,
  type SortKey,
  type SqlEngine,
  type SqlEngineConfiguration,
  SqlError,
  type SqlInspection,
  type Statement,
} from "./sql-engine.ts";
import { toWire } from "./wire-parameter.ts";

const NAME = "The SQL engine";
const READY_WITHIN_MILLIS = 20_000;
/** The process may hold this beside DuckDB's own limit: Node, buffers on their way, decoded requests. */
const BESIDE_DUCKDB_BYTES = 1024 * 1024 * 1024;
/** An interrupted statement that has not given up by then takes the process with it. */
const GIVE_UP_MILLIS = 5000;

type Body = { [T in EngineRequest["type"]]: Omit<Extract<EngineRequest, { type: T }>, "id"> }[EngineRequest["type"]];

type Outcome = { readonly error: unknown } | "running" | "done";

/** A piece of an answer: here already, or being read from the file that the engine put it in. */
interface ComingPiece {
  readonly bytes: Promise<Uint8Array>;
  readonly file: string | null;
}

interface Pending {
  readonly resolve: (value: { value: unknown; body: Uint8Array }) => void;
  readonly reject: (error: Error) => void;
  readonly onBegun: (value: unknown) => void;
  readonly memory: PieceMemory;
  readonly onPiece: (piece: ComingPiece) => void;
  readonly onProgress: (fraction: number | null) => void;
}

export class ChildSqlEngine implements SqlEngine {
  readonly ended: Promise<EndReason>;
  private configuration: SqlEngineConfiguration;
  private readonly onUnreadable: () => void;
  private readonly priority: number;
  private readonly end = Promise.withResolvers<EndReason>();
  private readonly listeners = new Set<(state: ProcessState) => void>();
  private readonly pending = new Map<number, Pending>();
  /** Requests that run statements; the engine is busy while there are any. */
  private readonly statements = new Set<number>();
  private child: Child | null = null;
  private lastId = 0;

  /**
   * `onUnreadable` is called when a statement failed because a file could not be read. `priority` is what
   * `os.setPriority` takes: above 0 others come first.
   */
  constructor(configuration: SqlEngineConfiguration, onUnreadable: () => void = () => undefined, priority = 0) {
    this.configuration = configuration;
    this.onUnreadable = onUnreadable;
    this.priority = priority;
    this.ended = this.end.promise;
  }

  get state(): ProcessState {
    return this.child?.state ?? { phase: "starting" };
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  onState(listener: (state: ProcessState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async start(): Promise<void> {
    const compiled = import.meta.url.endsWith(".js");
    const main = new URL(compiled ? "./engine-process.js" : "./engine-process.ts", import.meta.url);
    const { scratchFolder, codeCacheFolder } = this.configuration;
    const child = launch({
      name: NAME,
      command: process.execPath,
      args: [fileURLToPath(main)],
      env: {
        ...{ UV_THREADPOOL_SIZE: "8", HOME: scratchFolder },
        // Reading its modules anew costs a starting process as much as starting DuckDB.
        ...(codeCacheFolder === undefined ? {} : { NODE_COMPILE_CACHE: codeCacheFolder }),
      },
      onFrame: (header, body) => this.receive(engineReply.parse(header), body),
      onState: (state) => {
        for (const listener of this.listeners) listener(state);
      },
      readyWithinMillis: READY_WITHIN_MILLIS,
      memoryLimitBytes: this.configuration.memoryLimitBytes + BESIDE_DUCKDB_BYTES,
      priority: this.priority,
    });
    this.child = child;
    void child.ended.then((reason) => this.processEnded(reason));
    await this.open(child);
  }

  get scratchFolder(): string {
    return this.configuration.scratchFolder;
  }

  /** Nothing that runs, or waits for an answer. */
  get isIdle(): boolean {
    return this.child?.state.phase === "idle" && this.pending.size === 0;
  }

  /**
   * Throws the database away, with all results, views and temporary files, and opens another in the same process. The
   * memory limit of the process stays. @throws SqlError; the process has ended then
   */
  async renew(configuration: SqlEngineConfiguration): Promise<void> {
    if (this.child === null) throw new SqlError("ended", { message: `${NAME} has not been started.` });
    const former = this.configuration.scratchFolder;
    this.configuration = configuration;
    try {
      await this.open(this.child);
    } finally {
      if (former !== configuration.scratchFolder) await rm(former, { recursive: true, force: true });
    }
  }

  private async open(child: Child): Promise<void> {
    const configuration = {
      ...this.configuration,
      allowedDirectories: [...this.configuration.allowedDirectories],
      resultLimit: { ...this.configuration.resultLimit },
    };
    try {
      await this.ask({ type: "open", configuration });
    } catch (error) {
      await child.end({ graceMillis: 0 });
      throw error;
    }
  }

  async setRelations({
    statements,
    asOf,
  }: {
    readonly statements: readonly string[];
    readonly asOf?: string;
  }): Promise<void> {
    await this.ask({ type: "set-relations", statements: [...statements], asOf: asOf ?? null });
  }

  async inspect(sql: string): Promise<SqlInspection> {
    return (await this.ask({ type: "inspect", sql })).value as SqlInspection;
  }

  async describe(statement: Statement): Promise<{ readonly columns: readonly Column[] }> {
    return (await this.ask({ type: "describe", ...wireStatement(statement) })).value as { columns: Column[] };
  }

  async materialise(
    request: Statement & Running & { readonly name: string; readonly runId: string },
  ): Promise<MaterialisedResult> {
    const { name, runId } = request;
    const message = { type: "materialise", name, runId, ...wireStatement(request), ...limitOf(request) } as const;
    return (await this.ask(message, request)).value as MaterialisedResult;
  }

  query(
    request: Statement &
      Running & { readonly firstRows?: number; readonly maxRows?: number; readonly maxBytes?: number },
  ): AsyncIterable<Uint8Array> {
    const { firstRows = null, maxRows = null, maxBytes = null } = request;
    const message = {
      type: "query",
      firstRows,
      maxRows,
      maxBytes,
      ...wireStatement(request),
      ...limitOf(request),
    } as const;
    return this.stream(message, request, new PieceMemory(false), () => undefined);
  }

  async page(request: PageRequest & Running): Promise<{ readonly arrow: Uint8Array; readonly rowCount: number }> {
    const { rowCount, pieces } = await this.pagesInto(new PieceMemory(false), request);
    const arrow: Uint8Array[] = [];
    for await (const piece of pieces) arrow.push(piece);
    return { rowCount, arrow: arrow.length === 1 ? arrow[0]! : Buffer.concat(arrow) };
  }

  pages(
    request: PageRequest & Running,
  ): Promise<{ readonly pieces: AsyncIterable<Uint8Array>; readonly rowCount: number }> {
    return this.pagesInto(new PieceMemory(true), request);
  }

  private async pagesInto(
    memory: PieceMemory,
    request: PageRequest & Running,
  ): Promise<{ readonly pieces: AsyncIterable<Uint8Array>; readonly rowCount: number }> {
    const { name, offset, limit, columns } = request;
    const message = {
      type: "page",
      name,
      offset,
      limit,
      columns: columns === undefined ? null : [...columns],
      ...viewOf(request),
      ...limitOf(request),
    } as const;
    let rowCount = 0;
    const stream = this.stream(message, request, memory, (value) => {
      ({ rowCount } = value as { rowCount: number });
    });
    // The first piece is the schema, which comes also when there are no rows; by then the count is known.
    const first = await stream.next();
    return { rowCount, pieces: startingWith(first, stream) };
  }

  /** The pieces of an answer as they come; a reader that stops early cancels the rest. */
  private async *stream(
    message: Body,
    running: Running,
    memory: PieceMemory,
    onBegun: (value: unknown) => void,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const pieces: ComingPiece[] = [];
    let wake = Promise.withResolvers<void>();
    const cancel = new AbortController();
    const signal = running.signal === undefined ? cancel.signal : AbortSignal.any([cancel.signal, running.signal]);
    const id = this.nextId();
    let outcome: Outcome = "running";
    const settle = (value: Outcome): void => {
      outcome = value;
      wake.resolve();
    };
    const onPiece = (piece: ComingPiece): void => {
      pieces.push(piece);
      if (cancel.signal.aborted) this.give(id, pieces);
      wake.resolve();
    };
    this.ask(message, { ...running, signal }, undefined, { id, memory, onPiece, onBegun }).then(
      () => settle("done"),
      (error: unknown) => settle({ error }),
    );
    try {
      for (;;) {
        const piece = pieces.shift();
        const now = outcome as Outcome;
        if (piece !== undefined) {
          const bytes = await piece.bytes;
          this.child?.send({ type: "taken", id, file: piece.file });
          yield bytes;
          memory.giveBack(bytes);
        } else if (now === "running") {
          await wake.promise;
          wake = Promise.withResolvers<void>();
        } else if (now === "done") {
          return;
        } else {
          throw now.error;
        }
      }
    } finally {
      // The reader may stop in the middle: then nobody wants the rest.
      cancel.abort();
      this.give(id, pieces);
    }
  }

  /** Takes pieces that nobody reads: the engine must not wait for it, and may use their files again. */
  private give(id: number, pieces: ComingPiece[]): void {
    for (const { bytes, file } of pieces.splice(0)) {
      const taken = (): void => void this.child?.send({ type: "taken", id, file });
      bytes.then(taken, taken);
    }
  }

  async summarise(name: string, running: Running = {}): Promise<readonly ColumnSummary[]> {
    return (await this.ask({ type: "summarise", name, ...limitOf(running) }, running)).value as ColumnSummary[];
  }

  async register(name: string, arrow: Uint8Array): Promise<MaterialisedResult> {
    return (await this.ask({ type: "register", name }, {}, arrow)).value as MaterialisedResult;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.ask({ type: "rename", from, to });
  }

  async drop(name: string): Promise<void> {
    await this.ask({ type: "drop", name });
  }

  async export(
    request: (
      | { readonly name: string; readonly sort?: readonly SortKey[]; readonly filters?: readonly RowFilter[] }
      | (Statement & { readonly firstRows?: number })
    ) &
      Running & { readonly format: ExportFormat; readonly file: string },
  ): Promise<{ readonly rowCount: number; readonly bytes: number }> {
    const { format, file } = request;
    const what =
      "name" in request
        ? { name: request.name, sql: "", parameters: [], firstRows: null, ...viewOf(request) }
        : { name: null, firstRows: request.firstRows ?? null, ...wireStatement(request), sort: [], filters: [] };
    const message = { type: "export", format, file, ...what, ...limitOf(request) } as const;
    return (await this.ask(message, request)).value as { rowCount: number; bytes: number };
  }

  async interrupt(): Promise<void> {
    if (this.statements.size > 0) this.child?.note("interrupt");
    const ids = [...this.statements];
    await Promise.all(ids.map((id) => this.cancel(id)));
  }

  async close(): Promise<EndReason> {
    if (this.child === null) this.end.resolve({ kind: "requested" });
    else await this.child.end({ graceMillis: 500 });
    return this.ended;
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  private async ask(
    message: Body,
    running: Running = {},
    body?: Uint8Array,
    stream: Pick<Pending, "memory" | "onPiece" | "onBegun"> & { readonly id: number } = {
      id: this.nextId(),
      memory: new PieceMemory(false),
      onPiece: () => undefined,
      onBegun: () => undefined,
    },
  ): Promise<{ value: unknown; body: Uint8Array }> {
    const { child } = this;
    const { id, memory, onPiece, onBegun } = stream;
    if (child === null) throw new SqlError("ended", { message: `${NAME} has not been started.` });
    if (child.state.phase === "ended") throw endedError(child.state.because);
    if (running.signal?.aborted === true) throw new SqlError("interrupted", { message: "Interrupted." });
    const answer = new Promise<{ value: unknown; body: Uint8Array }>((resolve, reject) => {
      const onProgress = running.onProgress ?? ((): void => undefined);
      this.pending.set(id, { resolve, reject, memory, onPiece, onBegun, onProgress });
    });
    const onAbort = (): void => void this.cancel(id);
    running.signal?.addEventListener("abort", onAbort, { once: true });
    const runs = RUNS_A_STATEMENT[message.type];
    if (runs) {
      if (this.statements.size === 0) child.note("work");
      this.statements.add(id);
    }
    child.send({ ...message, id }, body);
    try {
      return await answer;
    } finally {
      running.signal?.removeEventListener("abort", onAbort);
      if (this.statements.delete(id) && this.statements.size === 0) child.note("settle");
    }
  }

  /** Resolves when the request has ended, by its own giving up or with the process. */
  private async cancel(id: number): Promise<void> {
    const { child } = this;
    if (child === null || !this.pending.has(id)) return;
    child.send({ type: "cancel", id });
    const started = performance.now();
    while (this.pending.has(id)) {
      if (performance.now() - started > GIVE_UP_MILLIS) {
        await child.end({ graceMillis: 0 });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private receive(reply: EngineReply, body: Uint8Array): void {
    const pending = this.pending.get(reply.id);
    if (pending === undefined) return;
    switch (reply.type) {
      case "progress":
        pending.onProgress(reply.fraction);
        return;
      case "begun":
        pending.onBegun(reply.value);
        return;
      case "piece":
        pending.onPiece(this.coming(reply.file, body, pending.memory));
        return;
      case "done":
        this.pending.delete(reply.id);
        pending.resolve({ value: reply.value, body });
        return;
      case "failed":
        this.pending.delete(reply.id);
        if (reply.kind === "unreadable") this.onUnreadable();
        pending.reject(new SqlError(reply.kind, plainProblem(reply.problem)));
        return;
      default:
        reply satisfies never;
    }
  }

  private coming(
    file: { readonly name: string; readonly bytes: number } | null,
    body: Uint8Array,
    memory: PieceMemory,
  ): ComingPiece {
    if (file === null) return { bytes: Promise.resolve(body), file: null };
    const bytes = readPiece(join(pieceFolder(this.configuration.scratchFolder), file.name), file.bytes, memory);
    bytes.catch(() => undefined); // Told to whoever takes the piece.
    return { bytes, file: file.name };
  }

  private async processEnded(reason: EndReason): Promise<void> {
    const error = endedError(reason);
    for (const pending of this.pending.values()) pending.reject(error);
    this.pending.clear();
    // What DuckDB had spilled; a process that was killed cannot remove it itself. Should that fail, only disk space is
    // lost until the scratch folder goes: no reason to keep anyone from learning why the engine ended.
    const { scratchFolder } = this.configuration;
    for (const folder of [join(scratchFolder, "temp"), pieceFolder(scratchFolder)])
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    this.end.resolve(reason);
  }
}

/** Which requests make the engine busy: those that may take long and can be interrupted. */
const RUNS_A_STATEMENT: Record<EngineRequest["type"], boolean> = {
  ...{ materialise: true, query: true, page: true, summarise: true, export: true },
  ...{ open: false, "set-relations": false, inspect: false, describe: false, register: false, rename: false },
  ...{ drop: false, cancel: false, taken: false },
};

const endedError = (reason: EndReason): SqlError => new SqlError("ended", explainExit(NAME, reason));

function plainProblem(problem: Extract<EngineReply, { type: "failed" }>["problem"]): SqlError["problem"] {
  const { message, line, column, hint } = problem;
  return {
    message,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(hint === undefined ? {} : { hint }),
  };
}

const wireStatement = ({ sql, parameters = [] }: Statement): { sql: string; parameters: WireParameter[] } => ({
  sql,
  parameters: parameters.map(toWire),
});
const limitOf = ({ timeoutMillis }: Running): { timeoutMillis: number | null } => ({
  timeoutMillis: timeoutMillis ?? null,
});
const viewOf = ({
  sort = [],
  filters = [],
}: {
  readonly sort?: readonly SortKey[];
  readonly filters?: readonly RowFilter[];
}): Pick<Extract<EngineRequest, { type: "page" }>, "sort" | "filters"> => ({
  sort: sort.map((key) => ({ ...key })),
  filters: filters.map(({ column, test, value }) => ({
    column,
    test,
    ...(value === undefined ? {} : { value: value as never }),
  })),
});

async function* startingWith<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}
