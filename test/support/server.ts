import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { codeCacheEnvironment, nodePath } from "../../bin/node-path.js";
import { childProcesses, processesGone } from "./child-processes.ts";
import { workspaceFolder } from "./workspace-folder.ts";

const MAIN = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
const NODE = nodePath();
/** What the front door gives the program. */
const ENVIRONMENT = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...codeCacheEnvironment() };
const READY_WITHIN_MILLIS = 60_000;

export interface TestServer {
  readonly folder: string;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  /** The printed link, token included. */
  readonly link: string;
  /** `name=value` of a browser session. */
  readonly cookie: string;
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  stderr(): string;
  /** What it wrote to stdout so far. */
  stdout(): string;
  /** A request as the signed-in page makes it: cookie, and Origin for writes. `json` becomes the body. */
  request(path: string, init?: RequestInit & { json?: unknown }): Promise<Response>;
  /** The parsed JSON of `request`; fails with the answer's text when the status is not below 400. */
  ask<T = Record<string, unknown>>(path: string, init?: RequestInit & { json?: unknown }): Promise<T>;
  /** A new API key with these scopes. */
  key(...scopes: string[]): Promise<string>;
  /** SIGTERM, and waits; the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits; also for its children, which leave by themselves and may still write until then. */
  kill(): Promise<void>;
}

/** A server process over `folder` on a free port, of which nobody waits that it is ready. */
export function spawnServer(
  folder: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): ChildProcess {
  return spawn(NODE, ["--disable-warning=ExperimentalWarning", MAIN, "serve", folder, "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...ENVIRONMENT, ...env },
  });
}

/** A real server process on a free port, over `folder` or a new temporary workspace with `files`. */
export async function startServer(
  options: {
    folder?: string;
    files?: Readonly<Record<string, string>>;
    args?: readonly string[];
    env?: Readonly<Record<string, string>>;
  } = {},
): Promise<TestServer> {
  const folder = options.folder ?? (await workspaceFolder(options.files));
  const child = spawnServer(folder, options);
  const text = { stdout: "", stderr: "" };
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  child.stderr!.setEncoding("utf8").on("data", (piece: string) => {
    text.stderr += piece;
  });
  const link = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`The server was not ready in ${READY_WITHIN_MILLIS} ms.\n${text.stderr}`));
    }, READY_WITHIN_MILLIS);
    child.stdout!.setEncoding("utf8").on("data", (piece: string) => {
      text.stdout += piece;
      const found = /^Driftbook is ready: (\S+)$/m.exec(text.stdout)?.[1];
      if (found === undefined || !text.stdout.includes("\n")) return;
      clearTimeout(timer);
      resolve(found);
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with code ${code}.\n${text.stderr}`));
    });
  });
  const url = new URL(link);
  const signedIn = await fetch(link, { redirect: "manual" });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const request: TestServer["request"] = (where, init = {}) => {
    const { json, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (!headers.has("cookie") && !headers.has("authorization")) headers.set("cookie", cookie);
    if (!headers.has("origin") && !headers.has("authorization")) headers.set("origin", url.origin);
    if (json !== undefined) headers.set("content-type", "application/json");
    return fetch(new URL(where, url.origin), {
      ...rest,
      headers,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  };
  const ask = async <T>(where: string, init?: RequestInit & { json?: unknown }): Promise<T> => {
    const answer = await request(where, init);
    const body = await answer.text();
    if (answer.status >= 400) throw new Error(`${init?.method ?? "GET"} ${where}: ${answer.status} ${body}`);
    return JSON.parse(body) as T;
  };
  return {
    folder,
    origin: url.origin,
    port: Number(url.port),
    link,
    cookie,
    process: child,
    stderr: () => text.stderr,
    stdout: () => text.stdout,
    request,
    ask,
    key: async (...scopes) => (await ask<{ secret: string }>("/api/keys", { method: "POST", json: { scopes } })).secret,
    stop: async () => {
      child.kill("SIGTERM");
      return exited;
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGSTOP"); // It starts no child between the look and the end.
      const children = childProcesses(child.pid!, "");
      child.kill("SIGKILL");
      await exited;
      await processesGone(children);
    },
  };
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `driftbook …words` to its end, in `cwd`. */
export function driftbook(
  words: readonly string[],
  options: { cwd?: string; input?: string } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, ["--disable-warning=ExperimentalWarning", MAIN, ...words], {
      stdio: ["pipe", "pipe", "pipe"],
      env: ENVIRONMENT,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      stdout += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? "");
  });
}
