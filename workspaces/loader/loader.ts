import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { explainExit } from "../../kernels/lifecycle/explain-exit.ts";
import type { ProcessState } from "../../kernels/lifecycle/process-state.ts";
import { type Child, launch } from "../../kernels/lifecycle/spawn.ts";
import { ImportRefused } from "../imports/import-refused.ts";
import type { FromLoader, LoaderRequest, ToLoader } from "./loader-messages.ts";

const NAME = "The loader";
const READY_WITHIN_MILLIS = 30_000;
/** DuckDB's own limit is 450 MB; above this something is wrong and a fresh process is better. */
const MEMORY_LIMIT_BYTES = 1_400_000_000;
const FIRST_PAUSE_MILLIS = 200;
const LONGEST_PAUSE_MILLIS = 10_000;
/** A process that lived so long was well: the next pause is short again. */
const WELL_AFTER_MILLIS = 30_000;

export interface LoaderHandleOptions {
  readonly folder: string;
  readonly zone: string;
  /** Something new is in the lake. */
  readonly onCommitted: () => void;
  readonly onNotice: (message: string) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The host's side of the loader process: keeps one running until `close`, starting it again after it ended, with
 * growing pauses. A request under way when the process ends fails with the explanation; nothing is asked twice.
 */
export class Loader {
  readonly #options: LoaderHandleOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #durable = new Map<string, Extract<ToLoader, { type: "durable" }>>();
  readonly #problems = new Map<string, string>();
  readonly #life = new AbortController();
  readonly #running: Promise<void>;
  #child: Child | null = null;
  #ready = Promise.withResolvers<void>();
  #lastId = 0;
  #restarts = 0;
  #exit: string | null = null;

  constructor(options: LoaderHandleOptions) {
    this.#options = options;
    this.#running = this.#keepRunning();
  }

  get state(): ProcessState {
    return this.#child?.state ?? { phase: "starting" };
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Why loading stands still, as a sentence; null while all is well. */
  get problem(): string | null {
    const [first] = this.#problems.values();
    return this.#exit ?? first ?? null;
  }

  durable(stream: string, log: string, upToMicros: number): void {
    const message = { type: "durable", stream, log, upToMicros } as const;
    this.#durable.set(`${stream}/${log}`, message);
    this.#child?.send(message);
  }

  poke(): void {
    this.#child?.send({ type: "poke" } satisfies ToLoader);
  }

  /** @throws ImportRefused when it cannot be done as asked; Error with a sentence when it failed, or the process ended before it answered. */
  async request(request: LoaderRequest): Promise<unknown> {
    await this.#ready.promise;
    const child = this.#child;
    if (child === null || this.#life.signal.aborted) throw new Error("The loader is not running.");
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    child.send({ type: "request", id, request } satisfies ToLoader);
    return answer;
  }

  async close(): Promise<void> {
    this.#life.abort();
    this.#ready.resolve();
    await this.#child?.end({ graceMillis: 10_000 });
    await this.#running;
  }

  async #keepRunning(): Promise<void> {
    let pauseMillis = FIRST_PAUSE_MILLIS;
    while (!this.#life.signal.aborted) {
      const startedMillis = performance.now();
      const explained = await this.#once();
      this.#ready = this.#life.signal.aborted ? this.#ready : Promise.withResolvers();
      for (const { reject } of this.#waiting.values()) reject(new Error(explained));
      this.#waiting.clear();
      if (this.#life.signal.aborted) return;
      this.#restarts += 1;
      this.#exit = explained;
      this.#options.onNotice(explained);
      if (performance.now() - startedMillis > WELL_AFTER_MILLIS) pauseMillis = FIRST_PAUSE_MILLIS;
      await delay(pauseMillis, undefined, { signal: this.#life.signal }).catch(() => undefined);
      pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
    }
  }

  /** One process from start to end; the explanation of its end. */
  async #once(): Promise<string> {
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const main = fileURLToPath(new URL(`./loader-process${extension}`, import.meta.url));
    const child = launch({
      name: NAME,
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", main, this.#options.folder, this.#options.zone],
      env: { HOME: this.#options.folder },
      onFrame: (header) => this.#receive(header as unknown as FromLoader),
      readyWithinMillis: READY_WITHIN_MILLIS,
      memoryLimitBytes: MEMORY_LIMIT_BYTES,
    });
    this.#child = child;
    if ((await child.ready) !== null) {
      this.#exit = null;
      for (const message of this.#durable.values()) child.send(message);
      this.#ready.resolve();
    }
    const reason = await child.ended;
    this.#child = null;
    const { message, hint } = explainExit(NAME, reason);
    return `${message} ${hint}`.trim();
  }

  #receive(message: FromLoader): void {
    switch (message.type) {
      case "ready":
        return;
      case "committed":
        this.#options.onCommitted();
        return;
      case "problem": {
        const key = `${message.stream}/${message.log}`;
        if (message.message === null) this.#problems.delete(key);
        else {
          this.#problems.set(key, message.message);
          this.#options.onNotice(message.message);
        }
        return;
      }
      case "answer":
        this.#waiting.get(message.id)?.resolve(message.value);
        this.#waiting.delete(message.id);
        return;
      case "failure":
        this.#waiting
          .get(message.id)
          ?.reject(message.refused ? new ImportRefused(message.message) : new Error(message.message));
        this.#waiting.delete(message.id);
        return;
    }
  }
}
