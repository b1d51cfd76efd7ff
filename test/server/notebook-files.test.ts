import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";

const TEXT = "---\ndriftbook: 1\ntitle: A\n---\nHello\n";
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "a.nb.md": TEXT, "deep/b.nb.md": TEXT, ".driftbook/secret.nb.md": "secret" } });
});
afterAll(() => server?.stop());

const at = (name: string, rest = "") => `/api/notebooks/${encodeURIComponent(name)}${rest}`;

test("no path leads out of the workspace: not up, encoded, absolute, hidden or through a link", async () => {
  const outside = path.join(tmpdir(), `driftbook-outside-${process.pid}`);
  await mkdir(outside, { recursive: true });
  await writeFile(path.join(outside, "x.nb.md"), "outside");
  await symlink(outside, path.join(server.folder, "linked"));
  await symlink(path.join(outside, "x.nb.md"), path.join(server.folder, "link.nb.md"));
  for (const name of [
    "../../etc/passwd",
    "../x.nb.md",
    "..%2fx.nb.md",
    "/etc/passwd.nb.md",
    path.join(outside, "x.nb.md"),
    "a/../../x.nb.md",
    "\\..\\x.nb.md",
    ".driftbook/secret.nb.md",
    ".driftbook/workspace.db",
    "driftbook.yaml",
    ".driftbook/server.json",
  ]) {
    for (const init of [
      {},
      { method: "PUT", json: { text: "evil" }, headers: { "if-match": "*" } },
      { method: "DELETE" },
    ]) {
      const answer = await server.request(at(name), init);
      expect([name, answer.status]).toEqual([name, 400]);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
    }
  }
  for (const name of ["linked/x.nb.md", "link.nb.md", "linked/new.nb.md"]) {
    expect((await server.request(at(name))).status).toBe(403);
    expect((await server.request("/api/notebooks", { method: "POST", json: { path: name } })).status).toBe(403);
  }
  // Unencoded dots are resolved by clients before they are sent; what is left is another address.
  for (const raw of [
    "/api/notebooks/../../etc/passwd",
    "/api/notebooks/%2e%2e/%2e%2e/x.nb.md",
    "/..%2f..%2fetc/passwd",
    "/assets/..%2f..%2fpackage.json",
  ])
    expect([404, 400, 503]).toContain((await server.request(raw)).status);
  expect(await readdir(outside)).toEqual(["x.nb.md"]);
});

test("names that systems choke on are refused with what is wrong", async () => {
  const cases: [string, RegExp][] = [
    ["", /is empty|nothing at/],
    [".", /does not end in/],
    ["..", /does not end in/],
    [`${"x".repeat(10_000)}.nb.md`, /longer than|URL|nothing at/i],
    ["a\u0000.nb.md", /control character/],
    ["CON.nb.md", /reserve/],
    ["aux/x.nb.md", /reserve/],
    ["x./y.nb.md", /begins or ends/],
    ["x.nb.md.", /does not end in/],
    [" x.nb.md", /begins or ends/],
    ["a//b.nb.md", /empty part/],
    ["a:b.nb.md", /holds one of/],
  ];
  for (const [name, says] of cases) {
    const answer = await server.request("/api/notebooks", { method: "POST", json: { path: name } });
    expect([name.slice(0, 20), answer.status]).toEqual([name.slice(0, 20), 400]);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(says);
    expect((await server.request(at(name))).status).toBeGreaterThanOrEqual(400);
  }
});

test("what is made never replaces what is there, and a move neither", async () => {
  expect(
    (await server.request("/api/notebooks", { method: "POST", json: { path: "a.nb.md", text: "x" } })).status,
  ).toBe(409);
  expect((await server.request(at("deep/b.nb.md", "/move"), { method: "POST", json: { to: "a.nb.md" } })).status).toBe(
    409,
  );
  expect(await readFile(path.join(server.folder, "a.nb.md"), "utf8")).toBe(TEXT);
  expect(await readFile(path.join(server.folder, "deep/b.nb.md"), "utf8")).toBe(TEXT);
  await server.ask(at("deep/b.nb.md", "/move"), { method: "POST", json: { to: "other/c.nb.md" } });
  expect(await readFile(path.join(server.folder, "other/c.nb.md"), "utf8")).toBe(TEXT);
  expect((await server.request(at("deep/b.nb.md"))).status).toBe(404);
});

test("a write needs the text it was made from; of two at once one wins and one is told", async () => {
  const first = await server.request(at("a.nb.md"));
  const tag = first.headers.get("etag")!;
  const put = (text: string, headers: Record<string, string>) =>
    server.request(at("a.nb.md"), { method: "PUT", json: { text }, headers });
  expect((await put("x", {})).status).toBe(428);
  expect((await put("x", { "if-match": '"0"' })).status).toBe(412);
  const both = await Promise.all([put(`${TEXT}one\n`, { "if-match": tag }), put(`${TEXT}two\n`, { "if-match": tag })]);
  expect(both.map((answer) => answer.status).sort()).toEqual([200, 412]);
  expect(await readFile(path.join(server.folder, "a.nb.md"), "utf8")).toMatch(/Hello\n(one|two)\n$/);
});

test("a removed notebook is kept in the trash, and nothing temporary is left beside", async () => {
  await server.ask("/api/notebooks", { method: "POST", json: { path: "gone.nb.md", text: TEXT } });
  await server.ask(at("gone.nb.md"), { method: "DELETE" });
  expect((await server.request(at("gone.nb.md"))).status).toBe(404);
  const trash = path.join(server.folder, ".driftbook", "trash");
  const [kept] = (await readdir(trash)).filter((name) => name.endsWith("gone.nb.md"));
  expect(await readFile(path.join(trash, kept!), "utf8")).toBe(TEXT);
  expect((await readdir(server.folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("the list names title and cells", async () => {
  const { notebooks } = await server.ask<{ notebooks: { path: string; title: string; cells: number }[] }>(
    "/api/notebooks",
  );
  expect(notebooks.find((one) => one.path === "a.nb.md")).toMatchObject({ title: "A", cells: 1 });
  expect(notebooks.map((one) => one.path).filter((name) => name.startsWith("."))).toEqual([]);
});
