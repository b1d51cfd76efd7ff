import { randomBytes } from "node:crypto";
import type { Configuration } from "./configuration.ts";
import { Audit } from "./gate/audit.ts";
import { BrowserSessions } from "./gate/browser-sessions.ts";
import { Gate } from "./gate/gate.ts";
import { Keys } from "./gate/keys.ts";
import { HttpError } from "./http-error.ts";
import type { Log } from "./log.ts";
import { loginPage } from "./login-page.ts";
import { openMetadata } from "./metadata.ts";
import { Metrics } from "./metrics.ts";
import { NotebookFiles } from "./notebook-files.ts";
import { Notebooks } from "./notebooks.ts";
import { Serial } from "./serial.ts";
import type { Services } from "./services.ts";
import { WebFiles } from "./web-files.ts";

export interface Opening {
  readonly folder: string;
  readonly configuration: Configuration;
  readonly log: Log;
  readonly token: string;
  readonly localSecret: string;
  /** 0 until the server listens; names are asked for with each request. */
  readonly address: () => { readonly host: string; readonly port: number };
}

/** Wires the parts together over one workspace folder. `close` ends every child process that was started. */
export async function openServices(opening: Opening): Promise<Services & { close(): Promise<void> }> {
  const { folder, configuration, log } = opening;
  const database = openMetadata(folder);
  const keys = new Keys(database);
  const sessions = new BrowserSessions(database, opening.token);
  const url: string | null = null;
  const cookieName = () => `driftbook_${opening.address().port}`;
  const gate = new Gate({
    keys,
    sessions,
    localSecret: opening.localSecret,
    names: () => names(opening.address(), url),
    cookieName,
  });
  const notebookFiles = new NotebookFiles(folder);
  const notebooks = new Notebooks({
    files: notebookFiles,
    log,
    idleCloseMillis: 10 * 60_000,
    openSession: async () => {
      throw new HttpError(503, "Sessions are not wired yet.");
    },
  });
  return {
    folder,
    notebookFiles,
    notebooks,
    notebookWrites: new Serial(),
    configuration,
    database,
    gate,
    keys,
    sessions,
    audit: new Audit(database),
    log,
    metrics: new Metrics(),
    web: new WebFiles(),
    pagesAreHttps: false,
    newRequestId: () => randomBytes(9).toString("base64url"),
    cookieName,
    loginPage,
    async close() {
      await notebooks.closeAll();
      database.close();
      log.close();
    },
  };
}

function names(address: { host: string; port: number }, url: string | null) {
  const bare = ["127.0.0.1", "localhost", "[::1]"];
  if (!bare.includes(address.host) && !["0.0.0.0", "::", "::1"].includes(address.host))
    bare.push(address.host.includes(":") ? `[${address.host}]` : address.host);
  const hosts = new Set(bare.map((name) => `${name}:${address.port}`));
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  if (url !== null) {
    hosts.add(new URL(url).host);
    origins.add(new URL(url).origin);
  }
  return { hosts, origins };
}
