import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ResultsStore } from "../kernels/session/ports.ts";
import { textHash } from "./notebook-files.ts";

const placeOf = (folder: string, notebook: string): string =>
  path.join(folder, ".driftbook", "runs", textHash(notebook));

/** The notebook has another path now. What a notebook of that path left, which is gone, gives way. */
export async function moveStoredResults(folder: string, from: string, to: string): Promise<void> {
  await rm(placeOf(folder, to), { recursive: true, force: true });
  try {
    await rename(placeOf(folder, from), placeOf(folder, to));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/**
 * What a notebook's last runs gave, below `.driftbook/runs/`, by the hash of its path. Results can be made again, so a
 * write is atomic but not flushed: after a power cut an older result stands there.
 */
export function storedResults(folder: string, notebook: string): ResultsStore {
  const place = placeOf(folder, notebook);
  const file = (name: string): string => {
    if (!/^[A-Za-z0-9-]{1,100}$/.test(name)) throw new Error(`"${name}" cannot name a stored result.`);
    return path.join(place, name);
  };
  return {
    async load(name) {
      try {
        return await readFile(file(name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    async keep(name, bytes) {
      if (bytes === null) return rm(file(name), { force: true });
      await mkdir(place, { recursive: true });
      const temporary = `${file(name)}.${randomBytes(6).toString("hex")}.tmp`;
      const handle = await open(temporary, "wx");
      try {
        await handle.writeFile(bytes);
      } finally {
        await handle.close();
      }
      await rename(temporary, file(name));
    },
  };
}
