import { randomBytes } from "node:crypto";
import { type Dirent, readdirSync, rmSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Paths below the revision's folder, such as `0/page.html`, with what stands there. */
export type RevisionFiles = ReadonlyMap<string, string>;

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const FILE = /^\d{1,2}\/(page\.html|tables\/[A-Za-z0-9_-]{1,80}\.(csv|json))$/;

/**
 * Files of revisions, below `.driftbook/reports/<slug>/<number>/`. They are there, whole and flushed, before the row
 * that tells of them; what has no row was left by a crash and goes when the workspace is opened.
 */
export class ReportFiles {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = path.join(folder, ".driftbook", "reports");
  }

  /** Writes beside, flushes, renames, flushes. What lies there without a row is replaced. */
  async keep(slug: string, number: number, files: RevisionFiles): Promise<void> {
    const parent = this.#folderOf(slug);
    const temporary = path.join(parent, `.${number}-${randomBytes(6).toString("hex")}`);
    const folders = new Set<string>([temporary]);
    try {
      await mkdir(temporary, { recursive: true });
      for (const [name, text] of files) {
        if (!FILE.test(name)) throw new Error(`"${name}" cannot name a file of a report.`);
        const file = path.join(temporary, name);
        await mkdir(path.dirname(file), { recursive: true });
        folders.add(path.dirname(file));
        await flushed(file, "wx", text);
      }
      for (const folder of folders) await flushed(folder, "r");
      await rm(path.join(parent, String(number)), { recursive: true, force: true });
      await rename(temporary, path.join(parent, String(number)));
      await flushed(parent, "r");
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** Null where there is no such file; any other failure is thrown. */
  async read(slug: string, number: number, name: string): Promise<Buffer | null> {
    if (!FILE.test(name)) return null;
    try {
      return await readFile(path.join(this.#folderOf(slug), String(number), name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  async remove(slug: string, number: number): Promise<void> {
    await rm(path.join(this.#folderOf(slug), String(number)), { recursive: true, force: true });
  }

  /** Removes what `isKnown` does not know. @returns how many folders went */
  sweep(isKnown: (slug: string, number: number) => boolean): number {
    let removed = 0;
    for (const { name: slug } of folders(this.#folder))
      for (const { name } of folders(path.join(this.#folder, slug)))
        if (!/^[1-9]\d*$/.test(name) || !isKnown(slug, Number(name))) {
          rmSync(path.join(this.#folder, slug, name), { recursive: true, force: true });
          removed++;
        }
    return removed;
  }

  #folderOf(slug: string): string {
    if (!SLUG.test(slug)) throw new Error(`"${slug}" cannot name a report.`);
    return path.join(this.#folder, slug);
  }
}

function folders(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function flushed(file: string, flags: "wx" | "r", text?: string): Promise<void> {
  const handle = await open(file, flags);
  try {
    if (text !== undefined) await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
