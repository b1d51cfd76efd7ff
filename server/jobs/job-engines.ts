import { rm } from "node:fs/promises";
import type { ChildSqlEngine } from "../../kernels/engine/child-sql-engine.ts";
import type { SqlEngine, SqlEngineConfiguration } from "../../kernels/engine/sql-engine.ts";
import { type Lease, LeasedEngine } from "./leased-engine.ts";

export interface JobEnginesParts {
  /** For one run; with a scratch folder of its own. */
  readonly configure: (folders: readonly string[], zone: string) => SqlEngineConfiguration;
  /** Not started yet. */
  readonly newProcess: (configuration: SqlEngineConfiguration) => ChildSqlEngine;
  /** Processes that wait for the next run. */
  readonly mostIdle: number;
  /** Runs after which a process is replaced: bounds what a leak can cost. */
  readonly mostRuns: number;
  readonly idleMillis: number;
}

interface Idle {
  readonly engine: ChildSqlEngine;
  readonly runs: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * Engines for runs: each has a database of its own, opened anew in a process that an earlier run left. Starting a
 * process costs some 130 ms of processor time, a new database some 25.
 */
export class JobEngines {
  readonly #parts: JobEnginesParts;
  readonly #idle: Idle[] = [];
  readonly #all = new Set<ChildSqlEngine>();
  #closed = false;

  constructor(parts: JobEnginesParts) {
    this.#parts = parts;
  }

  /** Processes that are alive, in use or not. */
  get processes(): number {
    return this.#all.size;
  }

  /** `zone`: IANA, of its local times. */
  engine(folders: readonly string[], zone: string): SqlEngine {
    return new LeasedEngine(() => this.#take(folders, zone));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((engine) => this.#end(engine)));
  }

  async #take(folders: readonly string[], zone: string): Promise<Lease> {
    const configuration = this.#parts.configure(folders, zone);
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      const { engine, runs } = idle;
      try {
        await engine.renew(configuration);
        return this.#lease(engine, runs + 1);
      } catch {
        // It died while it waited, or would not begin anew: another one does.
        await this.#end(engine);
      }
    }
    const engine = this.#parts.newProcess(configuration);
    this.#all.add(engine);
    try {
      await engine.start();
    } catch (error) {
      await this.#end(engine);
      throw error;
    }
    return this.#lease(engine, 1);
  }

  #lease(engine: ChildSqlEngine, runs: number): Lease {
    return {
      engine,
      release: async (sound) => {
        const isSpent = !sound || !engine.isIdle || runs >= this.#parts.mostRuns;
        if (isSpent || this.#closed || this.#idle.length >= this.#parts.mostIdle) return this.#end(engine);
        const timer = setTimeout(() => {
          const at = this.#idle.findIndex((one) => one.engine === engine);
          if (at >= 0) this.#idle.splice(at, 1);
          void this.#end(engine);
        }, this.#parts.idleMillis);
        timer.unref();
        this.#idle.push({ engine, runs, timer });
      },
    };
  }

  async #end(engine: ChildSqlEngine): Promise<void> {
    if (!this.#all.delete(engine)) return;
    await engine.close();
    await rm(engine.scratchFolder, { recursive: true, force: true });
  }
}
