import { readdir, stat } from "node:fs/promises";
import path from "node:path";

const MOST_FILES = 500;
const READABLE = /\.(csv|tsv|json|ndjson|jsonl|parquet)$/i;

export interface DataFile {
  /** Relative to the workspace, with `/`: `data/loans.csv`. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
}

/** Files under `data/` that SQL can read; links are left out because engines refuse what they lead to. */
export async function dataFilesOf(folder: string): Promise<DataFile[]> {
  const found: DataFile[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    const entries = await readdir(path.join(folder, relative), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      },
    );
    for (const entry of entries) {
      if (entry.name.startsWith(".") || found.length >= MOST_FILES) continue;
      const name = `${relative}/${entry.name}`;
      if (entry.isDirectory() && depth < 8) await visit(name, depth + 1);
      else if (entry.isFile() && READABLE.test(entry.name)) {
        const { size, mtime } = await stat(path.join(folder, name));
        found.push({ path: name, bytes: size, modifiedAt: mtime.toISOString() });
      }
    }
  };
  await visit("data", 0);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
