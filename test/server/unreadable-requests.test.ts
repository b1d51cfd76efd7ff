import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** All that the server says to these bytes before it closes the connection. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes));
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    socket.once("error", reject).once("close", () => resolve(text));
  });
}

const HEAD = "host: x\r\nconnection: close\r\n";
test.each([
  ["a header with a control character", `GET / HTTP/1.1\r\n${HEAD}a: \u0001\r\n\r\n`, 400, /cannot be read as HTTP: /],
  ["what is not HTTP", "hello\r\n\r\n", 400, /cannot be read as HTTP: /],
  ["two lengths", `POST / HTTP/1.1\r\n${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400, /as HTTP: /],
  ["a method that nobody knows", `BREW / HTTP/1.1\r\n${HEAD}\r\n`, 400, /cannot be read as HTTP: /],
  ["a head that is too large", `GET / HTTP/1.1\r\n${HEAD}a: ${"b".repeat(20_000)}\r\n\r\n`, 431, /than 16384 bytes/],
  ["no host", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 421, /does not answer to the host ""/],
  ["a broken escape", `GET /%zz HTTP/1.1\r\n${HEAD}\r\n`, 400, /"\/%zz" cannot be read/],
])("%s is refused as all else is", async (_what, bytes, status, detail) => {
  const answer = await answerTo(bytes);
  const [head, body] = answer.split("\r\n\r\n") as [string, string];
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain("content-type: application/problem+json; charset=utf-8");
  expect(head).toContain("x-content-type-options: nosniff");
  const problem = JSON.parse(body) as Record<string, unknown>;
  expect(problem).toMatchObject({ status, detail: expect.stringMatching(detail), requestId: expect.any(String) });
});
