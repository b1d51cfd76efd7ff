import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes of a process and everything below it, by the file that each runs; Linux only. */
export function memoryByProgram(pid: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const one of treeOf(pid)) {
    const program = /([\w-]+)\.(ts|js)\b/.exec(text(`/proc/${one}/cmdline`).replaceAll("\0", " "))?.[1] ?? "other";
    found.set(program, (found.get(program) ?? 0) + residentBytes(one));
  }
  return found;
}

function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of entries("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = text(`/proc/${name}/stat`);
    // The command in parentheses may hold spaces; what follows it does not.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields.length > 2) parents.set(Number(name), Number(fields[1]));
  }
  const found = [root];
  for (const one of found) for (const [pid, parent] of parents) if (parent === one) found.push(pid);
  return found;
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not Linux.
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // The process ended between the two looks.
  }
}
