import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import process from "node:process";
import { createApp } from "./app.ts";
import type { Configuration } from "./configuration.ts";
import { newSecret } from "./gate/secrets.ts";
import { startUpToken } from "./gate/start-up-token.ts";
import { openLog } from "./log.ts";
import { openServices } from "./open-services.ts";
import type { Services } from "./services.ts";

export interface ServeWish {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly configuration: Configuration;
  /** Change the link's token, which signs every browser out. */
  readonly newToken?: boolean;
  /** Serve the due times of jobs; true if absent. */
  readonly schedules?: boolean;
}
export interface Serving {
  /** The link that signs a browser in. */
  readonly link: string;
  /** `http://127.0.0.1:7420` */
  readonly origin: string;
  /** Admits as the command line does. */
  readonly localSecret: string;
  readonly services: Services;
  close(): Promise<void>;
}

/** What `.driftbook/server.json` tells commands on this machine; its mode is 0600 because the secret admits to everything. */
export interface ServerFile {
  readonly pid: number;
  readonly port: number;
  readonly host: string;
  readonly secret: string;
}

export function serverFilePath(folder: string): string {
  return path.join(folder, ".driftbook", "server.json");
}

/** Opens the workspace and answers on `host:port`; resolves when it does. */
export async function serve(wish: ServeWish): Promise<Serving> {
  const token = wish.configuration.token ?? startUpToken(wish.folder, wish.newToken ?? false);
  const localSecret = newSecret();
  const log = openLog(path.join(wish.folder, ".driftbook", "server.log"));
  let port = wish.port;
  const services = await openServices({
    folder: wish.folder,
    configuration: wish.configuration,
    log,
    token,
    localSecret,
    address: () => ({ host: wish.host, port }),
  });
  const app = createApp(services);
  try {
    await app.listen({ host: wish.host, port: wish.port });
  } catch (error) {
    await services.close();
    throw error;
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === "string") throw new Error("The server has no port after listening.");
  port = bound.port;
  if (wish.schedules !== false)
    services.jobs
      .start()
      .catch((error: unknown) => log.write("error", "jobs did not start", { problem: String(error) }));
  services.alerts.start();
  services.reports.follower.catchUp();
  const file = serverFilePath(wish.folder);
  const content: ServerFile = { pid: process.pid, port, host: loopbackFor(wish.host), secret: localSecret };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  chmodSync(file, 0o600);
  log.write("info", "listening", { host: wish.host, port, version: wish.configuration.version });
  const origin = `http://${bracketed(loopbackFor(wish.host))}:${port}`;
  return {
    link: `${origin}/?token=${token}`,
    origin,
    localSecret,
    services,
    async close() {
      // Only our own file: a successor may have written its own already.
      if (readServerFile(wish.folder)?.pid === process.pid) rmSync(file, { force: true });
      await app.close();
      log.write("info", "stopped");
      await services.close();
    },
  };
}

/** Null when there is none or it cannot be read as one. */
export function readServerFile(folder: string): ServerFile | null {
  try {
    return JSON.parse(readFileSync(serverFilePath(folder), "utf8")) as ServerFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return null;
    throw error;
  }
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function loopbackFor(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
