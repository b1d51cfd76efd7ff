import { readFile } from "node:fs/promises";

/**
 * Resident memory of a process in bytes, or null when this system does not tell (only Linux does, through /proc)
 * or the process is gone. Shared file pages are not counted: a process that reads a large file is not a hoarder.
 */
export async function residentBytes(pid: number): Promise<number | null> {
  if (process.platform !== "linux") return null;
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => null);
  const anonymous = text === null ? null : /^RssAnon:\s+(\d+) kB/m.exec(text);
  return anonymous === null ? null : Number(anonymous[1]) * 1024;
}

/** Calls `onExceeded` once when the process holds more than `limitBytes`, looking every `everyMillis` until `signal`. */
export function watchMemory(
  pid: number,
  limitBytes: number,
  onExceeded: () => void,
  signal: AbortSignal,
  everyMillis = 100,
): void {
  const look = async (): Promise<void> => {
    const bytes = await residentBytes(pid);
    if (signal.aborted) return;
    if (bytes !== null && bytes > limitBytes) return onExceeded();
    const timer = setTimeout(() => void look(), everyMillis);
    timer.unref();
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  };
  void look();
}
