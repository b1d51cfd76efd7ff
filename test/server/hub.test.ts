import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { Operation } from "../../cells/session/operation.ts";
import type { ServerMessage } from "../../cells/wire/socket.ts";
import { CLOSE } from "../../server/socket/close-codes.ts";
import { Hub } from "../../server/socket/hub.ts";
import type { LiveSession } from "../../server/socket/live-session.ts";

/** A session that only counts: operation n sets the title to n. It holds the last `HELD` operations. */
const HELD = 1000;
class CountingSession implements LiveSession {
  readonly epoch = "e1";
  sequence = 0;
  readonly operations: Operation[] = [];
  readonly observers = new Set<(operation: Operation, sequence: number) => void>();
  get state() {
    return { path: "x.nb.md", saved: String(this.sequence) } as never;
  }
  observe(observer: (operation: Operation, sequence: number) => void) {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }
  since(sequence: number) {
    return this.sequence - sequence > HELD ? null : this.operations.slice(sequence);
  }
  add(title: string) {
    const operation: Operation = { type: "title-set", title };
    this.operations.push(operation);
    this.sequence += 1;
    for (const observer of this.observers) observer(operation, this.sequence);
  }
  async perform(request: { type: string }) {
    if (request.type === "save") throw Object.assign(new Error("The disk is full."), { hint: "Free some space." });
    this.add(request.type);
    return {};
  }
  async rowPieces(_view: unknown, offset: number, limit: number) {
    const pieces = async function* () {
      for (let at = 0; at < limit; at += 100_000) yield new Uint8Array(100_000).fill(offset);
    };
    return { pieces: pieces(), rowCount: 99 };
  }
  async summarise() {
    return [];
  }
  resize() {}
}

let http: Server;
let session: CountingSession;
let hub: Hub;
let url: string;
const clients: WebSocket[] = [];
beforeEach(async () => {
  session = new CountingSession();
  hub = new Hub(session, () => {});
  const sockets = new WebSocketServer({ noServer: true });
  http = createServer().on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (one) => void hub.attach(one)),
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
  hub.close(CLOSE.leaving, "the test ends");
  http.close();
});

interface Client {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[];
  readonly frames: Buffer[];
  readonly closed: Promise<number>;
  until(test: () => boolean): Promise<void>;
}

async function connect(hello: { epoch?: string | null; sequence?: number | null } | null = {}): Promise<Client> {
  const socket = new WebSocket(url);
  clients.push(socket);
  const messages: ServerMessage[] = [];
  const frames: Buffer[] = [];
  let wake = () => {};
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) frames.push(data);
    else messages.push(JSON.parse(String(data)) as ServerMessage);
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
  await new Promise((resolve) => socket.once("open", resolve));
  if (hello !== null)
    socket.send(JSON.stringify({ type: "hello", client: "c", epoch: null, sequence: null, width: 800, ...hello }));
  const until = async (condition: () => boolean) => {
    while (!condition())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { socket, messages, frames, closed, until };
}

/** Sequence numbers of all operations that came, in order of arrival. */
function sequences(client: Client): number[] {
  return client.messages.flatMap((message) =>
    message.type === "operations" ? message.operations.map((_, at) => message.sequence + at) : [],
  );
}

