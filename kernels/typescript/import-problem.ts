import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "../../cells/session/operation.ts";
import { run } from "../lifecycle/spawn.ts";
import { denoBinary } from "./deno-binary.ts";
import { packageArguments } from "./package-arguments.ts";
import { packageProblem } from "./package-problem.ts";

const PATIENCE_MILLIS = 15_000;

export interface ImportPlaces {
  /** Where `deno.json` and `deno.lock` lie. */
  readonly packageFolder: string;
  /** Where kernels find packages that were loaded once. */
  readonly cacheFolder: string;
  /** For a file that is gone afterwards. */
  readonly scratchFolder: string;
}

/** Why a cell could not load one of these modules, in the words of a run; null where it could. Nothing of them runs. */
export async function importProblem(
  modules: readonly string[],
  { packageFolder, cacheFolder, scratchFolder }: ImportPlaces,
): Promise<Problem | null> {
  if (modules.length === 0) return null;
  const file = path.join(scratchFolder, `imports-${randomBytes(8).toString("hex")}.ts`);
  await mkdir(scratchFolder, { recursive: true });
  await writeFile(file, modules.map((name) => `import ${JSON.stringify(name)};\n`).join(""));
  try {
    // The one command of Deno that finds all modules without the network and without running any.
    const args = ["test", "--no-run", "--no-check", ...packageArguments(packageFolder), file];
    const env = { DENO_DIR: cacheFolder, HOME: cacheFolder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
    const { code, stderr } = await run(denoBinary(), args, { env, timeoutMillis: PATIENCE_MILLIS });
    if (code === 0) return null;
    const [said = ""] = stderr.replace(/^error: /, "").split("\n    at file:");
    return packageProblem({ message: said.trim() });
  } finally {
    await rm(file, { force: true });
  }
}
