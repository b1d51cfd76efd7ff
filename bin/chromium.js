// Finds a Chromium for the browser tests, or fetches one the way the machine allows. Plain JavaScript for Node 20.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { root } from "./dependencies.js";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

async function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${JSON.stringify(named)}, which does not exist.`);
  }
  for (const folder of (process.env.PATH ?? "").split(path.delimiter))
    for (const name of NAMES) if (existsSync(path.join(folder, name))) return path.join(folder, name);
  const { chromium } = await import("playwright-core");
  return [...PLACES, chromium.executablePath()].find((place) => place && existsSync(place)) ?? null;
}

function attempt(command, args) {
  console.error(`No Chromium found: trying ${command} ${args.join(" ")} …`);
  return spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] }).status === 0;
}

/** Path of a Chromium; installs one when there is none; throws a sentence when that is impossible. */
export async function ensureChromium() {
  const found = await findChromium();
  if (found !== null) return found;
  if (process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    if (attempt("apt-get", ["update", "-q"]) && attempt("apt-get", ["install", "-y", "-q", "chromium"])) {
      const installed = await findChromium();
      if (installed !== null) return installed;
    }
  }
  attempt(process.execPath, ["node_modules/playwright-core/cli.js", "install", "chromium"]);
  const fetched = await findChromium();
  if (fetched !== null) return fetched;
  throw new Error(
    "The browser tests need a Chromium and none could be installed. Install one, or name it in CHROMIUM_PATH.",
  );
}
