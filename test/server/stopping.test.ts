import { rm } from "node:fs/promises";
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
