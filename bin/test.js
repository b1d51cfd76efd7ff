// `npm test`: types, lint, unused code, and every test, browser tests included. The last line is "N passed, N failed".
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { ensureBuilt } from "./build.js";
import { ensureChromium } from "./chromium.js";
import { ensureDependencies, root } from "./dependencies.js";
import { nodePath } from "./node-path.js";

ensureDependencies();
ensureBuilt();
const node = nodePath();
const chromium = await ensureChromium();
const folder = mkdtempSync(path.join(os.tmpdir(), "driftbook-test-"));
const report = path.join(folder, "report.json");
const env = {
  ...process.env,
  CHROMIUM_PATH: chromium,
  PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
};
let passed = 0;
let failed = 0;

function check(what, command) {
  console.log(`\n── ${what}`);
  const done = spawnSync(node, command, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
  if (done.status === 0) passed += 1;
  else failed += 1;
  return done.status === 0;
}

check("types, room by room", ["node_modules/typescript/bin/tsc", "-b"]);
check("format and lint", ["node_modules/@biomejs/biome/bin/biome", "check", "."]);
check("unused code", ["node_modules/knip/bin/knip.js", "--no-progress"]);
console.log("\n── tests");
const tests = spawnSync(
  node,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"], env },
);
try {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests;
  // A file that fails before its first test counts as one failure.
  failed +=
    numFailedTests +
    testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  if (tests.status !== 0 && failed === 0) failed = 1;
} catch (error) {
  console.error(`The test runner left no report: ${error.message}`);
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
