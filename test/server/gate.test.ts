import { statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localPath } from "../../server/login-page.ts";
import { routes } from "../../server/routes/table.ts";
import { upgrades } from "../../server/socket/upgrades.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The literal list of what a stranger may see. A new public route must be added here on purpose. */
const PUBLIC = [
  "GET /",
  "GET /api/health",
  "GET /login",
  "GET /login.css",
  "POST /login",
  // Reports are also read by link; without one each answers that there is none.
  "GET /r/:slug",
  "GET /r/:slug/:revision",
  "GET /r/:slug/:revision/file",
  "GET /r/:slug/:revision/tables/:file",
  "GET /r/:slug/revisions",
];

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "a.nb.md": "---\ndriftbook: 1\n---\nHello\n" } });
});
afterAll(() => server?.stop());

/** fetch forbids some of these headers. */
function raw(
  path: string,
  method: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const made = httpRequest({ host: "127.0.0.1", port: server.port, path, method, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        body += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode!, headers: answer.headers, body }));
    });
    made.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode!, headers: answer.headers, body: "" });
    });
    made.on("error", reject);
    made.end();
  });
}

const filled = (path: string) => path.replace(":path", "a.nb.md").replaceAll(/:[a-z]+/gi, "x");
const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

test("every route refuses a stranger, save the literal public list", async () => {
  const open: string[] = [];
  const pages = [
    "GET /",
    "GET /login",
    "GET /login.css",
    "POST /login",
    "GET /anything",
    "GET /assets/index.js",
    "DELETE /nothing",
  ];
  for (const one of [...routes.map((route) => `${route.method} ${route.path}`), ...pages]) {
    const [method, path] = one.split(" ") as [string, string];
    const answer = await raw(filled(path), method, { host: `127.0.0.1:${server.port}`, origin: server.origin });
    if (answer.status !== 401) open.push(one);
    else if (path.startsWith("/api/"))
      expect(JSON.parse(answer.body)).toMatchObject({ status: 401, requestId: answer.headers["x-request-id"] });
  }
  // The start page and the login itself answer 401 too, with the page to sign in.
  expect(open.sort()).toEqual(PUBLIC.filter((one) => one !== "GET /" && one !== "POST /login").sort());
});

test("every route that the table calls public is on the literal list", () => {
  for (const route of routes) if (route.need === "public") expect(PUBLIC).toContain(`${route.method} ${route.path}`);
});

test("every upgrade refuses a stranger, a foreign Origin and an Origin that only begins like ours", async () => {
  expect(upgrades.length).toBeGreaterThan(0);
  for (const path of [...upgrades.map((one) => filled(one.path)), "/api/unknown/socket"]) {
    const host = `127.0.0.1:${server.port}`;
    const cookie = server.cookie;
    expect(await raw(path, "GET", { ...UPGRADE, host, origin: server.origin })).toMatchObject({ status: 401 });
    for (const origin of [
      "https://evil.test",
      `${server.origin}.evil.test`,
      "null",
      `http://127.0.0.1:${server.port + 1}`,
    ])
      expect(await raw(path, "GET", { ...UPGRADE, host, origin, cookie })).toMatchObject({ status: 403 });
    expect(await raw(path, "GET", { ...UPGRADE, host, cookie })).toMatchObject({ status: 403 });
    expect(await raw(path, "GET", { ...UPGRADE, host: "evil.test", origin: server.origin, cookie })).toMatchObject({
      status: 421,
    });
  }
});

test("a Host that is not ours is refused even with a good cookie", async () => {
  for (const host of ["evil.test", `evil.test:${server.port}`, "127.0.0.1", `127.0.0.1.evil.test:${server.port}`])
    expect((await raw("/api/keys", "GET", { host, cookie: server.cookie })).status).toBe(421);
  expect((await raw("/api/keys", "GET", { host: `localhost:${server.port}`, cookie: server.cookie })).status).toBe(200);
});

test("a cross-site form post is refused, with foreign Origin and without any", async () => {
  const form = {
    host: `127.0.0.1:${server.port}`,
    cookie: server.cookie,
    "content-type": "application/x-www-form-urlencoded",
  };
  expect((await raw("/api/keys", "POST", { ...form, origin: "https://evil.test" })).status).toBe(403);
  expect((await raw("/api/keys", "POST", { ...form, origin: "null" })).status).toBe(403);
  expect((await raw("/api/keys", "POST", form)).status).toBe(403);
});

