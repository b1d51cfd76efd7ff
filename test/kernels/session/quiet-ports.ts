import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import { cellStatus } from "../../../cells/session/cell-status.ts";
import type { Operation } from "../../../cells/session/operation.ts";
import { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import type { SqlEngine } from "../../../kernels/engine/sql-engine.ts";
import type { PinnedRelations, ReadingKeeper, ResultsStore, SessionPorts } from "../../../kernels/session/ports.ts";
import { createSession, type Session } from "../../../kernels/session/session.ts";
import { QuietKernel } from "./quiet-kernel.ts";

/** A results store that is a map; `pieces` survives the session, as a disk would. */
export function memoryStore(pieces = new Map<string, Uint8Array>()): ResultsStore {
  return {
    load: async (name) => pieces.get(name) ?? null,
    keep: async (name, bytes) => {
      if (bytes === null) pieces.delete(name);
      else pieces.set(name, bytes);
    },
  };
}

export interface TestSession {
  readonly session: Session;
  readonly operations: Operation[];
  readonly saved: string[];
  readonly kernels: QuietKernel[];
  readonly engines: SqlEngine[];
  /** Runs cells and waits until nothing runs. */
  run(cells: readonly string[] | "all" | "stale"): Promise<void>;
  status(cell: string): string;
  text(cell: string): string;
}

export interface TestOptions {
  readonly pieces?: Map<string, Uint8Array>;
  readonly relations?: (asOf: string | null) => Promise<PinnedRelations>;
  readonly engine?: () => SqlEngine;
  readonly save?: (text: string) => Promise<{ hash: string }>;
  readonly readings?: ReadingKeeper;
}

const opened: { close(): Promise<unknown> }[] = [];
const folders: string[] = [];

/** Ends every session and removes every folder of the test; for `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function realEngine(): SqlEngine {
  const folder = mkdtempSync(path.join(tmpdir(), "driftbook-session-"));
  folders.push(folder);
  return new ChildSqlEngine({
    workspaceFolder: folder,
    allowedDirectories: [folder],
    scratchFolder: path.join(folder, "scratch"),
    memoryLimitBytes: 512 * 1024 * 1024,
    tempLimitBytes: 512 * 1024 * 1024,
    threads: 1,
    timeZone: "UTC",
    timeoutMillis: 30_000,
    resultLimit: { rows: 10_000_000, bytes: 512 * 1024 * 1024 },
  });
}

export const AS_OF = "2026-03-01T12:00:00.000Z";

/** Ports of a session: a kernel that runs in this process and, for SQL, a real engine. */
export function quietPorts(options: TestOptions) {
  const saved: string[] = [];
  const kernels: QuietKernel[] = [];
  const engines: SqlEngine[] = [];
  let ids = 0;
  const ports: SessionPorts = {
    engine: () => {
      const engine = (options.engine ?? realEngine)();
      engines.push(engine);
      return engine;
    },
    kernel: (hooks) => {
      const kernel = new QuietKernel(hooks);
      kernels.push(kernel);
      return kernel;
    },
    relations:
      options.relations ??
      (async (asOf) => ({
        asOf: asOf ?? AS_OF,
        statements: [],
        folders: [],
        streams: [],
        marks: [],
        surroundings: "v1",
      })),
    results: memoryStore(options.pieces),
    ...(options.readings === undefined ? {} : { readings: options.readings }),
    file: {
      save:
        options.save ??
        (async (now) => {
          saved.push(now);
          return { hash: `h${saved.length}` };
        }),
    },
    clock: () => Date.now(),
    randomId: () => `id${++ids}${options.pieces?.size ?? ""}`,
    zone: "UTC",
  };
  return { ports, saved, kernels, engines };
}

/** A session over the text with quiet ports. */
export async function openTest(text: string, options: TestOptions = {}): Promise<TestSession> {
  const operations: Operation[] = [];
  const { ports, saved, kernels, engines } = quietPorts(options);
  let seed = 7;
  const session = await createSession({
    path: "test.nb.md",
    document: parseDocument(text).document,
    ports,
    log: {
      write: (level, message, fields) =>
        level === "error" && process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
    },
    random: () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    },
  });
  session.observe((operation) => operations.push(operation));
  opened.push(session);
  let request = 0;
  return {
    session,
    operations,
    saved,
    kernels,
    engines,
    async run(cells) {
      await session.perform({ type: "run", request: ++request, cells: cells as string[] }, "test");
      await session.idle();
    },
    status: (cell) => {
      const status = cellStatus(session.state, cell);
      return status.state === "failed" ? `failed: ${status.problem.message}` : status.state;
    },
    text: (cell) =>
      (session.state.runs[cell]?.displays ?? []).map((shown) => ("text" in shown ? shown.text : shown.type)).join("|"),
  };
}
