import { existsSync } from "node:fs";
import path from "node:path";

/** Deno's options for what `deno.json` and `deno.lock` of a folder name: as locked, and never from the network. */
export function packageArguments(folder: string): string[] {
  const configuration = ["deno.json", "deno.jsonc"].map((name) => path.join(folder, name)).find(existsSync);
  const lock = path.join(folder, "deno.lock");
  return [
    "--no-prompt",
    "--cached-only",
    "--quiet",
    ...(configuration === undefined ? ["--no-config"] : [`--config=${configuration}`, "--node-modules-dir=none"]),
    ...(existsSync(lock) ? [`--lock=${lock}`, "--frozen"] : ["--no-lock"]),
  ];
}
