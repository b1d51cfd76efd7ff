import { mkdirSync } from "node:fs";
import path from "node:path";
import { ChildSqlEngine } from "../kernels/engine/child-sql-engine.ts";
import type { Asking } from "../kernels/monitoring/ask.ts";
import type { MeasureContext } from "../kernels/monitoring/measure-context.ts";
import { memoryByProgram } from "./process-memory.ts";

/** A started engine process over `folder`, whose SQL reads `data/`. */
export async function benchEngine(folder: string): Promise<ChildSqlEngine> {
  mkdirSync(path.join(folder, "data"), { recursive: true });
  const engine = new ChildSqlEngine({
    workspaceFolder: folder,
    allowedDirectories: [path.join(folder, "data")],
    scratchFolder: path.join(folder, "scratch"),
    memoryLimitBytes: 1536 * 1024 * 1024,
    tempLimitBytes: 20 * 1024 ** 3,
    threads: 2,
    timeZone: "UTC",
    timeoutMillis: 3_600_000,
    resultLimit: { rows: 5_000_000, bytes: 1024 ** 3 },
  });
  await engine.start();
  return engine;
}

/** With `STEPS` in the environment, prints every statement that takes longer than a tenth of a second. */
export function asking(engine: ChildSqlEngine): Asking & { readonly done: () => void } {
  let last: { title: string; at: number } | null = null;
  const step = (title: string | null): void => {
    const now = performance.now();
    if (last !== null && process.env.STEPS !== undefined && now - last.at > 100)
      console.log(`  ${last.title}: ${Math.round(now - last.at)} ms`);
    last = title === null ? null : { title, at: now };
  };
  return { engine, signal: new AbortController().signal, onProgress: step, asked: [], done: () => step(null) };
}

export const benchContext: MeasureContext = {
  cell: "bench",
  question: "bench",
  asOf: "2026-01-01T00:00:00.000Z",
  dueAt: "2026-01-01T00:00:00.000Z",
  zone: "UTC",
  window: null,
  streams: [],
  marks: [],
  resolveWindow: () => {
    throw new Error("No window is needed.");
  },
};

/** The highest resident memory of a process while `work` runs, in bytes. */
export async function highestMemory<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  let bytes = 0;
  const watch = setInterval(() => {
    for (const now of memoryByProgram(pid).values()) bytes = Math.max(bytes, now);
  }, 100);
  try {
    return { result: await work(), bytes };
  } finally {
    clearInterval(watch);
  }
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
