#!/usr/bin/env node
// The program's front door: runs the command line under the packaged Node, from source in a checkout and compiled when installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { codeCacheEnvironment, nodePath } from "./node-path.js";

const source = fileURLToPath(new URL("../server/main.ts", import.meta.url));
const compiled = fileURLToPath(new URL("../dist/server/main.js", import.meta.url));
let node;
try {
  node = nodePath();
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
const child = spawn(
  node,
  ["--disable-warning=ExperimentalWarning", existsSync(source) ? source : compiled, ...process.argv.slice(2)],
  {
    stdio: "inherit",
    env: { ...process.env, ...codeCacheEnvironment() },
  },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`Driftbook could not start ${node}: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code ?? 1);
});
