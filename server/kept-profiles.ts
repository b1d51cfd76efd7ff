import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ProfileStore } from "../kernels/session/ports.ts";

const MOST_BYTES = 256 * 1024 * 1024;
/** Between two looks at how much there is. */
const WRITES_BETWEEN = 500;

/**
 * Counts that monitoring cells made of rows that do not change any more, under `.driftbook/profiles/`. They can be made
 * again: a write is atomic but not flushed, and those not used for longest go when there are more than 256 MB.
 */
export function keptProfiles(folder: string): ProfileStore {
  const place = path.join(folder, ".driftbook", "profiles");
  let writes = 0;
  const fileOf = (key: string): string => path.join(place, key.slice(0, 2), key);
  return {
    async load(key) {
      const file = fileOf(key);
      try {
        const bytes = await readFile(file);
        const now = new Date();
        await utimes(file, now, now).catch(() => undefined); // Only says that it is still of use.
        return bytes;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    async keep(key, bytes) {
      const file = fileOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      const temporary = `${file}.${process.pid}.${writes}.tmp`;
      writes += 1;
      await writeFile(temporary, bytes);
      await rename(temporary, file);
      if (writes % WRITES_BETWEEN === 0) await forgetOldest(place);
    },
  };
}

async function forgetOldest(place: string): Promise<void> {
  const files: { readonly file: string; readonly bytes: number; readonly used: number }[] = [];
  for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const found = await stat(file).catch(() => null);
    if (found !== null) files.push({ file, bytes: found.size, used: found.mtimeMs });
  }
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { file, bytes } of files.toSorted((a, b) => a.used - b.used)) {
    if (total <= MOST_BYTES) return;
    await rm(file, { force: true });
    total -= bytes;
  }
}
