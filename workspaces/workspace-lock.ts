import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import process from "node:process";

/** Another process has the workspace; the message says which, and what to do. */
export class WorkspaceInUse extends Error {
  constructor(folder: string, holder: number) {
    super(
      `The workspace ${JSON.stringify(folder)} is in use by process ${holder}. Stop it first, or use it through its server.`,
    );
    this.name = "WorkspaceInUse";
  }
}

/**
 * One process at a time owns a workspace's logs: `.driftbook/lock` holds its id. A lock whose process is gone is taken
 * over. @throws WorkspaceInUse
 */
export function lockWorkspace(folder: string): () => void {
  const file = path.join(folder, ".driftbook", "lock");
  mkdirSync(path.dirname(file), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      const descriptor = openSync(file, "wx", 0o600);
      writeSync(descriptor, `${process.pid}\n`);
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number.parseInt(readOrEmpty(file), 10);
    if (attempt > 0 || (Number.isInteger(holder) && holder !== process.pid && isAlive(holder)))
      throw new WorkspaceInUse(folder, holder);
    rmSync(file, { force: true });
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
