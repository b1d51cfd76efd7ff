import { Worker } from "node:worker_threads";
import type { Contract } from "../contracts/contract.ts";
import { IngestRefused } from "./ingest-errors.ts";
import type { WorkerAnswer, WorkerTask } from "./intake-worker.ts";
import type { BodyRead, BodyRequest } from "./read-body.ts";

interface Task {
  readonly request: BodyRequest;
  readonly contract: Contract;
  readonly resolve: (read: BodyRead) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly knows: Set<string>;
  task: Task | null;
}

/**
 * The threads that read and check ingest bodies, so that the event loop parses none. Owns its threads: a thread that
 * dies fails its task and is replaced; `close` ends them after the tasks at hand.
 */
export class BodyWorkers {
  readonly #threads: Thread[] = [];
  readonly #waiting: Task[] = [];
  readonly #waitingLimit: number;
  #closed = false;

  constructor(count = 2, waitingBytes = 128 * 1024 * 1024) {
    this.#waitingLimit = waitingBytes;
    for (let i = 0; i < count; i++) this.#threads.push(this.#start());
  }

  #waitingBytes = 0;

  /** @throws IngestRefused as `readBody`, or `too-busy` when too much waits already. The body is given away. */
  read(request: BodyRequest, contract: Contract): Promise<BodyRead> {
    if (this.#closed)
      return Promise.reject(
        new IngestRefused("too-busy", "Driftbook is stopping; try again", { retryAfterSeconds: 2 }),
      );
    const bytes = request.body.byteLength;
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#waitingLimit)
      return Promise.reject(
        new IngestRefused(
          "too-busy",
          `${this.#waitingBytes} bytes wait to be read; the limit is ${this.#waitingLimit}`,
          { retryAfterSeconds: 1 },
        ),
      );
    this.#waitingBytes += bytes;
    return new Promise<BodyRead>((resolve, reject) => {
      this.#waiting.push({ request, contract, resolve, reject });
      this.#next();
    }).finally(() => {
      this.#waitingBytes -= bytes;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0))
      reject(new IngestRefused("too-busy", "Driftbook is stopping; try again", { retryAfterSeconds: 2 }));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #next(): void {
    for (const thread of this.#threads) {
      if (thread.task !== null) continue;
      const task = this.#waiting.shift();
      if (task === undefined) return;
      thread.task = task;
      const { hash } = task.contract;
      const { body } = task.request;
      // The thread gets memory of its own: a request's Buffer may be a view into a pool that others use.
      const own = new Uint8Array(body.byteLength);
      own.set(body);
      const message: WorkerTask = {
        id: 0,
        contractHash: hash,
        contract: thread.knows.has(hash) ? null : task.contract,
        request: { ...task.request, body: own },
      };
      thread.knows.add(hash);
      thread.worker.postMessage(message, [own.buffer]);
    }
  }

  #start(): Thread {
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const worker = new Worker(new URL(`./intake-worker${extension}`, import.meta.url));
    const thread: Thread = { worker, knows: new Set(), task: null };
    worker.on("message", (answer: WorkerAnswer) => {
      const task = thread.task;
      thread.task = null;
      this.#next();
      if ("read" in answer) {
        const { rows } = answer.read;
        task?.resolve({ ...answer.read, rows: Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength) });
      } else if ("refused" in answer) task?.reject(new IngestRefused(answer.refused.kind, answer.refused.message));
      else task?.reject(new Error(`an ingest body could not be read: ${answer.failed}`));
    });
    worker.on("error", (error) => {
      thread.task?.reject(new Error("the thread that read an ingest body failed", { cause: error }));
      thread.task = null;
      const place = this.#threads.indexOf(thread);
      if (place === -1 || this.#closed) return;
      this.#threads[place] = this.#start();
      this.#next();
    });
    worker.unref();
    return thread;
  }
}
