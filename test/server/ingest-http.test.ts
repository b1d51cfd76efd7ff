import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startServer();
  key = await server.key("ingest:card_fraud");
});
afterAll(() => server?.stop());

async function send(
  body: string | Uint8Array,
  type: string,
  headers: Record<string, string> = {},
  where = "/api/streams/card_fraud/decisions",
): Promise<{ status: number; answer: Record<string, unknown>; headers: Headers }> {
  const answer = await fetch(`${server.origin}${where}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": type, ...headers },
    body: body as BodyInit,
  });
  return { status: answer.status, answer: (await answer.json()) as Record<string, unknown>, headers: answer.headers };
}
const scores = async (prefix: string): Promise<Record<string, unknown>[]> =>
  server.ask<Record<string, unknown>[]>("/api/query", {
    method: "POST",
    json: {
      sql: `SELECT decision_id, score, amount, country FROM card_fraud.decisions WHERE starts_with(decision_id, '${prefix}') ORDER BY decision_id`,
    },
  });
const ok = (accepted: number) => ({ status: 200, answer: { accepted, duplicates: 0, quarantined: [] } });

test("one event is the same in every form that a body may have", async () => {
  const [a, b] = [decision("f-1"), decision("f-2")];
  const cloud = (id: string, data: unknown) => ({
    specversion: "1.0",
    type: "payment.scored",
    source: "/payments",
    id,
    time: "2026-03-01T10:15:00Z",
    data,
  });
  expect(await send(JSON.stringify(a), "application/json")).toMatchObject(ok(1));
  expect(await send(JSON.stringify([b]), "application/json; charset=utf-8")).toMatchObject(ok(1));
  const lines = `${JSON.stringify(decision("f-3"))}\n\n${JSON.stringify(decision("f-4"))}\r\n`;
  expect(await send(lines, "application/x-ndjson")).toMatchObject(ok(2));
  expect(
    await send(gzipSync(JSON.stringify(decision("f-5"))), "application/json", { "content-encoding": "gzip" }),
  ).toMatchObject(ok(1));
  expect(await send(JSON.stringify(cloud("c-1", decision("f-6"))), "application/cloudevents+json")).toMatchObject(
    ok(1),
  );
  expect(
    await send(JSON.stringify([cloud("c-2", decision("f-7"))]), "application/cloudevents-batch+json"),
  ).toMatchObject(ok(1));
  const csv =
    "decision_id,decided_at,decision,score,account_id,amount,country\nf-8,2026-03-01T10:15:00Z,review,0.93,a-7,120.50,DE\n";
  expect(await send(csv, "text/csv")).toMatchObject(ok(1));
  await expect.poll(async () => (await scores("f-")).length, { timeout: 20_000 }).toBe(8);
  for (const row of await scores("f-"))
    expect(row).toEqual({ decision_id: row.decision_id, score: 0.93, amount: "120.50", country: "DE" });
});

test("a bad event is named with its place, the good ones beside it are kept, and nothing is dropped", async () => {
  const lines = [
    JSON.stringify(decision("g-1")),
    JSON.stringify(decision("g-2", { score: "high" })),
    "{not json",
    JSON.stringify(decision("g-3", { decided_at: "2026-03-01 10:15:00" })),
    JSON.stringify(decision("g-4")),
  ];
  const { status, answer } = await send(lines.join("\n"), "application/x-ndjson");
  expect([status, answer.accepted]).toEqual([200, 2]);
  const refused = answer.quarantined as { index: number; reason: string }[];
  expect(refused.map(({ index }) => index)).toEqual([1, 2, 3]);
  expect(refused[0]!.reason).toBe('score: expected a number from 0 to 1, got "high"');
  expect(refused[2]!.reason).toMatch(/^decided_at: expected a time with offset/);
  await expect.poll(async () => (await scores("g-")).length, { timeout: 20_000 }).toBe(2);
});

test("a retry is a retry: by id, and by Idempotency-Key for feedback without one", async () => {
  const body = JSON.stringify(decision("h-1"));
  expect(await send(body, "application/json")).toMatchObject(ok(1));
  expect((await send(body, "application/json")).answer).toMatchObject({ accepted: 0, duplicates: 1 });
  const label = JSON.stringify({
    decision_id: "h-1",
    label: true,
    source: "analyst",
    observed_at: "2026-03-02T00:00:00Z",
  });
  const where = "/api/streams/card_fraud/feedback";
  expect(await send(label, "application/json", { "idempotency-key": "k-1" }, where)).toMatchObject(ok(1));
  // Without an id of its own the loader recognises it by its content; what it finds is counted on the stream.
  const view = async () => server.ask<{ duplicates: number; feedback: number }>("/api/streams/card_fraud");
  await expect.poll(async () => (await view()).feedback, { timeout: 20_000 }).toBe(1);
  const before = (await view()).duplicates;
  expect((await send(label, "application/json", { "idempotency-key": "k-1" }, where)).status).toBe(200);
  expect((await send(label, "application/json", {}, where)).status).toBe(200);
  await expect.poll(async () => (await view()).duplicates, { timeout: 20_000 }).toBe(before + 2);
  expect((await view()).feedback).toBe(1);
});

test("what cannot be taken as a whole has its status, a sentence, and the request's number", async () => {
  const problem = async (expected: number, sent: Promise<Awaited<ReturnType<typeof send>>>, words: RegExp) => {
    const { status, answer, headers } = await sent;
    expect([status, headers.get("content-type")]).toEqual([
      expected,
      expect.stringContaining("application/problem+json"),
    ]);
    expect(answer).toMatchObject({
      status: expected,
      requestId: expect.any(String),
      detail: expect.stringMatching(words),
    });
  };
  await problem(422, send("complete nonsense", "application/json"), /expected an event or an array of events/);
  await problem(422, send("", "application/x-ndjson"), /empty|no event|nothing/i);
  await problem(415, send("<event/>", "application/xml"), /application\/xml|text\/csv|application\/json/);
  await problem(415, send("{}", "application/json", { "content-encoding": "br" }), /gzip/);
  await problem(422, send("not gzip", "application/json", { "content-encoding": "gzip" }), /gzip/i);
  await problem(413, send(new Uint8Array(65 * 1024 * 1024).fill(32), "application/json"), /larger|MB|bytes/);
  const unknown = await server.request("/api/streams/card_frauds/decisions", { method: "POST", json: {} });
  expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringContaining("card_frauds")]);
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, " "));
  await problem(413, send(bomb, "application/json", { "content-encoding": "gzip" }), /larger|MB|bytes/);
});
