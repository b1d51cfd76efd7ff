import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import process from "node:process";

export type Level = "info" | "warn" | "error";
export interface Log {
  write(level: Level, event: string, fields?: Readonly<Record<string, unknown>>): void;
  close(): void;
}

const ROTATE_BYTES = 20_000_000;

/**
 * One JSON line per event in `.driftbook/server.log` (one older file is kept); warnings and errors also go to
 * stderr as a sentence. Owned by the server process; written synchronously so that a crash loses no line.
 */
export function openLog(file: string): Log {
  mkdirSync(path.dirname(file), { recursive: true });
  let descriptor = openSync(file, "a", 0o600);
  let bytes = fstatSync(descriptor).size;
  let lost = 0;
  const rotate = (): void => {
    renameSync(file, `${file}.1`);
    const next = openSync(file, "a", 0o600);
    closeSync(descriptor);
    descriptor = next;
    bytes = 0;
  };
  const append = (entry: Readonly<Record<string, unknown>>): void => {
    const line = Buffer.from(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
    const written = writeSync(descriptor, line);
    bytes += written;
    if (written < line.length) throw new Error("only a part of a line found room");
  };
  return {
    write(level, event, fields = {}) {
      // What is told of a full disk must not end the server that waits for room.
      try {
        if (bytes > ROTATE_BYTES) rotate();
        // What was written of the last line may have no end.
        if (lost > 0) bytes += writeSync(descriptor, "\n");
        if (lost > 0) append({ level: "warn", event: "lines could not be written to this file", lost });
        lost = 0;
        append({ level, event, ...fields });
      } catch (error) {
        if (lost === 0)
          process.stderr.write(
            `error: ${file} cannot be written: ${String(error)}. It is tried again with each line.\n`,
          );
        lost += 1;
      }
      if (level !== "info") process.stderr.write(`${sentence(level, event, fields)}\n`);
    },
    close: () => closeSync(descriptor),
  };
}

function sentence(level: Level, event: string, fields: Readonly<Record<string, unknown>>): string {
  const message = typeof fields.message === "string" ? `: ${fields.message}` : "";
  const request = typeof fields.requestId === "string" ? ` (request ${fields.requestId})` : "";
  return `${level}: ${event}${message}${request}`;
}

/** For commands that open a workspace for a moment: warnings to stderr, nothing to a file. */
export const quietLog: Log = {
  write(level, event, fields = {}) {
    if (level === "error") process.stderr.write(`${sentence(level, event, fields)}\n`);
  },
  close() {},
};

/** What of an error belongs in the log: its message, its stack and the same of its causes. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}
