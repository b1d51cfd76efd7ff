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
  return {
    write(level, event, fields = {}) {
      const line = `${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`;
      if (bytes > ROTATE_BYTES) {
        closeSync(descriptor);
        renameSync(file, `${file}.1`);
        descriptor = openSync(file, "a", 0o600);
        bytes = 0;
      }
      bytes += writeSync(descriptor, line);
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
