import { Readable } from "node:stream";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ClientGone, isOfLeaving } from "./client-gone.ts";
import { actorOf, type Principal } from "./gate/principal.ts";
import { HttpError, problemOf } from "./http-error.ts";
import { errorFields } from "./log.ts";
import { registerPages } from "./pages.ts";
import { parsePart } from "./parse-part.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";
import { Answer, type Route } from "./routes/route.ts";
import { routes } from "./routes/table.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import type { Services } from "./services.ts";
import { registerUpgrades } from "./socket/upgrades.ts";
import { toHttpError } from "./typed-errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal;
  }
  interface FastifyContextConfig {
    need?: Route["need"];
  }
}

/**
 * The HTTP side: a fastify instance whose every route is admitted by the gate before anything of the request is read
 * beyond its head. A route without a declared need cannot be registered; unknown addresses ask for a credential
 * before they say that they are unknown.
 */
export function createApp(services: Services): FastifyInstance {
  const app: FastifyInstance = fastify({
    logger: false,
    genReqId: () => services.newRequestId(),
    routerOptions: { maxParamLength: 2000 },
    bodyLimit: 1_000_000,
    forceCloseConnections: true,
    requestTimeout: 300_000,
    // Parsing is done per route by zod; fastify's own validators are not used.
    exposeHeadRoutes: true,
    // What never gets to a route is refused as all else is; without a host it is the gate that refuses.
    clientErrorHandler: (error, socket) => refuseUnreadable(services, error, socket),
    frameworkErrors: (error, request, reply) => refuse(services, unroutable(error, request.url), request, reply),
    http: { requireHostHeader: false },
  });
  app.decorateRequest("principal");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.addHook("onRoute", (route) => {
    if (route.config?.need === undefined)
      throw new Error(`Route ${String(route.method)} ${route.url} declares no need.`);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header("x-request-id", request.id);
    const parameters = request.params as Record<string, string | undefined>;
    request.principal = services.gate.admit({
      method: request.method,
      headers: request.headers,
      upgrade: false,
      // Unknown addresses are for insiders: a stranger is refused before he learns what exists.
      need: request.is404 ? "read" : (request.routeOptions.config.need ?? "local"),
      stream: parameters.stream ?? null,
    });
  });
  app.addHook("onResponse", async (request, reply) => {
    services.metrics.countRequest(
      request.method,
      request.routeOptions.url ?? "unknown",
      reply.statusCode,
      reply.elapsedTime,
    );
    services.log.write("info", "request", {
      requestId: request.id,
      method: request.method,
      path: request.url.split("?")[0],
      status: reply.statusCode,
      durationMillis: Math.round(reply.elapsedTime * 10) / 10,
      // Absent where the gate refused.
      actor: request.principal === undefined ? "nobody" : actorOf(request.principal),
      address: request.ip,
    });
  });
  app.setErrorHandler((error, request, reply) => refuse(services, error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    refuse(
      services,
      new HttpError(404, `There is nothing at ${request.method} ${request.url.split("?")[0]}.`),
      request,
      reply,
    ),
  );
  registerPages(app, services);
  registerUpgrades(app, services);
  for (const route of routes) if (route.bodyKind !== "stream") register(app, services, route);
  // Bodies that are read as they come: a scope of its own, whose parser hands the stream on.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const route of routes) if (route.bodyKind === "stream") register(scope, services, route);
  });
  return app;
}

function register(app: FastifyInstance, services: Services, route: Route): void {
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimitBytes,
    config: { need: route.need },
    handler: async (request, reply) => {
      const abort = new AbortController();
      const gone = () => {
        if (!reply.raw.writableFinished) abort.abort(new ClientGone());
      };
      reply.raw.once("close", gone);
      const answer = await route.handle({
        params: parsePart(route.params, request.params, "path") as never,
        query: parsePart(route.query, request.query, "query") as never,
        body: (await readBody(route, request)) as never,
        headers: request.headers as Record<string, string | undefined>,
        principal: request.principal,
        address: request.ip,
        requestId: request.id,
        services,
        signal: abort.signal,
        audit: (action, target, details) =>
          services.audit.record({
            actor: actorOf(request.principal),
            action,
            target,
            address: request.ip,
            requestId: request.id,
            details,
          }),
      });
      if (!(answer instanceof Answer))
        return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer ?? {}));
      return reply
        .code(answer.status)
        .headers(answer.headers)
        .send(
          answer.body instanceof Uint8Array
            ? Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength)
            : answer.body,
        );
    },
  });
}

async function readBody(route: Route, request: FastifyRequest): Promise<unknown> {
  switch (route.bodyKind) {
    case "none":
      return undefined;
    case "bytes":
      return request.body ?? Buffer.alloc(0);
    case "stream":
      return request.body ?? Readable.from([]);
    case "json": {
      const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
      if (type !== "application/json")
        throw new HttpError(
          415,
          `The body's content type is "${type ?? "absent"}"; this route reads application/json.`,
        );
      let value: unknown;
      try {
        value = JSON.parse((request.body as Buffer).toString("utf8"));
      } catch (error) {
        throw new HttpError(400, `The body is not JSON: ${(error as Error).message}.`, { cause: error });
      }
      return parsePart(route.body, value, "body");
    }
  }
}

/** The router could make nothing of the address. */
const unroutable = (cause: FastifyError, url: string): HttpError =>
  new HttpError(400, `The address "${url.slice(0, 200)}" cannot be read.`, {
    hint: "A % itself is written %25, and a part between two / has 2000 characters at most.",
    cause,
  });

const MOST_DRAINED_BYTES = 1024 ** 3;

function refuse(services: Services, thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
  const error = toHttpError(thrown);
  const about = { requestId: request.id, method: request.method, path: request.url.split("?")[0] };
  // It gets no answer and no line of its own, and there is nothing to mend.
  if (reply.raw.destroyed && isOfLeaving(thrown)) services.log.write("info", "the client went away", about);
  else if (error.status >= 500) services.log.write("error", "request failed", { ...about, ...errorFields(thrown) });
  const problem = problemOf(error, request.id);
  const asksForPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
  reply.code(error.status).headers({ ...SECURITY_HEADERS, ...(error.extra.headers ?? {}), "x-request-id": request.id });
  // A client that is cut off while it still sends never reads why. Up to a bound the rest is read and thrown away.
  if (
    error.status === 413 &&
    Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) <= MOST_DRAINED_BYTES
  ) {
    reply.header("connection", "keep-alive");
    request.raw.resume();
  }
  if (error.status === 401 && asksForPage && !request.url.startsWith("/api/"))
    return reply.type("text/html; charset=utf-8").send(services.loginPage(request.url, null));
  return reply.type("application/problem+json; charset=utf-8").send(JSON.stringify(problem));
}
