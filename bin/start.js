// `npm start`: installs and builds what is missing, makes a copy of the example workspace at the first start, serves it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { ensureBuilt } from "./build.js";
import { ensureDependencies, root } from "./dependencies.js";

ensureDependencies();
ensureBuilt();

const program = path.join(root, "bin", "driftbook.js");
const workspace = path.join(root, "driftbook-example");
if (!existsSync(path.join(workspace, "driftbook.yaml"))) {
  const made = spawnSync(process.execPath, [program, "init", workspace, "--example", "card-fraud"], {
    stdio: ["ignore", 2, 2],
  });
  if (made.status !== 0) process.exit(made.status ?? 1);
}
const server = spawn(process.execPath, [program, "serve", workspace, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code ?? 1);
});
