import type { ProcessView } from "../../cells/session/operation.ts";
import { explainExit } from "../lifecycle/explain-exit.ts";
import type { EndReason, ProcessState } from "../lifecycle/process-state.ts";

/** What engine and kernel have in common. */
export interface LivingProcess {
  readonly state: ProcessState;
  readonly ended: Promise<EndReason>;
  start(): Promise<void>;
  onState(listener: (state: ProcessState) => void): () => void;
  close(): Promise<EndReason>;
}

export interface ManagedProcessParts<Process extends LivingProcess> {
  /** As sentences call it: "The SQL engine". */
  readonly name: string;
  readonly make: () => Process;
  /** Brings a process that just started to where the session is. */
  readonly prepare: (process: Process) => Promise<void>;
  readonly onView: (view: ProcessView) => void;
  /** It is gone and what it held as well. `because` is a sentence. */
  readonly onGone: (because: string) => void;
}

/** What may use a process but not decide over its life. */
export interface Access<Process> {
  readonly present: Process | null;
  acquire(): Promise<Process>;
}

/**
 * One child process of a session through all its lives: started when first needed, started again after it ended.
 * A process that ends is reported by identity: the end of an old one never touches its successor.
 */
export class ManagedProcess<Process extends LivingProcess> implements Access<Process> {
  readonly #parts: ManagedProcessParts<Process>;
  #present: { readonly process: Process; readonly ready: Promise<void> } | null = null;
  #closed = false;

  constructor(parts: ManagedProcessParts<Process>) {
    this.#parts = parts;
  }

  /** The running process, or null: for what must not start one. */
  get present(): Process | null {
    return this.#present?.process ?? null;
  }

  /** The process, ready; started if need be. @throws when it does not start. */
  async acquire(): Promise<Process> {
    if (this.#closed) throw new Error(`${this.#parts.name} was closed with its notebook.`);
    this.#present ??= this.#begin();
    const { process, ready } = this.#present;
    await ready;
    return process;
  }

  /** Starts it ahead of need; a failure shows in its view and again when it is needed. */
  warm(): void {
    this.acquire().catch(() => undefined);
  }

  /** Ends the present one; the next `acquire` starts another. */
  async end(): Promise<void> {
    const present = this.#present;
    if (present === null) return;
    await present.process.close();
    await this.#gone(present.process, null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.end();
  }

  #begin(): { readonly process: Process; readonly ready: Promise<void> } {
    const process = this.#parts.make();
    this.#parts.onView({ phase: "starting", message: null, hint: null });
    const stop = process.onState((state) => {
      if (this.#present?.process === process && state.phase !== "ended")
        this.#parts.onView({ phase: state.phase, message: null, hint: null });
    });
    const ready = process.start().then(() => this.#parts.prepare(process));
    // A process that cannot be prepared is of no use to the next cell either.
    ready.catch(() => process.close());
    void process.ended.then((reason) => {
      stop();
      return this.#gone(process, reason);
    });
    return { process, ready };
  }

  #gone(process: Process, reason: EndReason | null): void {
    if (this.#present?.process !== process) return;
    this.#present = null;
    const asked = reason === null || reason.kind === "requested";
    const { message, hint } = asked ? { message: null, hint: null } : explainExit(this.#parts.name, reason);
    this.#parts.onView({ phase: asked ? "absent" : "ended", message, hint });
    this.#parts.onGone(message ?? `${this.#parts.name} was restarted.`);
  }
}
