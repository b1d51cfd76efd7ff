import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Contract } from "../contracts/contract.ts";
import { parseContract } from "../contracts/parse-contract.ts";

/**
 * The contracts of a workspace as the loader needs them: those that parse, by stream, read again when a file changed.
 * A stream whose contract stops parsing keeps its last good one, so that what was accepted under it is still loaded.
 */
export class ContractFiles {
  private readonly folder: string;
  private readonly seen = new Map<string, { readonly stamp: string; readonly contract: Contract | null }>();
  private readonly byStream = new Map<string, Contract>();

  constructor(workspaceFolder: string) {
    this.folder = path.join(workspaceFolder, "streams");
  }

  current(): ReadonlyMap<string, Contract> {
    for (const name of yamlFiles(this.folder)) {
      const file = path.join(this.folder, name);
      const { mtimeMs, size } = statSync(file);
      const stamp = `${mtimeMs} ${size}`;
      if (this.seen.get(name)?.stamp === stamp) continue;
      const read = parseContract(readFileSync(file, "utf8"));
      this.seen.set(name, { stamp, contract: read.ok ? read.contract : null });
      if (read.ok) this.byStream.set(read.contract.stream, read.contract);
    }
    return this.byStream;
  }
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