test("a revoked browser session and a cookie of another token are refused", async () => {
  const answer = await fetch(server.link, { redirect: "manual" });
  const cookie = answer.headers.get("set-cookie")!.split(";")[0]!;
  const own = await server.ask<{ sessions: { id: string; current: boolean }[] }>("/api/sessions", {
    headers: { cookie, origin: server.origin },
  });
  const id = own.sessions.find((one) => one.current)!.id;
  await server.ask(`/api/sessions/${id}`, { method: "DELETE" });
  expect((await server.request("/api/keys", { headers: { cookie } })).status).toBe(401);

  const again = await startServer({ folder: (await startedAndStopped()).folder, args: ["--new-token"] });
  const renamed = previous.cookie.replace(/^driftbook_\d+/, `driftbook_${again.port}`);
  expect((await again.request("/api/keys", { headers: { cookie: renamed } })).status).toBe(401);
  expect((await again.request("/api/keys")).status).toBe(200);
  await again.stop();
  expect(again.link).not.toContain(new URL(previous.link).searchParams.get("token"));

  // Without a new token, links and browsers outlive a restart.
  const restarted = await startServer({ folder: again.folder });
  const kept = again.cookie.replace(/^driftbook_\d+/, `driftbook_${restarted.port}`);
  expect((await restarted.request("/api/keys", { headers: { cookie: kept } })).status).toBe(200);
  expect(new URL(restarted.link).searchParams.get("token")).toBe(new URL(again.link).searchParams.get("token"));
  expect(statSync(path.join(again.folder, ".driftbook", "token")).mode & 0o777).toBe(0o600);
  await restarted.stop();
});
let previous: TestServer;
async function startedAndStopped(): Promise<TestServer> {
  previous = await startServer();
  expect(await previous.stop()).toBe(0);
  return previous;
}

test("signing in leaves no token behind: a clean redirect, no referrer, an HttpOnly cookie", async () => {
  const answer = await fetch(`${server.link}&next=${encodeURIComponent("/settings?a=1")}`, { redirect: "manual" });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("/settings?a=1");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Lax/);
  const token = new URL(server.link).searchParams.get("token")!;
  expect(await (await fetch(`${server.origin}/?token=wrong`, { redirect: "manual" })).text()).not.toContain(token);
});

test("a login never leads to another site", () => {
  for (const evil of [
    "//evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "https://evil.test",
    "/\t/evil.test",
    "javascript:alert(1)",
    "",
    "/%09/..//evil.test",
    "/.//evil.test",
    "/x/..//evil.test",
  ])
    expect(new URL(localPath(evil), "http://here.test").host).toBe("here.test");
  expect(localPath("/notebooks/a?x=1")).toBe("/notebooks/a?x=1");
  expect(localPath("/?token=abc")).toBe("/");
});

test("a key does what its scopes say, and nothing once revoked or expired", async () => {
  const withKey = (key: string, path: string, init: RequestInit = {}) =>
    server.request(path, {
      ...init,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...init.headers },
    });
  const reader = await server.key("read");
  expect((await withKey(reader, "/openapi.json")).status).toBe(200);
  expect((await withKey(reader, "/api/keys")).status).toBe(403);
  const sender = await server.key("ingest:other");
  expect((await withKey(sender, "/api/streams/card_fraud/decisions", { method: "POST", body: "{}" })).status).toBe(403);
  expect((await withKey(sender, "/openapi.json")).status).toBe(403);
  expect((await withKey(`${reader}x`, "/openapi.json")).status).toBe(401);
  expect((await withKey("", "/openapi.json")).status).toBe(401);
  const id = /^dbk_([^.]+)/.exec(reader)![1]!;
  await server.ask(`/api/keys/${id}`, { method: "DELETE" });
  expect(await (await withKey(reader, "/openapi.json")).json()).toMatchObject({
    status: 401,
    detail: expect.stringContaining("was revoked"),
  });
  const { secret } = await server.ask<{ secret: string }>("/api/keys", {
    method: "POST",
    json: { scopes: ["read"], expires: "1s" },
  });
  expect((await withKey(secret, "/openapi.json")).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(await (await withKey(secret, "/openapi.json")).json()).toMatchObject({
    status: 401,
    detail: expect.stringContaining("expired"),
  });
});

test("a key over its rate is told when to come back", async () => {
  const { secret } = await server.ask<{ secret: string }>("/api/keys", {
    method: "POST",
    json: { scopes: ["read"], ratePerSecond: 2 },
  });
  const headers = { authorization: `Bearer ${secret}` };
  const all = await Promise.all(Array.from({ length: 8 }, () => server.request("/api/streams", { headers })));
  const late = all.filter((answer) => answer.status === 429);
  expect(late.length).toBeGreaterThan(0);
  expect(Number(late[0]!.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("every page and every answer carries the policy and is not sniffed", async () => {
  for (const path of ["/", "/login", "/api/health", "/nothing", "/openapi.json"]) {
    const answer = await server.request(path);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self';");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  }
});

test("the audit log names who made a key and cannot be changed", async () => {
  await server.key("read");
  const { entries } = await server.ask<{ entries: { action: string; actor: string; address: string }[] }>("/api/audit");
  expect(entries[0]).toMatchObject({
    action: "create key",
    actor: expect.stringMatching(/^browser /),
    address: "127.0.0.1",
  });
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${server.folder}/.driftbook/workspace.db`);
  expect(() => database.exec("DELETE FROM audit")).toThrow(/append-only/);
  expect(() => database.exec("UPDATE audit SET actor = 'x'")).toThrow(/append-only/);
  database.close();
});
