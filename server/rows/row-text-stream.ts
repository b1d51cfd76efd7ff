import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { rowText, type TextFormat } from "./row-text.ts";

/** Below this, writing the text takes about as long as a worker's start. */
const INLINE_BYTES = 256_000;

/** The text of `rowText` as a stream; larger results are written in a worker thread, so that the server goes on. */
export function rowTextStream(arrow: Uint8Array, format: TextFormat, rows: number): Readable {
  if (arrow.byteLength <= INLINE_BYTES) return Readable.from([[...rowText(arrow, format, rows)].join("")]);
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  // The bytes are copied, not handed over: they may be a view of a larger buffer.
  const worker = new Worker(new URL(`./row-text-worker${extension}`, import.meta.url), {
    workerData: { arrow, format, rows },
  });
  const stream = new Readable({
    read() {},
    destroy(error, done) {
      worker.terminate().then(
        () => done(error),
        (failure: Error) => done(error ?? failure),
      );
    },
  });
  worker.on("message", (bytes: Uint8Array) => stream.push(bytes));
  worker.once("error", (error) => stream.destroy(error));
  worker.once("exit", () => stream.push(null));
  return stream;
}
