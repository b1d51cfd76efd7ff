import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Serial } from "../kernels/lifecycle/serial.ts";
import { compareContracts } from "../workspaces/contracts/compare-contracts.ts";
import { parseContract } from "../workspaces/contracts/parse-contract.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import { HttpError } from "./http-error.ts";
import { writeAtomically } from "./write-atomically.ts";

export interface ContractText {
  /** Relative to the workspace. */
  readonly path: string;
  readonly text: string;
  /** Of the text: the ETag. */
  readonly hash: string;
}

/** The texts of contracts, as the edges read and write them. Writes happen one at a time. */
export class ContractFiles {
  readonly #workspace: Workspace;
  readonly #writes = new Serial();
  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Null when no file under `streams/` is this stream's. */
  async read(stream: string): Promise<ContractText | null> {
    const listed = this.#workspace.contracts.list().find((one) => one.stream === stream);
    if (listed === undefined) return null;
    const text = await readFile(path.join(this.#workspace.folder, listed.path), "utf8");
    return { path: listed.path, text, hash: hashOf(text) };
  }

  /**
   * A new contract, or with `ifMatch` a changed one.
   * @throws HttpError 422 for a text that does not fit, 409 for a narrowed type over rows, 412 and 428 for a stale edit
   */
  write(stream: string, text: string, ifMatch: string | null): Promise<ContractText> {
    return this.#writes.run(stream, async () => {
      const read = parseContract(text);
      if (!read.ok)
        throw new HttpError(422, read.problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n"));
      if (read.contract.stream !== stream)
        throw new HttpError(
          422,
          `The contract is of the stream "${read.contract.stream}", and was sent for "${stream}".`,
        );
      const present = await this.read(stream);
      if (present !== null && ifMatch === null)
        throw new HttpError(428, `"${stream}" has a contract already.`, {
          hint: "Send If-Match with the hash of the text that you changed.",
        });
      if (present !== null && ifMatch!.replaceAll('"', "") !== present.hash)
        throw new HttpError(412, `The contract of "${stream}" was changed meanwhile; read it again.`);
      this.#refuseNarrowing(stream, read.contract);
      const relative = present?.path ?? `streams/${stream}.yaml`;
      await writeAtomically(path.join(this.#workspace.folder, relative), text);
      this.#workspace.contracts.changed();
      return { path: relative, text, hash: hashOf(text) };
    });
  }

  #refuseNarrowing(stream: string, next: Parameters<typeof compareContracts>[1]): void {
    const before = this.#workspace.contracts.get(stream);
    const figures = this.#workspace.figures(stream);
    if (before === null || figures === null) return;
    for (const { name, from, to, narrowing } of compareContracts(before, next)) {
      const rows = name === "label" ? figures.feedback : figures.decisions;
      if (narrowing && rows > 0)
        throw new HttpError(409, `${name}: ${rows} rows hold ${from}, which may not fit ${to}.`, {
          hint: "Add a feature under another name and leave this one as it is.",
        });
    }
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
