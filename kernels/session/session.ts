import { newCellId } from "../../cells/document/cell-id.ts";
import type { DocumentEdit } from "../../cells/document/diff-document.ts";
import { type Cell, type Document, findCell } from "../../cells/document/document.ts";
import { serializeDocument } from "../../cells/document/serialize-document.ts";
import { acceptInputValue } from "../../cells/kinds/input/accept-input-value.ts";
import { withDefault } from "../../cells/kinds/input/with-default.ts";
import { KINDS } from "../../cells/kinds/kinds.ts";
import { checkFilledIn } from "../../cells/monitoring/monitoring-kinds.ts";
import { inputSpecOf } from "../../cells/session/input-value.ts";
import { openSession } from "../../cells/session/open-session.ts";
import type { Operation } from "../../cells/session/operation.ts";
import type { Effect, SessionState } from "../../cells/session/state.ts";
import type { ColumnSummary, TableView } from "../../cells/wire/socket.ts";
import type { ExportFormat, SqlEngine, SqlParameter } from "../engine/sql-engine.ts";
import type { Asking } from "../monitoring/ask.ts";
import type { KernelMeasure, KernelMeasured, TypeScriptKernel } from "../typescript/typescript-kernel.ts";
import { analyseCell } from "./analyse-cell.ts";
import { Analyser } from "./analyser.ts";
import { Autosave } from "./autosave.ts";
import { countRows, type StreamRows } from "./count-rows.ts";
import { measureNow } from "./execute-monitoring.ts";
import { collect } from "./execution.ts";
import { FileMerge } from "./file-merge.ts";
import { ManagedProcess } from "./managed-process.ts";
import { OperationLog } from "./operation-log.ts";
import { PinnedTime } from "./pinned-time.ts";
import type { PinnedRelations, SessionLog, SessionPorts } from "./ports.ts";
import { REQUESTS, type RequestContext, RequestRefused, type SessionRequest } from "./requests.ts";
import { ResultTables } from "./result-tables.ts";
import { Runner } from "./runner.ts";
import { Scope, TABLE_LIMIT } from "./scope.ts";
import { StoredResults } from "./stored-results.ts";
import { TextHistory } from "./text-history.ts";

const DEFAULT_WIDTH = 720;
const KEEP_AFTER_MILLIS = 250;

export interface SessionOptions {
  readonly path: string;
  readonly document: Document;
  readonly ports: SessionPorts;
  readonly log: SessionLog;
  /** The as-of of the first run, as people write it; if absent the file's, else the newest. */
  readonly asOf?: string;
  /** What relative windows count from, ISO 8601; the as-of if absent. */
  readonly dueAt?: string;
  /** Numbers in [0, 1) for new cell ids; `Math.random` if absent. */
  readonly random?: () => number;
}

/**
 * One open notebook: the thin shell around the reducer. It owns one SQL engine and one TypeScript kernel (started when
 * first needed, started again after they ended), the file's autosave and the kept results. Everyone who shows or
 * records a notebook observes its operations; everyone who drives it goes through `perform`. It ends with `close`.
 */
export class Session {
  readonly #log: OperationLog;
  readonly #options: SessionOptions;
  readonly #engine: ManagedProcess<SqlEngine>;
  readonly #kernel: ManagedProcess<TypeScriptKernel>;
  readonly #analyser: Analyser;
  readonly #runner: Runner;
  readonly #scope: Scope;
  readonly #tables: ResultTables;
  readonly #time: PinnedTime;
  readonly #autosave: Autosave;
  readonly #texts = new TextHistory();
  readonly #merge: FileMerge;
  readonly #widths = new Map<string, number>();
  readonly #context: RequestContext;
  /** Work that effects began and `close` waits for: pins, restarts, results being kept. */
  readonly #begun = new Set<Promise<void>>();
  #pin: Promise<void> = Promise.resolve();
  #restart: Promise<void> = Promise.resolve();
  #windowProblem: string | null = null;
  /** From then on nobody gives back what is pinned. */
  #closed = false;
  /** Cells whose results changed and are not on disk yet. */
  readonly #unkept = new Set<string>();
  #keepTimer: NodeJS.Timeout | null = null;

