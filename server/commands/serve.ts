import process from "node:process";
import { openInBrowser } from "../open-in-browser.ts";
import { isLoopback, serve } from "../serve.ts";
import { type Command, type Invocation, textOption, UsageError } from "./command.ts";

const DEFAULT_PORT = 7420;

export const serveCommand: Command = {
  usage: ["driftbook serve [DIR] [--port 7420] [--host 127.0.0.1] [--open] [--new-token]"],
  summary: "Serve a workspace to browsers and scripts",
  about: [
    "--port N   0 takes a free port",
    "--host A   another address than this machine's own needs authentication for several people, which is not there yet",
    "--open     open the link in the browser",
    "--new-token  change the link's token, which signs every browser out",
  ],
  options: {
    port: { type: "string" },
    host: { type: "string" },
    open: { type: "boolean" },
    "new-token": { type: "boolean" },
  },
  arguments: { min: 0, max: 1 },
  async run(invocation) {
    const folder = invocation.workspace(invocation.positionals[0]);
    const host = textOption(invocation, "host") ?? "127.0.0.1";
    if (!isLoopback(host))
      throw new UsageError(
        `--host ${host} would show this workspace to other machines, and no authentication is configured. Serve 127.0.0.1 and put a proxy with authentication in front.`,
      );
    const stopping = stopSignal();
    const serving = await startServing(invocation, folder, host);
    invocation.print(`Driftbook is ready: ${serving.link}`);
    if (invocation.values.open === true) {
      const problem = await openInBrowser(serving.link, invocation.configuration.childEnvironment);
      if (problem !== null) invocation.note(`${problem}. Open the link yourself.`);
    }
    await stopping;
    invocation.note("Stopping.");
    await serving.close();
    return 0;
  },
};

async function startServing(invocation: Invocation, folder: string, host: string) {
  const port = readPort(textOption(invocation, "port"));
  try {
    return await serve({
      folder,
      host,
      port,
      newToken: invocation.values["new-token"] === true,
      configuration: invocation.configuration,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UsageError(`Port ${port} of ${host} is in use. Take another with --port, or 0 for any free one.`, error);
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`--port "${text}" must be a number from 0 to 65535.`);
  return port;
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
  });
}
