import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { opened, openNotebook } from "../support/notebook-line.ts";
import { startServer, type TestServer } from "../support/server.ts";

const NOTEBOOK = "---\ndriftbook: 1\n---\n```sql name=one\nSELECT 1 AS one\n```\n";

let server: TestServer;
afterEach(async () => {
  await server.kill();
  await rm(server.folder, { recursive: true, force: true });
});

const SOON_MILLIS = 20_000;
const soon = <T>(promise: Promise<T>): Promise<T | "still there"> => {
  const late = new Promise<"still there">((resolve) => setTimeout(() => resolve("still there"), SOON_MILLIS));
  return Promise.race([promise, late]);
};

test("a stopping server tells the open pages and does not wait for them, nor for one that does not answer", async () => {
  server = await startServer({ files: { "one.nb.md": NOTEBOOK } });
  const page = openNotebook(server, "one.nb.md");
  await opened(page);
  const url = `${server.origin.replace("http", "ws")}/api/notebooks/one.nb.md/socket`;
  const frozen = new WebSocket(url, { headers: { cookie: server.cookie, origin: server.origin } });
  frozen.on("error", () => undefined);
  await new Promise((resolve) => frozen.once("open", resolve));
  frozen.pause();
  expect(await soon(server.stop())).toBe(0);
  page.close();
  frozen.terminate();
});

test("a page is told by a code after which it comes back", async () => {
  server = await startServer({ files: { "one.nb.md": NOTEBOOK } });
  const url = `${server.origin.replace("http", "ws")}/api/notebooks/one.nb.md/socket`;
  const socket = new WebSocket(url, { headers: { cookie: server.cookie, origin: server.origin } });
  await new Promise((resolve) => socket.once("open", resolve));
  const code = new Promise<number>((resolve) => socket.once("close", resolve));
  expect(await soon(server.stop())).toBe(0);
  // Going away: to a browser a reason to try again.
  expect(await code).toBe(1001);
});

test("what engines of a killed server left in their folders goes when the workspace is served again", async () => {
  server = await startServer({ files: { "one.nb.md": NOTEBOOK } });
  const page = openNotebook(server, "one.nb.md");
  await opened(page);
  const scratch = path.join(server.folder, ".driftbook", "scratch");
  const found = async (name: RegExp): Promise<string[]> =>
    (await readdir(scratch, { recursive: true }).catch(() => [])).filter((one) => name.test(one));
  const files = () => found(/spilled$/);
  // Where an engine would spill to, there is a file of it.
  const folders = () => found(/^(engines\/)?[0-9a-f]{16}$/);
  while ((await folders()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const folder of await folders()) await writeFile(path.join(scratch, folder, "spilled"), "rows");
  await server.kill();
  page.close();
  expect(await files()).not.toEqual([]);
  server = await startServer({ folder: server.folder });
  expect(await files()).toEqual([]);
});
