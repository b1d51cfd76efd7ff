// Builds what a browser and the TypeScript kernel load, when a source is newer than what was built.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ensureDependencies, root } from "./dependencies.js";
import { nodePath } from "./node-path.js";

function newestMillis(place) {
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(place).map((name) => newestMillis(path.join(place, name))));
}

const PARTS = [
  {
    what: "the kernel's bootstrap",
    output: "dist/kernel",
    from: ["cells", "kernels/typescript"],
    command: ["kernels/typescript/build-bootstrap.ts"],
  },
  {
    what: "the pages",
    output: "dist/web",
    from: ["cells", "client"],
    command: ["node_modules/vite/bin/vite.js", "build", "--config", "bin/vite.config.js", "--logLevel", "warn"],
  },
];

/** Builds every part that is out of date; exits when one fails. */
export function ensureBuilt({ always = false } = {}) {
  const lock = statSync(path.join(root, "package-lock.json")).mtimeMs;
  for (const { what, output, from, command } of PARTS) {
    const built = path.join(root, output);
    const sources = Math.max(lock, ...from.map((place) => newestMillis(path.join(root, place))));
    if (!always && existsSync(built) && newestMillis(built) >= sources) continue;
    console.error(`Building ${what} …`);
    const done = spawnSync(nodePath(), command, { cwd: root, stdio: ["ignore", 2, 2] });
    if (done.status !== 0) {
      console.error(`Building ${what} failed: see above.`);
      process.exit(done.status ?? 1);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureDependencies();
  ensureBuilt({ always: true });
}
