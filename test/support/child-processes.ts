import { readdirSync, readFileSync } from "node:fs";

/** The processes below `pid` whose command line holds `word`, children of children included. Linux. */
export function childProcesses(pid: number, word: string): number[] {
  const found: number[] = [];
  for (const child of childrenOf(pid)) {
    try {
      if (readFileSync(`/proc/${child}/cmdline`, "utf8").includes(word)) found.push(child);
    } catch {
      // It ended while it was looked at.
    }
    found.push(...childProcesses(child, word));
  }
  return found;
}

/** Waits until none of these runs; what nobody has asked for its exit code yet counts as gone. Linux. */
export async function processesGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function isRunning(pid: number): boolean {
  try {
    // "PID (NAME) STATE …", and a name may hold anything.
    return !readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").startsWith(" Z");
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
