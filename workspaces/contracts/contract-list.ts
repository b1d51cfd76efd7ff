import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Contract } from "./contract.ts";
import { parseContract } from "./parse-contract.ts";

export interface ListedContract {
  /** From the contract, or the file's name while it does not parse. */
  readonly stream: string;
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly contract: Contract | null;
  /** Line and what is wrong; null when it parses. */
  readonly problem: string | null;
}

const LOOK_EVERY_MILLIS = 500;

/** The contracts under `streams/`, read again when a file changed; looked at twice a second at most. */
export class ContractList {
  readonly #folder: string;
  readonly #seen = new Map<string, { readonly stamp: string; readonly listed: ListedContract }>();
  #lookedMillis = Number.NEGATIVE_INFINITY;
  #list: readonly ListedContract[] = [];

  constructor(workspaceFolder: string) {
    this.#folder = path.join(workspaceFolder, "streams");
  }

  list(): readonly ListedContract[] {
    const now = performance.now();
    if (now - this.#lookedMillis < LOOK_EVERY_MILLIS) return this.#list;
    this.#lookedMillis = now;
    const taken = new Map<string, string>();
    this.#list = names(this.#folder).map((name) => {
      const listed = this.#read(name);
      const other = taken.get(listed.stream);
      taken.set(listed.stream, listed.path);
      if (other === undefined || listed.contract === null) return listed;
      return { ...listed, contract: null, problem: `stream: ${listed.stream} is the contract of ${other} already` };
    });
    return this.#list;
  }

  /** Those that parse. */
  present(): Contract[] {
    return this.list().flatMap(({ contract }) => (contract === null ? [] : [contract]));
  }

  get(stream: string): Contract | null {
    return this.list().find((one) => one.stream === stream && one.contract !== null)?.contract ?? null;
  }

  /** A file was written by this process: the next look is a fresh one. */
  changed(): void {
    this.#lookedMillis = Number.NEGATIVE_INFINITY;
  }

  #read(name: string): ListedContract {
    const file = path.join(this.#folder, name);
    const { mtimeMs, size } = statSync(file);
    const stamp = `${mtimeMs} ${size}`;
    const seen = this.#seen.get(name);
    if (seen?.stamp === stamp) return seen.listed;
    const read = parseContract(readFileSync(file, "utf8"));
    const listed: ListedContract = {
      stream: read.ok ? read.contract.stream : name.replace(/\.ya?ml$/, ""),
      path: `streams/${name}`,
      contract: read.ok ? read.contract : null,
      problem: read.ok ? null : read.problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n"),
    };
    this.#seen.set(name, { stamp, listed });
    return listed;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[^.].*\.ya?ml$/.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