test("a new client gets a snapshot and then every operation once, in order", async () => {
  session.add("before");
  const client = await connect();
  for (let n = 0; n < 500; n += 1) {
    session.add(String(n));
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await client.until(() => sequences(client).at(-1) === 501);
  const snapshot = client.messages.find((message) => message.type === "snapshot")!;
  const first = snapshot.sequence + 1;
  expect(sequences(client)).toEqual(Array.from({ length: 501 - first + 1 }, (_, at) => first + at));
});

test("a client that comes back gets exactly what it missed, and a snapshot when that is no longer held", async () => {
  for (let n = 0; n < 20; n += 1) session.add(String(n));
  const back = await connect({ epoch: "e1", sequence: 12 });
  await back.until(() => sequences(back).length === 8);
  expect(back.messages.some((message) => message.type === "snapshot")).toBe(false);
  expect(sequences(back)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);

  for (const hello of [
    { epoch: "other", sequence: 12 },
    { epoch: "e1", sequence: 21 },
  ]) {
    const client = await connect(hello);
    await client.until(() => client.messages.length > 0);
    expect(client.messages[0]).toMatchObject({ type: "snapshot", sequence: 20 });
  }
  for (let n = 0; n < HELD; n += 1) session.add(String(n));
  const late = await connect({ epoch: "e1", sequence: 3 });
  await late.until(() => late.messages.length > 0);
  expect(late.messages[0]).toMatchObject({ type: "snapshot", sequence: 20 + HELD });
});

test("a reader that does not read is cut off, others go on, and on coming back it misses nothing", async () => {
  const slow = await connect();
  await slow.until(() => slow.messages.length > 0);
  const quick = await connect();
  await quick.until(() => quick.messages.length > 0);
  slow.socket.pause();
  const text = "x".repeat(100_000);
  for (let n = 0; n < 400; n += 1) {
    session.add(`${n} ${text}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await quick.until(() => sequences(quick).at(-1) === 400);
  expect(hub.clients).toBe(1);
  slow.socket.resume();
  expect([CLOSE.slow, 1006]).toContain(await slow.closed);
  const seen = sequences(slow).at(-1) ?? 0;
  const again = await connect({ epoch: "e1", sequence: seen });
  await again.until(() => sequences(again).at(-1) === 400);
  expect(sequences(again)[0]).toBe(seen + 1);
});

test("a table comes in frames with their header and an empty last one, in the order asked, bytes at multiples of eight", async () => {
  const client = await connect();
  const view = { cell: "c", run: "r", sort: [], filters: [] };
  for (const request of [1, 2, 3])
    client.socket.send(JSON.stringify({ type: "rows", request, view, offset: request, limit: 100_000 * request }));
  await client.until(() => client.frames.length === 9);
  const expected = [1, 1, 2, 2, 2, 3, 3, 3, 3].map((request, at, all) => ({ request, last: all[at + 1] !== request }));
  for (const [at, frame] of client.frames.entries()) {
    const length = frame.readUInt32BE(0);
    const header = JSON.parse(frame.subarray(4, 4 + length).toString("utf8"));
    const { request, last } = expected[at]!;
    expect(header).toEqual({ type: "rows", request, offset: request, rowCount: 99, last });
    expect((4 + length) % 8).toBe(0);
    expect(frame.length - 4 - length).toBe(last ? 0 : 100_000);
    if (!last) expect(frame[4 + length]).toBe(request);
  }
});

test("a request that cannot be met is refused with its number, a sentence and a hint", async () => {
  const client = await connect();
  client.socket.send(JSON.stringify({ type: "save", request: 7 }));
  await client.until(() => client.messages.some((message) => message.type === "refused"));
  expect(client.messages.find((message) => message.type === "refused")).toEqual({
    type: "refused",
    request: 7,
    message: "The disk is full.",
    hint: "Free some space.",
  });
});

test("who speaks before hello, nonsense, or hello twice is closed with a code", async () => {
  for (const words of ['{"type":"save","request":1}', "not json", '{"type":"unknown"}', "[]"]) {
    const client = await connect(null);
    client.socket.send(words);
    expect(await client.closed).toBe(CLOSE.misspoke);
  }
  const twice = await connect();
  twice.socket.send(JSON.stringify({ type: "hello", client: "c", epoch: null, sequence: null, width: 1 }));
  expect(await twice.closed).toBe(CLOSE.misspoke);
});

test("everyone is told how many watch", async () => {
  const one = await connect();
  await one.until(() => one.messages.some((message) => message.type === "presence"));
  const two = await connect();
  await one.until(() => one.messages.some((message) => message.type === "presence" && message.clients === 2));
  two.socket.close();
  await one.until(() => one.messages.filter((message) => message.type === "presence").at(-1)!.clients === 1);
});
