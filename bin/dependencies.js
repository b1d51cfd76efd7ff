// Installs the locked dependencies when they are missing or are not those of the lock file. Plain JavaScript for Node 20.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The first locked package that is absent or of another version; null when all are there. */
function firstMissing() {
  const installed = path.join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return "node_modules";
  const wanted = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(installed, "utf8")).packages;
  for (const [name, { version, optional }] of Object.entries(wanted)) {
    if (name === "" || (optional && present[name] === undefined)) continue;
    if (present[name]?.version !== version) return name;
  }
  return null;
}

/** Leaves `node_modules` as the lock file says; exits with the installer's code when that fails. */
export function ensureDependencies() {
  const missing = firstMissing();
  if (missing === null) return;
  console.error(`Installing the locked dependencies (${missing} is missing or not the locked version) …`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) {
    console.error("npm ci failed: see above. Driftbook needs the npm registry once, to install its dependencies.");
    process.exit(done.status ?? 1);
  }
}
