import type { ParseArgsConfig } from "node:util";
import type { Configuration } from "../configuration.ts";

/** 0 fine · 1 a cell failed or a verdict is at or above the bar · 2 wrong usage or unreadable input · 3 only no-data. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  /** True with `--json`, where a list or object is printed. */
  readonly json: boolean;
  readonly configuration: Configuration;
  /** The workspace of `--workspace`, else the folder at or above `from` (default: the current one) that holds driftbook.yaml. */
  workspace(from?: string): string;
  /** To stdout, with a line end. */
  print(text: string): void;
  /** To stderr: progress and remarks, which are not the answer. */
  note(text: string): void;
}

export interface Command {
  readonly usage: readonly string[];
  readonly summary: string;
  /** Lines under the usage in `--help`, one for each option. */
  readonly about: readonly string[];
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  readonly arguments: { readonly min: number; readonly max: number };
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

/** Wrong usage or input that cannot be read: the message goes to stderr and the exit code is 2. */
export class UsageError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "UsageError";
  }
}

/** The option's text, or undefined. */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.values[name];
  return typeof value === "string" ? value : undefined;
}

export function textOptions(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.values[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** `NAME=VALUE` options as an object; a value that reads as JSON (`0.8`, `true`) is that, else it is text. */
export function assignments(texts: readonly string[], option: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at <= 0) throw new UsageError(`--${option} "${text}" must read NAME=VALUE.`);
    const value = text.slice(at + 1);
    try {
      found[text.slice(0, at)] = JSON.parse(value);
    } catch {
      found[text.slice(0, at)] = value; // Not JSON: plain text, as documented.
    }
  }
  return found;
}
