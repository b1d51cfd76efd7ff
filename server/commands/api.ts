import process from "node:process";
import type { FastifyInstance } from "fastify";
import type { HttpProblem } from "../../cells/wire/http-problem.ts";
import { createApp } from "../app.ts";
import { newSecret } from "../gate/secrets.ts";
import { quietLog } from "../log.ts";
import { openServices } from "../open-services.ts";
import { readServerFile, type ServerFile } from "../serve.ts";
import { type ExitCode, type Invocation, UsageError } from "./command.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With query string; parameters percent-encoded. */
  readonly path: string;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** The server refused; its sentence is the message. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: HttpProblem;
  constructor(problem: HttpProblem) {
    super([asWritten(problem.detail), problem.hint].filter((part) => part !== undefined).join(" "));
    this.name = "ApiError";
    this.status = problem.status;
    this.problem = problem;
  }
}

/** Who types options and files wrote no body: `body.spec.schedule: …` is about `schedule:`. */
const asWritten = (detail: string): string => detail.replace(/^(body\.(spec\.)?|query\.|path\.)(?=[a-z])/, "");

export interface Api {
  /** True where a server on this workspace does the work. */
  readonly beside: boolean;
  /** @throws ApiError for a status of 400 and above. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** The parsed JSON answer. */
  ask<T>(request: ApiRequest): Promise<T>;
}

/**
 * Commands speak HTTP whether a server runs or not: beside one they go through it, otherwise this process opens the
 * workspace, answers itself without a port, and closes it again. So a command has one meaning and one code path.
 */
export async function withApi(
  invocation: Invocation,
  folder: string,
  use: (api: Api) => Promise<ExitCode>,
): Promise<ExitCode> {
  const server = readServerFile(folder);
  if (server !== null && isAlive(server.pid)) return use(api(true, (request) => overHttp(server, request)));
  const localSecret = newSecret();
  const services = await openServices({
    folder,
    configuration: invocation.configuration,
    log: quietLog,
    token: newSecret(),
    localSecret,
    address: () => ({ host: "127.0.0.1", port: 0 }),
  });
  const app = createApp(services);
  try {
    return await use(api(false, (request) => inside(app, localSecret, request)));
  } finally {
    await app.close();
    await services.close();
  }
}

function api(beside: boolean, transport: (request: ApiRequest) => Promise<ApiAnswer>): Api {
  const send = async (request: ApiRequest): Promise<ApiAnswer> => {
    const answer = await transport(request);
    if (answer.status < 400) return answer;
    throw new ApiError(JSON.parse(answer.bytes.toString("utf8")) as HttpProblem);
  };
  return {
    beside,
    send,
    ask: async <T>(request: ApiRequest) => JSON.parse((await send(request)).bytes.toString("utf8")) as T,
  };
}

async function overHttp(server: ServerFile, request: ApiRequest): Promise<ApiAnswer> {
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  let answer: Response;
  try {
    answer = await fetch(`http://${host}:${server.port}${request.path}`, {
      method: request.method,
      headers: headersOf(request, server.secret),
      ...(bodyOf(request) === undefined ? {} : { body: bodyOf(request)! }),
    });
  } catch (error) {
    throw new UsageError(
      `A server on this workspace runs as process ${server.pid} but does not answer on port ${server.port}: ${(error as Error).message}.`,
      error,
    );
  }
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    bytes: Buffer.from(await answer.arrayBuffer()),
  };
}

async function inside(app: FastifyInstance, secret: string, request: ApiRequest): Promise<ApiAnswer> {
  const body = bodyOf(request);
  const answer = await app.inject({
    method: request.method,
    url: request.path,
    headers: { ...headersOf(request, secret), host: "127.0.0.1:0" },
    ...(body === undefined ? {} : { payload: Buffer.from(body) }),
  });
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: answer.statusCode, headers: Object.fromEntries(headers), bytes: answer.rawPayload };
}

function headersOf(request: ApiRequest, secret: string): Record<string, string> {
  return {
    authorization: `Bearer ${secret}`,
    ...(request.json === undefined ? {} : { "content-type": "application/json" }),
    ...request.headers,
  };
}

function bodyOf(request: ApiRequest): Buffer | undefined {
  if (request.json !== undefined) return Buffer.from(JSON.stringify(request.json));
  return request.bytes === undefined ? undefined : Buffer.from(request.bytes);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
