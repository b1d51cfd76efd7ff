import { readdir, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import type { StorageUse } from "../cells/wire/http-settings.ts";

/** Folders of `.driftbook` by what they are for; what is freeable can be made again or was thrown away by the user. */
const PLACES = [
  { name: "lake", freeable: false, about: "Parquet parts: the loaded events" },
  { name: "segments", freeable: false, about: "Accepted events as they came, until they are loaded and retired" },
  { name: "quarantine", freeable: false, about: "Events that were refused, with reason" },
  { name: "runs", freeable: false, about: "Stored results of notebooks, outputs of jobs" },
  { name: "reports", freeable: false, about: "Revisions of published reports" },
  {
    name: "monitor",
    freeable: false,
    about: "What SQL reads of jobs, written from the database; older files go by themselves",
  },
  { name: "compiled", freeable: true, about: "Compiled code of engines, which start faster with it" },
  { name: "uploads", freeable: true, about: "Files dropped in the browser; a load has copied what it needs" },
  { name: "trash", freeable: true, about: "Deleted notebooks" },
  { name: "scratch", freeable: false, about: "Temporary files of engines; removed when they end" },
] as const;

const NAMED = new Set<string>(PLACES.map((place) => place.name));

export async function storageUse(folder: string): Promise<StorageUse> {
  const root = path.join(folder, ".driftbook");
  const measured = await Promise.all(
    PLACES.map(async ({ name, about }) => ({ name, about, ...(await folderSize(path.join(root, name))) })),
  );
  const rest = await folderSize(root, NAMED);
  const parts = [...measured, { name: "other", about: "Workspace database, index, logs", ...rest }];
  const disk = await statfs(folder);
  return {
    total: parts.reduce((sum, part) => sum + part.bytes, 0),
    freeOnDisk: disk.bavail * disk.bsize,
    parts: parts.filter((part) => part.files > 0),
    freeable: PLACES.flatMap(({ name, about, freeable }) => {
      const bytes = measured.find((one) => one.name === name)!.bytes;
      return freeable && bytes > 0 ? [{ name, bytes, about }] : [];
    }),
  };
}

/** Removes what `freeable` names; null when it is not freeable. */
export async function freeStorage(folder: string, name: string): Promise<number | null> {
  if (!PLACES.some((place) => place.name === name && place.freeable)) return null;
  const place = path.join(folder, ".driftbook", name);
  const { bytes } = await folderSize(place);
  await rm(place, { recursive: true, force: true });
  return bytes;
}

async function folderSize(
  folder: string,
  except: ReadonlySet<string> = new Set(),
): Promise<{ bytes: number; files: number }> {
  let bytes = 0;
  let files = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(absent([]));
  for (const entry of entries) {
    if (except.has(entry.name)) continue;
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      const inside = await folderSize(place);
      bytes += inside.bytes;
      files += inside.files;
    } else if (entry.isFile()) {
      // Parts are replaced while we count: one that is gone counts nothing.
      bytes += (await stat(place).catch(absent({ size: 0 }))).size;
      files += 1;
    }
  }
  return { bytes, files };
}

function absent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return instead;
    throw error;
  };
}
