import { randomBytes } from "node:crypto";
import { getCompileCacheDir } from "node:module";
import { availableParallelism } from "node:os";
import path from "node:path";
import { ChildSqlEngine } from "../kernels/engine/child-sql-engine.ts";
import type { SqlEngine, SqlEngineConfiguration } from "../kernels/engine/sql-engine.ts";
import type { WorkspaceSettings } from "./workspace-settings.ts";

const STATEMENT_TIMEOUT_MILLIS = 10 * 60_000;
const RESULT_ROWS = 20_000_000;
const RESULT_BYTES = 4_000_000_000;
const MOST_THREADS = 8;

/** Folders that every engine may read: the lake, the tables of `monitor`, and `data/` for files by relative path. */
export function readableFolders(folder: string): string[] {
  return [
    path.join(folder, ".driftbook", "lake"),
    path.join(folder, ".driftbook", "monitor"),
    path.join(folder, "data"),
  ];
}

/** What a process that was killed left in such folders goes when the workspace is opened again. */
export function newScratchFolder(folder: string): string {
  return path.join(folder, ".driftbook", "scratch", "engines", randomBytes(8).toString("hex"));
}

/** An engine within the workspace's limits, not started yet. */
export function newEngine(
  folder: string,
  settings: WorkspaceSettings,
  scratchFolder: string,
  folders: readonly string[],
  onUnreadable: () => void,
): SqlEngine {
  return new ChildSqlEngine(engineConfiguration(folder, settings, scratchFolder, folders), onUnreadable);
}

/** What an engine of this workspace may read and use. */
export function engineConfiguration(
  folder: string,
  settings: WorkspaceSettings,
  scratchFolder: string,
  folders: readonly string[],
): SqlEngineConfiguration {
  // Where this process keeps its own compiled code, in a folder for this Node and user; engines keep theirs there too.
  const own = getCompileCacheDir();
  return {
    workspaceFolder: folder,
    allowedDirectories: [...new Set([...readableFolders(folder), ...folders])],
    scratchFolder,
    codeCacheFolder: own === undefined ? path.join(folder, ".driftbook", "compiled") : path.dirname(own),
    memoryLimitBytes: settings.limits.memoryBytes,
    tempLimitBytes: settings.limits.tempBytes,
    threads: Math.min(MOST_THREADS, availableParallelism()),
    timeZone: settings.zone,
    timeoutMillis: STATEMENT_TIMEOUT_MILLIS,
    resultLimit: { rows: RESULT_ROWS, bytes: RESULT_BYTES },
  };
}
