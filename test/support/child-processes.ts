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

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
