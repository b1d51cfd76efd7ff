import { writeFile } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "./command.ts";

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "its disk may only be read",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
};

/** What a command was told to leave in a file. `isNew`: a file that is there stays as it is. @throws UsageError why it cannot */
export async function writeTo(file: string, content: string | Uint8Array, { isNew = false } = {}): Promise<void> {
  try {
    await writeFile(file, content, { flag: isNew ? "wx" : "w" });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new UsageError(`"${file}" exists already; take another name.`, error);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new UsageError(`"${file}" cannot be written: there is no folder "${path.dirname(file)}".`, error);
    if (!Object.hasOwn(REASONS, code)) throw error;
    throw new UsageError(`"${file}" cannot be written: ${REASONS[code]}.`, error);
  }
}
