import type { EndReason } from "./process-state.ts";

/**
 * What a person is told when a process has ended: what happened, proven only, and what can be done next.
 * `name` is how the process is called in sentences, for instance "The SQL engine".
 */
export function explainExit(name: string, reason: EndReason): { message: string; hint: string } {
  switch (reason.kind) {
    case "requested":
      return { message: `${name} was ended on request.`, hint: "Run a cell to start it again." };
    case "time-limit":
      return {
        message: `${name} did not finish within its limit of ${seconds(reason.limitMillis)} and was ended.`,
        hint: "Read less data or raise the time limit in driftbook.yaml, then run the cell again.",
      };
    case "out-of-memory":
      return {
        message: `${name} ran out of memory${reason.limitBytes === null ? "" : ` (limit ${megabytes(reason.limitBytes)})`} and was ended.`,
        hint: "Aggregate or filter in SQL before loading rows, or raise the memory limit in driftbook.yaml.",
      };
    case "failed-to-start":
      return {
        message: `${name} did not start: ${reason.problem}${lastWords(reason.stderrTail)}`,
        hint: "Run `driftbook doctor` to check the installation.",
      };
    case "killed":
      // V8 ends the process itself when its heap is full, after saying so.
      if (HEAP_FULL.test(reason.stderrTail)) return explainExit(name, { kind: "out-of-memory", limitBytes: null });
      return {
        message: `${name} was killed from outside by ${reason.signal}.${lastWords(reason.stderrTail)}`,
        hint:
          reason.signal === "SIGKILL"
            ? "If nobody did that, the operating system may have been short of memory. Run the cell again."
            : "Run the cell again to start it anew.",
      };
    case "left":
      return {
        message: `${name} left by itself with exit code ${reason.code}.${lastWords(reason.stderrTail)}`,
        hint: "Run the cell again to start it anew.",
      };
    case "broken-protocol":
      return {
        message: `${name} sent something that is no message (${reason.problem}) and was ended.`,
        hint: "Run the cell again; if it happens again, please report it.",
      };
  }
}

const HEAP_FULL = /JavaScript (heap )?out of memory/;
const seconds = (millis: number): string => (millis < 1000 ? `${millis} ms` : `${Math.round(millis / 100) / 10} s`);
const megabytes = (bytes: number): string => `${Math.round(bytes / (1024 * 1024))} MB`;

function lastWords(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? "" : ` It last printed: ${lines.slice(-3).join(" | ").slice(-500)}`;
}
