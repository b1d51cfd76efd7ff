import { readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";

const SLOW = `---
driftbook: 1
---
\`\`\`sql name=slow
SELECT sum(a.range * b.range * c.range) FROM range(20000) a, range(20000) b, range(1000) c
\`\`\`
`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ files: { "slow.nb.md": SLOW } });
});
afterAll(() => server?.stop());

/** Sends a request, or the beginning of it, and hangs up. */
async function hangUp(target: string, type: string, body: string, length = body.length): Promise<void> {
  const socket = net.connect(server.port, "127.0.0.1");
  socket.write(
    `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\norigin: ${server.origin}\r\ncookie: ${server.cookie}\r\n` +
      `content-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  socket.destroy();
}
/** The log's line of the request. */
async function lineOf(target: string): Promise<Record<string, unknown>> {
  for (;;) {
    const log = await readFile(path.join(server.folder, ".driftbook", "server.log"), "utf8");
    const lines = log.split("\n").filter((line) => line !== "");
    const found = lines.map((line) => JSON.parse(line)).find((line) => line.method === "POST" && line.path === target);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a client that goes away while a notebook runs for it is no error", async () => {
  await hangUp("/api/reports", "application/json", JSON.stringify({ slug: "slow", notebook: "slow.nb.md" }));
  expect(await lineOf("/api/reports")).toMatchObject({ level: "info", event: "the client went away" });
});

test("neither is one that goes away while it sends a file", async () => {
  await hangUp("/api/uploads?name=a.csv", "text/csv", "a,b\n", 100_000);
  expect(await lineOf("/api/uploads")).toMatchObject({ level: "info", event: "the client went away" });
  expect(server.stderr()).toBe("");
});
