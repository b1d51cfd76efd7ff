import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { SqlEngine } from "../../kernels/engine/sql-engine.ts";
import { HttpError } from "../http-error.ts";

export interface Relations {
  /** Equal keys mean equal statements; an engine that has them is not told again. */
  readonly key: string;
  /** ISO 8601, or null while nothing is loaded. */
  readonly asOf: string | null;
  readonly statements: readonly string[];
  /** The files that the statements name may be removed from now on. */
  readonly release: () => void;
}

export interface QueryParts {
  readonly newEngine: (scratchFolder: string) => SqlEngine;
  /** At `asOf`, or the watermark. @throws where it lies after the watermark or is no time. */
  readonly relations: (asOf: string | null) => Promise<Relations>;
  readonly scratchFolder: string;
}

interface Held {
  readonly engine: SqlEngine;
  readonly scratch: string;
  key: string;
  relations: Relations | null;
  idle: NodeJS.Timeout | null;
  /** Queries that it has run; it is replaced after a while, which bounds what a leak can cost. */
  uses: number;
}

export interface Lease {
  readonly engine: SqlEngine;
  readonly asOf: string | null;
  /** Private to this lease's engine: exports go here. */
  readonly scratch: string;
}

const MOST_ENGINES = 2;
const MOST_WAITING = 64;
const IDLE_MILLIS = 60_000;
const USES_PER_ENGINE = 1000;

/**
 * Engines for queries that belong to no notebook: the API, the command line, the data panel. One query at a time per
 * engine, at most `MOST_ENGINES` processes, the rest waits in order. Owns its engines; `close` ends them.
 */
export class QueryRunner {
  readonly #parts: QueryParts;
  readonly #free: Held[] = [];
  readonly #all = new Set<Held>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #made = 0;
  #closed = false;
  constructor(parts: QueryParts) {
    this.#parts = parts;
  }

  /** Runs `use` with an engine whose relations stand at `asOf`. @throws HttpError 503 when too many wait. */
  async with<T>(asOf: string | null, use: (lease: Lease) => Promise<T>): Promise<T> {
    const { lease, release } = await this.lease(asOf);
    try {
      return await use(lease);
    } finally {
      await release();
    }
  }

  /** As `with`, for answers that outlive a function: `release` must be called once, whatever happens. */
  async lease(asOf: string | null): Promise<{ lease: Lease; release: () => Promise<void> }> {
    await this.#turn();
    let held: Held | null = null;
    try {
      held = this.#free.pop() ?? (await this.#start());
      if (held.idle !== null) clearTimeout(held.idle);
      held.idle = null;
      const relations = await this.#parts.relations(asOf);
      if (held.key !== relations.key) {
        await this.#show(held.engine, relations);
        held.relations?.release();
        held.relations = relations;
        held.key = relations.key;
      } else relations.release();
      held.uses += 1;
      const mine = held;
      return {
        lease: { engine: mine.engine, asOf: relations.asOf, scratch: mine.scratch },
        release: () => this.#giveBack(mine),
      };
    } catch (error) {
      if (held === null) this.#next();
      else await this.#giveBack(held);
      throw error;
    }
  }

  /** What the engine would not take is given back. */
  async #show(engine: SqlEngine, relations: Relations): Promise<void> {
    const { statements, asOf } = relations;
    try {
      await engine.setRelations({ statements, ...(asOf === null ? {} : { asOf }) });
    } catch (error) {
      relations.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((held) => this.#end(held)));
  }

  async #turn(): Promise<void> {
    if (this.#closed) throw new HttpError(503, "The server is stopping.");
    if (this.#busy < MOST_ENGINES) {
      this.#busy += 1;
      return;
    }
    if (this.#waiting.length >= MOST_WAITING)
      throw new HttpError(503, `${MOST_WAITING} queries are waiting already.`, { headers: { "retry-after": "1" } });
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the turn on, or lays it down. */
  #next(): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#busy -= 1;
    else first();
  }

  async #start(): Promise<Held> {
    this.#made += 1;
    const scratch = path.join(this.#parts.scratchFolder, `query-${this.#made}`);
    await mkdir(scratch, { recursive: true });
    const held: Held = {
      engine: this.#parts.newEngine(scratch),
      scratch,
      key: "",
      relations: null,
      idle: null,
      uses: 0,
    };
    this.#all.add(held);
    try {
      await held.engine.start();
    } catch (error) {
      await this.#end(held);
      throw error;
    }
    return held;
  }

  async #giveBack(held: Held): Promise<void> {
    if (this.#closed || held.engine.state.phase === "ended" || held.uses >= USES_PER_ENGINE) await this.#end(held);
    else {
      this.#free.push(held);
      held.idle = setTimeout(() => {
        const at = this.#free.indexOf(held);
        if (at < 0) return;
        this.#free.splice(at, 1);
        void this.#end(held);
      }, IDLE_MILLIS);
      held.idle.unref();
    }
    this.#next();
  }

  async #end(held: Held): Promise<void> {
    if (!this.#all.delete(held)) return;
    if (held.idle !== null) clearTimeout(held.idle);
    await held.engine.close().finally(() => held.relations?.release());
    await rm(held.scratch, { recursive: true, force: true });
  }
}
