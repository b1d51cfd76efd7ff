import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HttpError } from "./http-error.ts";
import { LOGIN_CSS, localPath } from "./login-page.ts";
import type { Services } from "./services.ts";

/** Everything that is not the API: signing in, and the files of the client, whose index stands for every page. */
export function registerPages(app: FastifyInstance, services: Services): void {
  const html = "text/html; charset=utf-8";

  app.get("/login", { config: { need: "public" } }, async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    return reply
      .type(html)
      .header("cache-control", "no-store")
      .send(services.loginPage(query.next ?? "/", null));
  });
  app.get("/login.css", { config: { need: "public" } }, async (_request, reply) =>
    reply.type("text/css; charset=utf-8").send(LOGIN_CSS),
  );
  app.post("/login", { config: { need: "public" }, bodyLimit: 4000 }, async (request, reply) => {
    const form = new URLSearchParams(((request.body as Buffer | undefined) ?? Buffer.alloc(0)).toString("utf8"));
    const next = localPath(form.get("next") ?? "/");
    if (signIn(services, request, reply, form.get("token") ?? "")) return reply.redirect(next, 303);
    return reply
      .code(401)
      .type(html)
      .send(
        services.loginPage(
          next,
          "That is not this server's token. It stands in the link that driftbook serve printed last.",
        ),
      );
  });

  /** The printed link: the token leaves the address at once. Public, because it is how a browser becomes known. */
  app.get("/", { config: { need: "public" } }, async (request, reply) => {
    const query = request.query as Record<string, string | string[] | undefined>;
    reply.header("cache-control", "no-store");
    if (typeof query.token === "string") {
      if (signIn(services, request, reply, query.token)) return reply.redirect(localPath(one(query.next)), 303);
      if (request.principal.kind === "browser") return reply.redirect("/", 303);
      return reply
        .code(401)
        .type(html)
        .send(
          services.loginPage(
            "/",
            "This link's token is not this server's. Open the link that driftbook serve printed last.",
          ),
        );
    }
    if (request.principal.kind === "nobody") return reply.code(401).type(html).send(services.loginPage("/", null));
    return sendFile(services, request, reply, "index.html");
  });

  app.get("/*", { config: { need: "read" } }, async (request, reply) => {
    const name = (request.params as { "*": string })["*"];
    if (/^(api|metrics|r)(\/|$)/.test(name)) throw new HttpError(404, `There is nothing at /${name}.`);
    return sendFile(services, request, reply, name);
  });
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function signIn(services: Services, request: FastifyRequest, reply: FastifyReply, token: string): boolean {
  const session = services.sessions.exchange(token, request.ip, request.headers["user-agent"] ?? "");
  if (session === null) return false;
  const secure = services.pagesAreHttps ? "; Secure" : "";
  reply.header(
    "set-cookie",
    `${services.cookieName()}=${session.cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000${secure}`,
  );
  services.audit.record({
    actor: `browser ${session.id}`,
    action: "sign in",
    target: "workspace",
    address: request.ip,
    requestId: request.id,
  });
  return true;
}

/** The addresses of pages, which the one document draws. */
const PAGES =
  /^(|index\.html|settings|(jobs|alerts|reports)(\/[^/]+)?|jobs\/[^/]+\/(runs|versions)\/[^/]+|readings\/[^/]+|[ns]\/.+)$/;

async function sendFile(services: Services, request: FastifyRequest, reply: FastifyReply, name: string) {
  const zips = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const asked = await services.web.read(name, zips);
  const isPage = !/\.[a-z0-9]+$/i.test(name) || name.endsWith(".nb.md") || name === "index.html";
  const file = asked ?? (isPage ? await services.web.read("index.html", zips) : null);
  if (file === null) {
    if (!isPage) throw new HttpError(404, `There is no file /${name}.`);
    throw new HttpError(503, "The browser pages are not built.", { hint: "Run npm run build, then reload." });
  }
  // What is no page of ours still gets the frame, which says that nothing is there.
  if (asked === null && !PAGES.test(name)) reply.code(404);
  if (file.zipped) reply.header("content-encoding", "gzip");
  return reply
    .type(file.type)
    .header("vary", "accept-encoding")
    .header("cache-control", file.forever ? "private, max-age=31536000, immutable" : "no-cache")
    .send(file.body);
}
