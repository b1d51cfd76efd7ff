import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { importProblem } from "../../kernels/typescript/import-problem.ts";
import { packageCache } from "../kernels.ts";
import { writeAtomically } from "../write-atomically.ts";

const FILES = ["deno.json", "deno.lock"] as const;
const frozen = z.partialRecord(z.enum(FILES), z.string());

/** The workspace's packages as text that a version holds: which are named, and what exactly is locked. Null for none. */
export async function freezePackages(folder: string): Promise<string | null> {
  const found: Partial<Record<(typeof FILES)[number], string>> = {};
  for (const name of FILES) {
    try {
      found[name] = await readFile(path.join(folder, name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return Object.keys(found).length === 0 ? null : JSON.stringify(found);
}

/** Why cells could not load one of these modules as things stand; a sentence, or null. Runs nothing of them. */
export async function packagesProblem(modules: readonly string[], folder: string): Promise<string | null> {
  try {
    const problem = await importProblem(modules, {
      packageFolder: folder,
      cacheFolder: packageCache(folder),
      scratchFolder: path.join(folder, ".driftbook", "scratch", "imports"),
    });
    if (problem === null) return null;
    return problem.hint === undefined ? problem.message : `${problem.message} ${problem.hint}`;
  } catch (error) {
    // No reason to refuse: the run says what it meets.
    return `Whether the packages of its cells are installed could not be told: ${(error as Error).message}.`;
  }
}

/** A folder that holds what `freezePackages` gave, below `.driftbook/packages/`; made once. */
export async function thawPackages(folder: string, lock: string): Promise<string> {
  const place = path.join(
    folder,
    ".driftbook",
    "packages",
    createHash("sha256").update(lock).digest("hex").slice(0, 16),
  );
  for (const [name, text] of Object.entries(frozen.parse(JSON.parse(lock))))
    if ((await readFile(path.join(place, name), "utf8").catch(() => null)) !== text)
      await writeAtomically(path.join(place, name), text);
  return place;
}
