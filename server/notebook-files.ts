import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { HttpError } from "./http-error.ts";
import { notebookFile, notebookPathProblem } from "./notebook-path.ts";
import { writeAtomically } from "./write-atomically.ts";

export interface NotebookText {
  readonly path: string;
  readonly text: string;
  readonly hash: string;
  readonly modifiedAt: string;
}
export interface NotebookFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMillis: number;
}

const MOST_NOTEBOOKS = 5000;
const DEEPEST = 8;

export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The `*.nb.md` files of a workspace folder. Paths are checked here, so that callers may pass what a client sent. */
export class NotebookFiles {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** By path; hidden folders, `node_modules` and links are not looked into. */
  async list(): Promise<NotebookFile[]> {
    const found: NotebookFile[] = [];
    const visit = async (relative: string, depth: number): Promise<void> => {
      for (const entry of await readdir(path.join(this.#folder, relative), { withFileTypes: true })) {
        const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
        if (entry.isDirectory() && depth < DEEPEST && !entry.name.startsWith(".") && entry.name !== "node_modules")
          await visit(name, depth + 1);
        else if (entry.isFile() && notebookPathProblem(name) === null && found.length < MOST_NOTEBOOKS) {
          const { size, mtimeMs } = await stat(path.join(this.#folder, name));
          found.push({ path: name, bytes: size, modifiedMillis: mtimeMs });
        }
      }
    };
    await visit("", 0);
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The absolute file; see `notebookFile` for what is refused. */
  file(name: string): Promise<string> {
    return notebookFile(this.#folder, name);
  }

  async isThere(name: string): Promise<boolean> {
    try {
      await stat(await this.file(name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return false;
    }
  }

  /** @throws HttpError 404 */
  async read(name: string): Promise<NotebookText> {
    const file = await this.file(name);
    try {
      const [text, { mtime }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
      return { path: name, text, hash: textHash(text), modifiedAt: mtime.toISOString() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new HttpError(404, `There is no notebook "${name}".`, { cause: error });
    }
  }

  async write(name: string, text: string): Promise<void> {
    await writeAtomically(await this.file(name), text);
  }

  /** @throws HttpError 409 where the path is taken. */
  async create(name: string, text: string): Promise<void> {
    try {
      await writeAtomically(await this.file(name), text, true);
    } catch (error) {
      throw taken(error, name);
    }
  }

  /** Never over another file. @throws HttpError 404, 409 */
  async move(name: string, to: string): Promise<void> {
    const { text } = await this.read(name);
    const [from, target] = [await this.file(name), await this.file(to)];
    // Reserves the new name first, so that two moves cannot both win; then takes its place.
    await this.create(to, text);
    await rename(from, target);
  }

  /** Into `.driftbook/trash`, not away. */
  async remove(name: string): Promise<void> {
    const { text } = await this.read(name);
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
    const kept = path.join(this.#folder, ".driftbook", "trash", `${stamp} ${name.replaceAll("/", " - ")}`);
    await writeAtomically(kept, text);
    await rm(await this.file(name));
  }
}

function taken(error: unknown, name: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") return error;
  return new HttpError(409, `"${name}" exists already; take another name.`, { cause: error });
}
