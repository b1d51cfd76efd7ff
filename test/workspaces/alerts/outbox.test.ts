import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Notification } from "../../../cells/alerts/notification.ts";
import { Outbox } from "../../../workspaces/alerts/outbox.ts";

const T0 = Date.UTC(2026, 3, 1);
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const NO = { ok: false, status: 503, text: "503 Service Unavailable" };
const YES = { ok: true, status: 200, text: "200" };

function aMessage(key: string, destination = "team"): Notification {
  const at = "2026-04-01T00:00:00.000Z";
  return { key, type: "changed", destination, job: "daily", run: key, at, alerts: [], unlisted: {} };
}
function outboxOf(...messages: Notification[]): Outbox {
  const outbox = new Outbox(new DatabaseSync(":memory:"));
  for (const one of messages) outbox.add(one, "t", T0);
  return outbox;
}

test("the oldest waiting message of each destination is its head, due or not", () => {
  const outbox = outboxOf(aMessage("a1", "a"), aMessage("b1", "b"), aMessage("a2", "a"));
  const heads = () => outbox.heads().map(({ id }) => id);
  expect(heads()).toEqual(["a1", "b1"]);
  outbox.end(outbox.begin("a1", T0), "a1", NO, T0);
  expect(heads()).toEqual(["a1", "b1"]);
  outbox.end(outbox.begin("a1", T0), "a1", YES, T0);
  outbox.end(outbox.begin("b1", T0), "b1", YES, T0);
  expect(heads()).toEqual(["a2"]);
});

test("the same key is one message", () => {
  const outbox = outboxOf(aMessage("a"));
  expect([outbox.add(aMessage("a"), "again", T0), outbox.list(9).length]).toEqual([false, 1]);
});

test("it is tried again after 5 s, 15 s, 45 s … an hour, for a day, then it counts as failed and the next one's turn comes", () => {
  const outbox = outboxOf(aMessage("a"), aMessage("b"));
  const waits: number[] = [];
  let now = T0;
  for (;;) {
    const state = outbox.end(outbox.begin("a", now), "a", NO, now);
    if (state === "failed") break;
    const { nextMillis } = outbox.find("a")!;
    waits.push((nextMillis - now) / SECOND);
    now = nextMillis;
  }
  expect(waits.slice(0, 8)).toEqual([5, 15, 45, 135, 405, 1215, 3600, 3600]);
  expect(now).toBeGreaterThan(T0 + 23 * HOUR);
  expect(now).toBeLessThanOrEqual(T0 + 24 * HOUR);
  expect(outbox.find("a")).toMatchObject({ state: "failed", failures: waits.length + 1 });
  expect(outbox.counts("team")).toMatchObject({ waiting: 1, failed: 1, lastProblem: "503 Service Unavailable" });
  expect(outbox.heads().map(({ id }) => id)).toEqual(["b"]);
  outbox.redeliver("a", now + HOUR);
  expect(outbox.heads()[0]).toMatchObject({ id: "a", failures: 0, giveUpMillis: now + 25 * HOUR });
  expect(outbox.redeliver("none", now)).toBeNull();
});

test("every attempt is kept, and one that was cut off is seen as not known", () => {
  const outbox = outboxOf(aMessage("a"));
  outbox.begin("a", T0);
  outbox.end(outbox.begin("a", T0 + 1), "a", YES, T0 + 31);
  expect(outbox.attempts("a")).toEqual([
    { atMillis: T0, durationMillis: null, outcome: "unknown", status: null, text: null },
    { atMillis: T0 + 1, durationMillis: 30, outcome: "delivered", status: 200, text: "200" },
  ]);
  expect(outbox.counts("team")).toMatchObject({ lastDeliveredMillis: T0 + 31, lastProblem: null });
});

test("how a destination does is the last attempt's to say, and looks at no more however many messages there were", () => {
  const database = new DatabaseSync(":memory:");
  const outbox = new Outbox(database);
  const keys = Array.from({ length: 20_000 }, (_, at) => `m${at}`);
  database.exec("BEGIN");
  for (const key of keys) outbox.add(aMessage(key), "t", T0);
  for (const [at, key] of keys.entries()) if (at < 19_000) outbox.end(outbox.begin(key, T0 + at), key, YES, T0 + at);
  database.exec("COMMIT");
  expect(outbox.counts("team").lastProblem).toBeNull();
  outbox.end(outbox.begin("m19000", T0 + HOUR), "m19000", NO, T0 + HOUR);
  const began = performance.now();
  for (let times = 0; times < 100; times++) outbox.counts("team");
  expect(performance.now() - began).toBeLessThan(200);
  expect(outbox.counts("team")).toMatchObject({ waiting: 1000, failed: 0, lastProblem: NO.text });
  outbox.redeliver("m5", T0 + 2 * HOUR);
  outbox.end(outbox.begin("m5", T0 + 2 * HOUR), "m5", YES, T0 + 2 * HOUR);
  expect(outbox.counts("team")).toMatchObject({ lastProblem: null, lastDeliveredMillis: T0 + 2 * HOUR });
});
