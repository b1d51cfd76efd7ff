import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "@deno/linux-x64-glibc",
  "linux-arm64": "@deno/linux-arm64-glibc",
  "darwin-arm64": "@deno/darwin-arm64",
  "darwin-x64": "@deno/darwin-x64",
  "win32-x64": "@deno/win32-x64",
  "win32-arm64": "@deno/win32-arm64",
};

/**
 * The Deno executable of the package for this platform: it lies in the package, no install script has to run.
 * @throws Error naming the package that is missing.
 */
export function denoBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined)
    throw new Error(`There is no Deno package for ${platform}; TypeScript cells cannot run here.`);
  // The platform's package is a dependency of `deno`, which need not be hoisted beside us.
  const own = createRequire(import.meta.url);
  for (const require of [own, createRequire(own.resolve("deno/package.json"))]) {
    try {
      const folder = path.dirname(require.resolve(`${name}/package.json`));
      const file = path.join(folder, process.platform === "win32" ? "deno.exe" : "deno");
      if (existsSync(file)) return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Error(`The package ${name} is not installed; run npm ci again, with optional dependencies.`);
}
