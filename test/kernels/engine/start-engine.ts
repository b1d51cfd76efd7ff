import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "@uwdata/flechette";
import { codeCacheEnvironment } from "../../../bin/node-path.js";
import { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import type { SqlEngineConfiguration } from "../../../kernels/engine/sql-engine.ts";

export interface TestEngine extends AsyncDisposable {
  readonly engine: ChildSqlEngine;
  /** The workspace folder, with `data/`; beside it `lake/`, `outside/` and `scratch/`. */
  readonly workspace: string;
  readonly root: string;
  readonly scratch: string;
}

const { NODE_COMPILE_CACHE: cache } = codeCacheEnvironment();

/** A started engine over a fresh workspace; ended and removed at the end of the `await using` scope. */
export async function startEngine(changes: Partial<SqlEngineConfiguration> = {}): Promise<TestEngine> {
  const root = await mkdtemp(join(tmpdir(), "driftbook-engine-"));
  const workspace = join(root, "workspace");
  const scratch = join(root, "scratch");
  for (const folder of ["workspace/data", "lake", "outside"]) await mkdir(join(root, folder), { recursive: true });
  const engine = new ChildSqlEngine({
    workspaceFolder: workspace,
    allowedDirectories: [join(workspace, "data"), join(root, "lake")],
    scratchFolder: scratch,
    ...(cache === undefined ? {} : { codeCacheFolder: cache }),
    memoryLimitBytes: 400 * 1024 * 1024,
    tempLimitBytes: 1024 * 1024 * 1024,
    threads: 2,
    timeZone: "UTC",
    timeoutMillis: 60_000,
    resultLimit: { rows: 5_000_000, bytes: 500 * 1024 * 1024 },
    ...changes,
  });
  try {
    await engine.start();
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  return {
    engine,
    workspace,
    root,
    scratch,
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Rows of an Arrow stream as plain objects, integers as bigint where they are 64 bits wide. */
export function rowsOf(arrow: Uint8Array): Record<string, unknown>[] {
  return tableFromIPC(arrow, { useBigInt: true, useDecimalInt: true })
    .toArray()
    .map((row) => ({ ...(row as Record<string, unknown>) }));
}

export async function queryRows(
  engine: ChildSqlEngine,
  sql: string,
  parameters: Parameters<ChildSqlEngine["query"]>[0]["parameters"] = [],
): Promise<Record<string, unknown>[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of engine.query({ sql, ...(parameters === undefined ? {} : { parameters }) }))
    pieces.push(piece);
  return rowsOf(Buffer.concat(pieces));
}
