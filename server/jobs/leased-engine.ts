import type { ChildSqlEngine } from "../../kernels/engine/child-sql-engine.ts";
import {
  type Column,
  type ColumnSummary,
  type MaterialisedResult,
  type SqlEngine,
  SqlError,
  type SqlErrorKind,
  type SqlInspection,
  type Statement,
} from "../../kernels/engine/sql-engine.ts";
import type { EndReason, ProcessState } from "../../kernels/lifecycle/process-state.ts";

export interface Lease {
  readonly engine: ChildSqlEngine;
  /** `sound`: another run may have the process. */
  release(sound: boolean): Promise<void>;
}

/** After one of these the process is replaced: what it holds cannot be told. */
const BREAKS: ReadonlySet<SqlErrorKind> = new Set(["out-of-memory", "time-limit", "interrupted", "ended"]);

/** An engine for one run, in a process that others had before. To its run it looks like one of its own. */
export class LeasedEngine implements SqlEngine {
  readonly ended: Promise<EndReason>;
  readonly #take: () => Promise<Lease>;
  readonly #end = Promise.withResolvers<EndReason>();
  readonly #listeners = new Set<(state: ProcessState) => void>();
  #lease: Promise<Lease> | null = null;
  #held: Lease | null = null;
  #final: ProcessState | null = null;
  #sound = true;
  #stop: () => void = () => {};

  constructor(take: () => Promise<Lease>) {
    this.#take = take;
    this.ended = this.#end.promise;
  }

  get state(): ProcessState {
    return this.#final ?? this.#held?.engine.state ?? { phase: "starting" };
  }

  async start(): Promise<void> {
    this.#lease = this.#take();
    const lease = await this.#lease;
    if (this.#final !== null) return;
    this.#held = lease;
    this.#stop = lease.engine.onState((state) => {
      if (state.phase !== "ended") this.#tell(state);
    });
    void lease.engine.ended.then((because) => this.#finish(because));
    this.#tell(lease.engine.state);
  }

  onState(listener: (state: ProcessState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async setRelations(relations: { readonly statements: readonly string[]; readonly asOf?: string }): Promise<void> {
    return this.#watched(this.#engine.setRelations(relations));
  }

  inspect(sql: string): Promise<SqlInspection> {
    return this.#watched(this.#engine.inspect(sql));
  }

  describe(statement: Statement): Promise<{ readonly columns: readonly Column[] }> {
    return this.#watched(this.#engine.describe(statement));
  }

  materialise(request: Parameters<SqlEngine["materialise"]>[0]): Promise<MaterialisedResult> {
    return this.#watched(this.#engine.materialise(request));
  }

  async *query(request: Parameters<SqlEngine["query"]>[0]): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#engine.query(request);
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  page(request: Parameters<SqlEngine["page"]>[0]): ReturnType<SqlEngine["page"]> {
    return this.#watched(this.#engine.page(request));
  }

  pages(request: Parameters<SqlEngine["pages"]>[0]): ReturnType<SqlEngine["pages"]> {
    return this.#watched(this.#engine.pages(request));
  }

  summarise(...words: Parameters<SqlEngine["summarise"]>): Promise<readonly ColumnSummary[]> {
    return this.#watched(this.#engine.summarise(...words));
  }

  register(name: string, arrow: Uint8Array): Promise<MaterialisedResult> {
    return this.#watched(this.#engine.register(name, arrow));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#watched(this.#engine.rename(from, to));
  }

  drop(name: string): Promise<void> {
    return this.#watched(this.#engine.drop(name));
  }

  export(request: Parameters<SqlEngine["export"]>[0]): ReturnType<SqlEngine["export"]> {
    return this.#watched(this.#engine.export(request));
  }

  async interrupt(): Promise<void> {
    this.#sound = false;
    await this.#held?.engine.interrupt();
  }

  /** Gives the process back, or ends it where it may not be sound. */
  async close(): Promise<EndReason> {
    const lease = await this.#lease?.catch(() => null);
    if (this.#finish({ kind: "requested" }) && lease != null) await lease.release(this.#sound);
    return this.ended;
  }

  get #engine(): ChildSqlEngine {
    if (this.#held === null || this.#final !== null)
      throw new SqlError("ended", { message: "The SQL engine of this run has ended." });
    return this.#held.engine;
  }

  /** @returns whether this was its end */
  #finish(because: EndReason): boolean {
    if (this.#final !== null) return false;
    this.#stop();
    if (because.kind !== "requested") {
      this.#sound = false;
      void this.#held?.release(false);
    }
    this.#tell({ phase: "ended", because });
    this.#final = { phase: "ended", because };
    this.#end.resolve(because);
    return true;
  }

  #watched<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw this.#noticed(error);
    });
  }

  #noticed(error: unknown): unknown {
    if (error instanceof SqlError && BREAKS.has(error.kind)) this.#sound = false;
    return error;
  }

  #tell(state: ProcessState): void {
    for (const listener of this.#listeners) listener(state);
  }
}
