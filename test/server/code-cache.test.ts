import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { codeCacheEnvironment } from "../../bin/node-path.js";
import { startServer } from "../support/server.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";

const folders: string[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
const filesBelow = async (folder: string): Promise<number> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])).filter((one) => one.isFile())
    .length;

test("a checkout keeps compiled code beside its packages, or where the user says", () => {
  vi.stubEnv("NODE_COMPILE_CACHE", undefined);
  expect(codeCacheEnvironment().NODE_COMPILE_CACHE).toMatch(/node_modules.\.cache.driftbook$/);
  vi.stubEnv("NODE_COMPILE_CACHE", "/elsewhere");
  expect(codeCacheEnvironment()).toEqual({ NODE_COMPILE_CACHE: "/elsewhere" });
});

test("engines keep theirs where the server has its own, and in the workspace where it has none", async () => {
  for (const hasOwn of [true, false]) {
    const cache = await mkdtemp(path.join(tmpdir(), "driftbook-cache-"));
    const folder = await workspaceFolder();
    folders.push(cache, folder);
    const env = { NODE_COMPILE_CACHE: hasOwn ? cache : undefined } as Record<string, string>;
    const server = await startServer({ folder, env });
    await server.ask("/api/query", { method: "POST", json: { sql: "SELECT 1 AS one" } });
    expect(await server.stop()).toBe(0);
    const own = path.join(folder, ".driftbook", "compiled");
    expect([await filesBelow(cache), await filesBelow(own)].map((files) => files > 50)).toEqual([hasOwn, !hasOwn]);
  }
});
