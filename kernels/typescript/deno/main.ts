/**
 * Main thread of the kernel process: frames on stdin and stdout on one side, one worker that runs the cells on the other.
 * The worker has only the permissions granted by name. It is replaced when it does not answer an interrupt in time
 * (a loop that never yields), which loses what the cells defined. The process ends when stdin closes.
 */
import { encodeFrame, FrameDecoder } from "../../framing/frames.ts";
import type { FromKernel, ToKernel } from "./protocol.ts";
import { runtime, type WorkerHandle } from "./runtime.ts";

/** A worker that only waits for something answers an interrupt at once; one that computes never does. */
const ANSWER_WITHIN_MILLIS = 300;
/** Not written in place: the bundler would take the file in as data. */
const WORKER = "./worker.js";
const UNANSWERED =
  "The cell did not answer the interrupt, so the worker that runs TypeScript cells was replaced; what they had defined is gone.";

interface Passed {
  readonly message: ToKernel | FromKernel;
  readonly body: Uint8Array | null;
}

const permissions = JSON.parse(runtime.Deno.args[0] ?? "{}") as Record<string, unknown>;
const output = runtime.Deno.stdout.writable.getWriter();
let writing: Promise<void> = Promise.resolve();
/** Requests that the present worker has not answered. */
const open = new Set<number>();
let width: ToKernel | null = null;
let worker = startWorker();

function send(message: FromKernel, body: Uint8Array | null = null): void {
  for (const piece of encodeFrame(message, body ?? undefined)) {
    writing = writing.then(() => output.write(piece));
  }
}

function startWorker(): WorkerHandle {
  const started = new runtime.Worker(new URL(WORKER, import.meta.url), {
    type: "module",
    name: "cells",
    deno: { permissions },
  });
  started.onmessage = ({ data }) => {
    // What a replaced worker still says is not heard.
    if (worker !== started) return;
    const { message, body } = data as { message: FromKernel; body: Uint8Array | null };
    if (message.type === "answer") open.delete(message.id);
    send(message, body);
  };
  started.onerror = (event) => {
    event.preventDefault();
    if (worker === started)
      replaceWorker(
        `The worker that runs TypeScript cells failed and was replaced: ${event.message.split("\n")[0]} What cells had defined is gone.`,
      );
  };
  return started;
}

function replaceWorker(because: string): void {
  worker.terminate();
  worker = startWorker();
  if (width !== null) worker.postMessage({ message: width, body: null } satisfies Passed);
  for (const id of open) send({ type: "answer", id, answer: { status: "lost", because } });
  open.clear();
}

function receive(message: ToKernel, body: Uint8Array): void {
  if (message.type === "request") open.add(message.id);
  if (message.type === "resize") width = message;
  if (message.type === "interrupt") {
    const target = worker;
    setTimeout(() => {
      if (worker === target && open.has(message.id)) replaceWorker(UNANSWERED);
    }, ANSWER_WITHIN_MILLIS);
  }
  // The decoder's buffer is its own: the worker gets a copy that can be handed over.
  const copy = body.byteLength === 0 ? null : new Uint8Array(body);
  worker.postMessage({ message, body: copy } satisfies Passed, copy === null ? [] : [copy.buffer]);
}

send({ type: "ready" });
const decoder = new FrameDecoder((header, body) => receive(header as unknown as ToKernel, body));
const input = runtime.Deno.stdin.readable.getReader();
for (;;) {
  const { done, value } = await input.read();
  if (done) break;
  decoder.push(value);
}
runtime.Deno.exit(0);
