import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { extract } from "tar";
import { type BackupManifest, MANIFEST } from "./write-backup.ts";

export interface RestoreDone {
  readonly folder: string;
  readonly at: string;
  readonly files: number;
}

/**
 * A backup as a new workspace in `folder`, which must be absent or empty. Checked against the backup's own list before
 * it takes its place, so a damaged backup leaves nothing behind. Paths that lead out of the folder and links are refused.
 * @throws Error with a sentence.
 */
export async function restoreBackup(file: string, folder: string): Promise<RestoreDone> {
  if (!existsSync(file)) throw new Error(`There is no backup ${JSON.stringify(file)}.`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${JSON.stringify(folder)} is not empty; a backup is restored into a new folder.`);
  const temporary = `${path.resolve(folder)}.restoring`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    const refused: string[] = [];
    try {
      await extract({
        file,
        cwd: temporary,
        strict: true,
        filter: (name, entry) => {
          const isPlain =
            !("type" in entry) || entry.type === "File" || entry.type === "OldFile" || entry.type === "Directory";
          if (!isPlain || path.isAbsolute(name) || name.split("/").includes("..")) refused.push(name);
          return isPlain;
        },
      });
    } catch (error) {
      throw new Error(
        `${JSON.stringify(file)} is damaged or no backup: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    if (refused.length > 0)
      throw new Error(
        `${JSON.stringify(file)} is no backup: it holds ${JSON.stringify(refused[0])}, which may not be in one.`,
      );
    const manifest = readManifest(temporary, file);
    for (const { path: name, bytes } of manifest.files) {
      const found = path.join(temporary, name);
      if (!existsSync(found) || statSync(found).size !== bytes)
        throw new Error(`${JSON.stringify(file)} is damaged: ${name} is missing or has another length.`);
    }
    await rm(path.join(temporary, MANIFEST));
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return { folder, at: manifest.at, files: manifest.files.length };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function readManifest(folder: string, file: string): BackupManifest {
  const place = path.join(folder, MANIFEST);
  if (!existsSync(place)) throw new Error(`${JSON.stringify(file)} is no backup: it has no ${MANIFEST}.`);
  return JSON.parse(readFileSync(place, "utf8")) as BackupManifest;
}
