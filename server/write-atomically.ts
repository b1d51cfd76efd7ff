import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/**
 * The whole text or nothing: written beside the file, flushed, then moved over it, and the folder flushed.
 * With `exclusive` an existing file is never replaced: the write fails with EEXIST.
 */
export async function writeAtomically(file: string, text: string, exclusive = false): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(file).slice(0, 60)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (exclusive) await link(temporary, file);
    else await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Removes what `writeAtomically` left in a folder when its process died. Nobody may write there meanwhile. */
export function removeUnfinished(folder: string): void {
  for (const name of namesIn(folder))
    if (/^\..+\.[0-9a-f]{12}\.tmp$/.test(name)) rmSync(path.join(folder, name), { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
