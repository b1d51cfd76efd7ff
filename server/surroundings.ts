import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Mark } from "../cells/monitoring/mark.ts";
import { dataFilesOf } from "./data-files.ts";

/**
 * A digest that changes with all that results depend on beside cells and as-of: contracts, marks, the package lock, and
 * the state (size and time) of the files under `data/`.
 */
export async function surroundingsOf(
  folder: string,
  contractHashes: readonly string[],
  marks: readonly Mark[],
): Promise<string> {
  const digest = createHash("sha256");
  for (const hash of contractHashes.toSorted()) digest.update(`contract ${hash}\n`);
  for (const id of marks.map((mark) => mark.id).toSorted()) digest.update(`mark ${id}\n`);
  for (const name of ["deno.json", "deno.lock"]) digest.update(`${name} ${await hashOf(path.join(folder, name))}\n`);
  for (const file of await dataFilesOf(folder)) digest.update(`${file.path} ${file.bytes} ${file.modifiedAt}\n`);
  return digest.digest("hex").slice(0, 16);
}

const known = new Map<string, { mtimeMs: number; hash: string }>();

async function hashOf(file: string): Promise<string> {
  try {
    const { mtimeMs } = await stat(file);
    const held = known.get(file);
    if (held?.mtimeMs === mtimeMs) return held.hash;
    const hash = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    known.set(file, { mtimeMs, hash });
    return hash;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "absent";
    throw error;
  }
}