  constructor(options: SessionOptions, stored: StoredResults | null, opened: ReturnType<typeof openSession>) {
    this.#options = options;
    const { ports, log } = options;
    this.#merge = new FileMerge(options.document);
    this.#log = new OperationLog(opened.state, ports.randomId(), (effect) => this.#perform(effect));
    const state = (): SessionState => this.#log.state;
    const dispatch = (operation: Operation): void => this.#log.dispatch(operation);
    this.#time = new PinnedTime(ports, options.dueAt);
    this.#engine = new ManagedProcess<SqlEngine>({
      name: "The SQL engine",
      make: () => ports.engine(this.#time.relations?.folders ?? []),
      prepare: async (engine) => {
        if (this.#time.relations !== null) await engine.setRelations(this.#time.relations);
      },
      onView: (view) => dispatch({ type: "process-changed", process: "engine", view }),
      onGone: (because) => this.#valuesLost((kind) => KINDS[kind].givesTable, because),
    });
    this.#kernel = new ManagedProcess<TypeScriptKernel>({
      name: "The TypeScript kernel",
      make: () =>
        ports.kernel({
          onQuery: ({ sql, parameters, signal }) => this.#query(sql, parameters, signal),
          onMeasure: (request) => this.#measure(request),
          onRedrawn: (redrawn) => dispatch({ type: "redrawn", ...redrawn, display: redrawn.display as never }),
        }),
      prepare: async () => undefined,
      onView: (view) => dispatch({ type: "process-changed", process: "kernel", view }),
      onGone: (because) => this.#valuesLost((kind) => kind === "ts", because),
    });
    this.#scope = new Scope({
      state,
      engine: this.#engine,
      kernel: this.#kernel,
      windowProblem: () => this.#windowProblem,
      resolveWindow: (text) => this.#time.resolve(text, state().asOf ?? this.#now()),
    });
    this.#tables = new ResultTables({ state, engine: this.#engine, stored });
    this.#analyser = new Analyser({
      state,
      dispatch,
      analyse: (cell) => analyseCell(cell, () => this.#engine.acquire()),
      failed: (error, cell) => log.write("error", "cell was not analysed", { cell, ...errorFields(error) }),
    });
    this.#runner = new Runner({
      state,
      dispatch,
      engine: this.#engine,
      kernel: this.#kernel,
      scope: this.#scope,
      time: this.#time,
      clock: ports.clock,
      randomId: ports.randomId,
      width: () => this.width,
      readings: ports.readings ?? null,
      ready: () => this.#ready(),
      failed: (error) => log.write("error", "running a cell broke", errorFields(error)),
    });
    this.#autosave = new Autosave({
      save: () => this.#writeFile(),
      failed: (error) =>
        dispatch({ type: "save-failed", message: error instanceof Error ? error.message : String(error) }),
    });
    this.#context = {
      state,
      dispatch,
      texts: this.#texts,
      now: () => this.#now(),
      random: options.random ?? Math.random,
      resolveWindow: (window) => this.#resolveOrRefuse(window),
      refresh: (asOf) => this.#pinAsOf(asOf),
      save: () => this.#autosave.now(),
      acceptInput,
      withDefault: (cell, value) => withDefault(cell.source, acceptInput(cell, value)),
    };
    for (const effect of opened.effects) this.#perform(effect);
  }

  get epoch(): string {
    return this.#log.epoch;
  }
  get sequence(): number {
    return this.#log.sequence;
  }
  get state(): SessionState {
    return this.#log.state;
  }
  /** True while a cell runs or waits. */
  get busy(): boolean {
    return this.state.running !== null || this.state.queue.length > 0;
  }
  /** Of the widest page that watches, in CSS pixels. */
  get width(): number {
    return this.#widths.size === 0 ? DEFAULT_WIDTH : Math.max(...this.#widths.values());
  }

  /** Called synchronously after each operation, in order. Returns how to stop that. */
  observe(observer: (operation: Operation, sequence: number) => void): () => void {
    return this.#log.observe(observer);
  }

  /** The operations after `sequence`, or null where they are no longer held. */
  since(sequence: number): readonly Operation[] | null {
    return this.#log.since(sequence);
  }

  /** Resolves when accepted, not when done; `cell` is the new cell of an insert. @throws RequestRefused */
  async perform(request: SessionRequest, client: string): Promise<{ readonly cell?: string }> {
    const handle = REQUESTS[request.type] as (
      context: RequestContext,
      request: SessionRequest,
      client: string,
    ) => Promise<{ readonly cell?: string }> | { readonly cell?: string };
    return handle(this.#context, request, client);
  }

  /** Rows of a result as one Arrow IPC stream; `rowCount` after filtering. @throws RequestRefused when it is gone. */
  rows(
    view: TableView,
    offset: number,
    limit: number,
  ): Promise<{ readonly arrow: Uint8Array; readonly rowCount: number }> {
    return this.#tables.rows(view, offset, limit);
  }

  /** The same in pieces, as they are made; the engine waits for a slow reader. */
  rowPieces(
    view: TableView,
    offset: number,
    limit: number,
  ): Promise<{ readonly pieces: AsyncIterable<Uint8Array>; readonly rowCount: number }> {
    return this.#tables.rowPieces(view, offset, limit);
  }

  summarise(cell: string, run: string): Promise<readonly ColumnSummary[]> {
    return this.#tables.summarise(cell, run);
  }

  /** Writes the view's rows to `file`, which must lie in the engine's scratch folder. */
  exportTable(
    view: TableView,
    format: ExportFormat,
    file: string,
  ): Promise<{ readonly rowCount: number; readonly bytes: number }> {
    return this.#tables.export(view, format, file);
  }

  /** The value of a name that a TypeScript cell or an input defines, as JSON. @throws Error when it has none. */
  async valueOf(name: string): Promise<unknown> {
    const plain = this.#scope.plain(name);
    if (plain !== undefined) return plain.type === "json" ? plain.value : plain;
    const kernel = await this.#kernel.acquire();
    return kernel.exportValue(name);
  }

  /** A client's page has this width now; 0 when it left. Charts without a width of their own are drawn again. */
  resize(client: string, width: number): void {
    const before = this.width;
    if (width > 0) this.#widths.set(client, width);
    else this.#widths.delete(client);
    if (this.width !== before) this.#kernel.present?.resize(this.width);
  }

  /** The file holds other text now: it is merged as operations, as if another user had typed them. */
  fileChanged(text: string): void {
    const unsaved = this.#autosave.pending;
    const fresh = (taken: ReadonlySet<string>): string => {
      let id = newCellId(this.#context.random);
      while (taken.has(id)) id = newCellId(this.#context.random);
      return id;
    };
    for (const edit of this.#merge.edits(text, () => this.state, this.#texts, fresh)) this.#takeFromFile(edit);
    // The file says what the session has: writing it again would only undo how somebody formatted it.
    if (!unsaved) this.#autosave.discard();
  }

  #takeFromFile(edit: DocumentEdit): void {
    switch (edit.type) {
      case "mode-set":
        this.#log.dispatch({ type: "mode-set", mode: edit.run === "auto" ? "automatic" : "manual" });
        return;
      case "window-set":
        this.#log.dispatch({ type: "window-set", window: edit.window, resolved: this.#resolve(edit.window) });
        return;
      case "as-of-set":
        // The session's as-of is pinned by people; the file's is taken when the notebook is opened anew.
        return;
      case "cell-edited": {
        const revision = (this.state.revisions[edit.cell] ?? 0) + 1;
        this.#texts.add(edit.cell, revision, edit.changes);
        this.#log.dispatch({ ...edit, revision, origin: "file" });
        return;
      }
      default:
        this.#log.dispatch(edit);
    }
  }

  /** Of streams, at the session's as-of. */
  async countRows(streams: readonly string[]): Promise<StreamRows[]> {
    return streams.length === 0 ? [] : countRows(await this.#engine.acquire(), streams);
  }

  /** Resolves when every text is analysed and nothing runs or waits. */
  async idle(): Promise<void> {
    do {
      await this.#analyser.settled();
      await this.#ready();
      await this.#runner.idle();
    } while (this.busy);
  }

  /** Starts what the notebook will need, ahead of the first run; runs nothing of it. */
  warm(): void {
    const { cells } = this.state.document;
    if (cells.some((cell) => KINDS[cell.kind].needs === "engine")) this.#engine.warm();
    if (cells.some((cell) => cell.kind === "ts")) this.#kernel.warm();
  }

  /** So many events were recorded after the pinned as-of. */
  countNewer(count: number): void {
    if (this.state.asOf !== null && this.state.newerEvents !== count)
      this.#log.dispatch({ type: "newer-events-counted", count });
  }

  /** Resolves when every text of the moment is analysed. */
  analysed(): Promise<void> {
    return this.#analyser.settled();
  }

  /** Saves what is unsaved and ends both processes. @throws AggregateError of what did not end well. */
  async close(): Promise<void> {
    const ends = await Promise.allSettled([this.#autosave.close(), this.#runner.close()]);
    await this.#analyser.settled();
    this.#keepResults();
    while (this.#begun.size > 0) await Promise.all(this.#begun);
    ends.push(...(await Promise.allSettled([this.#engine.close(), this.#kernel.close()])));
    this.#closed = true;
    this.#time.relations?.release?.();
    const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    if (failures.length > 0) throw new AggregateError(failures, `${this.#options.path} did not close cleanly.`);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "analyse":
        this.#analyser.add(effect.cell);
        return;
      case "pin-as-of":
        this.#pin = this.#pin.then(() => this.#pinFirst());
        this.#track(this.#pin, "pinning the as-of");
        this.#runner.wake();
        return;
      case "start-next":
        this.#runner.wake();
        return;
      case "interrupt":
        this.#runner.interrupt();
        return;
      case "restart":
        this.#runner.interrupt();
        this.#restart = Promise.all([this.#engine.end(), this.#kernel.end()]).then(() => undefined);
        this.#track(this.#restart, "restarting");
        return;
      case "forget":
        this.#track(this.#scope.forget(effect.names), "forgetting names");
        return;
      case "rename-result":
        this.#track(this.#scope.renameResult(effect.from, effect.to), "renaming a result");
        return;
      case "set-input":
        // The value travels when a cell that reads it runs.
        return;
      case "save":
        this.#autosave.soon();
        return;
      case "keep-results":
        this.#unkept.add(effect.cell);
        this.#keepTimer ??= setTimeout(() => this.#keepResults(), KEEP_AFTER_MILLIS);
        this.#keepTimer.unref();
        return;
    }
  }

  /** A little later on purpose: reading first rows must not stand in the way of the next cell. */
  #keepResults(): void {
    if (this.#keepTimer !== null) clearTimeout(this.#keepTimer);
    this.#keepTimer = null;
    const cells = [...this.#unkept];
    this.#unkept.clear();
    for (const cell of cells) this.#track(this.#tables.keep(cell), "keeping results");
  }

  #track(work: Promise<void>, what: string): void {
    const counted = work
      .catch((error: unknown) => this.#options.log.write("error", `${what} failed`, errorFields(error)))
      .finally(() => this.#begun.delete(counted));
    this.#begun.add(counted);
  }

  async #ready(): Promise<void> {
    await this.#pin;
    await this.#restart.catch(() => undefined); // Logged where it was begun; the next process is a new one.
    await this.#analyser.settled();
  }

  /** The session's first run decides the as-of: the one chosen before it, the file's if it names one, else the newest. */
  async #pinFirst(): Promise<void> {
    const chosen = this.#time.relations;
    if (chosen !== null) return this.#tellPinned(chosen);
    const asOf = this.#options.asOf ?? this.state.document.frontMatter.asOf;
    try {
      await this.#pinAsOf(asOf);
    } catch (error) {
      // Without data nothing can run: the waiting cells are let go, and the reason stands where the data comes from.
      this.#log.dispatch({ type: "interrupt-requested", by: "session" });
      const message = error instanceof Error ? error.message : String(error);
      const hint = "Refresh the notebook to try again.";
      this.#log.dispatch({ type: "process-changed", process: "engine", view: { phase: "ended", message, hint } });
      this.#options.log.write("error", "no data could be pinned", errorFields(error));
    }
  }

  async #pinAsOf(asked: string | null): Promise<void> {
    const { now, before } = await this.#time.pin(asked);
    try {
      if (this.#closed) throw new RequestRefused("The notebook was closed meanwhile.");
      if (this.#engine.present !== null) await (await this.#engine.acquire()).setRelations(now);
    } catch (error) {
      this.#time.putBack(before);
      now.release?.();
      throw error;
    }
    // A cell that runs still reads what was pinned before.
    if (before?.release !== undefined) this.#track(this.#runner.idle().then(before.release), "releasing data");
    this.#tellPinned(now);
  }

  #tellPinned({ asOf, surroundings }: PinnedRelations): void {
    const { window, problem } = this.#time.resolve(this.state.window.text, asOf);
    this.#windowProblem = problem;
    this.#log.dispatch({ type: "as-of-pinned", asOf, surroundings, window });
  }

  /** What a window means now; before the first run it is resolved only when the as-of is pinned. */
  #resolve(text: string | null): SessionState["window"]["resolved"] {
    const { asOf } = this.state;
    const { window, problem } = this.#time.resolve(text, asOf ?? this.#now());
    this.#windowProblem = problem;
    return asOf === null ? null : window;
  }

  #resolveOrRefuse(text: string | null): SessionState["window"]["resolved"] {
    const { problem } = this.#time.resolve(text, this.state.asOf ?? this.#now());
    if (problem !== null) throw new RequestRefused(`Cannot take this window: ${problem}.`);
    return this.#resolve(text);
  }

  /** `sql` in a TypeScript cell. */
  async #query(sql: string, parameters: readonly SqlParameter[], signal: AbortSignal): Promise<Uint8Array> {
    const engine = await this.#engine.acquire();
    const { rows: maxRows, bytes: maxBytes } = TABLE_LIMIT;
    return collect(engine.query({ sql, parameters, signal, maxRows, maxBytes }));
  }

  /** `drift`, `kpi` or `check` in a TypeScript cell. */
  async #measure({ cell: id, kind, spec, signal }: KernelMeasure): Promise<KernelMeasured> {
    const { value, problem } = checkFilledIn(kind, spec);
    if (problem !== null) throw new Error(`${kind}: ${problem}`);
    const cell = findCell(this.state.document, id);
    if (cell === undefined) throw new Error(`${kind}: the cell was deleted while it ran.`);
    const engine = await this.#engine.acquire();
    const asking: Asking = { engine, signal, onProgress: () => undefined, profiles: this.#time.profiles, asked: [] };
    return measureNow(kind, asking, value, cell, this.state, this.#time);
  }

  #valuesLost(concerns: (kind: Cell["kind"]) => boolean, because: string): void {
    const cells = this.state.document.cells
      .filter(({ id, kind }) => Object.hasOwn(this.state.runs, id) && concerns(kind))
      .map(({ id }) => id);
    if (cells.length > 0) this.#log.dispatch({ type: "values-lost", cells, because });
  }

  async #writeFile(): Promise<void> {
    const { state } = this;
    const { hash } = await this.#options.ports.file.save(serializeDocument(state.document));
    this.#merge.agreed(state);
    this.#log.dispatch({ type: "saved", hash, at: this.#now() });
  }

  #now(): string {
    return new Date(this.#options.ports.clock()).toISOString();
  }
}

/** Opens a session: stored results are there, every text is being analysed, nothing runs. */
export async function createSession(options: SessionOptions): Promise<Session> {
  const { results } = options.ports;
  const stored = results === undefined ? null : new StoredResults(results);
  const restored = (await stored?.load(options.document)) ?? null;
  return new Session(options, stored, openSession(options.path, options.document, restored));
}

function acceptInput(cell: Cell, value: unknown) {
  const spec = inputSpecOf(cell);
  const name = cell.name ?? cell.id;
  if (spec === null) throw new RequestRefused(`The input "${name}" has a problem in its text; mend that first.`);
  const accepted = acceptInputValue(spec, value);
  if (!accepted.ok) throw new RequestRefused(`Cannot set "${name}": ${accepted.problem}.`);
  return accepted.value;
}

function errorFields(error: unknown): Record<string, unknown> {
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
}
