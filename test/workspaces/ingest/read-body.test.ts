import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseContract } from "../../../workspaces/contracts/parse-contract.ts";
import { EventChecker } from "../../../workspaces/ingest/check-event.ts";
import { type BodyRequest, readBody } from "../../../workspaces/ingest/read-body.ts";
import { decision } from "../../support/workspace-folder.ts";

const read = parseContract(`stream: s
decision:
  score: {type: number, min: 0, max: 1}
  values: [approve, review, block]
  entity: account_id
  amount: amount
features:
  account_id: {type: text}
  amount: {type: "decimal(12,2)", min: 0}
  country: {type: text}
  n: {type: integer}
  on: {type: boolean}
  day: {type: date}
  at: {type: timestamp}
  j: {type: json}
`);
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const contract = read.contract;
const strict = { ...contract, strict: true };

function take(body: string | Buffer, change: Partial<BodyRequest> = {}, of = contract) {
  const request: BodyRequest = {
    log: "decisions",
    contentType: "application/x-ndjson",
    contentEncoding: null,
    idempotencyKey: null,
    body: Buffer.from(body),
    maxBytes: 1e6,
    ...change,
  };
  const done = readBody(request, new EventChecker(of, request.log));
  const rows = done.rows.toString().split("\n").slice(0, -1);
  expect(rows.length).toBe(done.count);
  expect(done.ends.at(-1) ?? 0).toBe(done.rows.byteLength);
  return { rows: rows.map((row) => JSON.parse(row) as Record<string, unknown>), refused: done.refused };
}
const line = (change: Record<string, unknown> = {}): string => JSON.stringify(decision("t-1", change));

test("an event becomes one flat row with its times in UTC and its decimals exact", () => {
  const { rows } = take(
    line({ decided_at: "2026-03-01T10:15:00.123456+01:00", features: { amount: 120.5, country: "DE" } }),
  );
  expect(rows).toEqual([
    {
      decision_id: "t-1",
      decided_at: "2026-03-01T09:15:00.123456Z",
      model: "gbm",
      model_version: "7",
      score: 0.93,
      decision: "review",
      amount: "120.5",
      country: "DE",
    },
  ]);
});

test("features may stand flat, copies may carry them, and unknown fields are kept", () => {
  const event = {
    decision_id: "t",
    decided_at: "2026-03-01T00:00:00Z",
    decision: "approve",
    entity_id: "a-1",
    country: "FR",
    ip: "x",
    features: { novel: 3 },
  };
  expect(take(JSON.stringify(event)).rows[0]).toMatchObject({
    account_id: "a-1",
    country: "FR",
    extra: '{"ip":"x","novel":3}',
  });
});

describe("each bad event is refused with what, where and what would be right", () => {
  test.each([
    [{ score: "high" }, 'score: expected a number from 0 to 1, got "high"'],
    [{ decision_id: undefined }, "decision_id: missing"],
    [{ decision_id: "" }, 'decision_id: expected text that is not empty, got ""'],
    [{ decided_at: "2026-03-01 10:15" }, "decided_at: expected a time with offset"],
    [{ decided_at: "2026-02-30T00:00:00Z" }, "decided_at: expected a time with offset"],
    [{ decided_at: "-000001-01-01T00:00:00Z" }, "decided_at: expected a time with offset"],
    [
      { features: { amount: "1.234" } },
      "amount: expected a decimal with at most 10 digits before and 2 after the point",
    ],
    [{ features: { n: 1.5 } }, "n: expected a whole number"],
    [{ features: { on: "yes" } }, "on: expected true or false"],
    [{ features: { day: "2026-13-01" } }, "day: expected a date"],
    [{ features: [] }, "features: expected an object"],
    [{ recorded_at: "2026-03-01T00:00:00Z" }, "recorded_at: this name is reserved"],
    [{ model: "\ud800" }, "model: expected text without lone surrogates"],
    [{ model: "a\u0000b" }, "model: expected text without lone surrogates or NUL"],
    [{ note: "\ud800" }, "note: expected text without lone surrogates"],
  ])("%j", (change, says) => {
    const { rows, refused } = take(line(change as Record<string, unknown>));
    expect(rows).toEqual([]);
    expect(refused[0]!.reason).toContain(says);
    expect(refused[0]!.raw).toContain("decided_at");
  });

  test.each([
    ["{oops", "not JSON"],
    ['{"decision_id":"a","decided_at":"2026-03-01T00:00:00Z","decision":"review","score":NaN}', "not JSON"],
    [
      '{"decision_id":"a","decided_at":"2026-03-01T00:00:00Z","decision":"review","score":1e999}',
      "score: expected a number from 0 to 1",
    ],
    [
      '{"decision_id":"a","decision_id":"b","decided_at":"2026-03-01T00:00:00Z","decision":"review"}',
      "decision_id: the key stands twice",
    ],
    [
      '{"decision_id":"a","decided_at":"2026-03-01T00:00:00Z","decision":"review","__proto__":{"x":1}}',
      "__proto__: this name is reserved",
    ],
    ["[1]", "expected an object"],
    ["7", "expected an object"],
  ])("%s", (text, says) => {
    expect(take(text).refused[0]!.reason).toContain(says);
  });
});

test("numbers beyond 2^53 and long decimals stay exact", () => {
  const text =
    '{"decision_id":"a","decided_at":"9999-12-31T23:59:59Z","decision":"review","n":9007199254740993,"big":9007199254740993,"amount":1234567890.12}';
  const { rows } = take(text.replace('"n":', '"features":{},"n":'));
  expect(rows[0]).toMatchObject({ amount: "1234567890.12", extra: '{"big":9007199254740993}' });
  const row = readBody(
    {
      log: "decisions",
      contentType: "application/json",
      contentEncoding: null,
      idempotencyKey: null,
      body: Buffer.from(text),
      maxBytes: 1e6,
    },
    new EventChecker(contract, "decisions"),
  ).rows.toString();
  expect(row).toContain('"n":9007199254740993');
});

test("bounds and value lists are counted elsewhere, unless the contract is strict", () => {
  expect(take(line({ score: 1.5 })).rows).toHaveLength(1);
  expect(take(line({ score: 1.5 }), {}, strict).refused[0]!.reason).toBe(
    "score: expected a number from 0 to 1, got 1.5",
  );
  expect(take(line({ decision: "maybe" }), {}, strict).refused[0]!.reason).toContain("one of approve, review, block");
});

test("every content type gives the same row", () => {
  const event = decision("t-1");
  const expected = take(line()).rows;
  const cloud = { specversion: "1.0", source: "pos", id: "9", type: "d", data: event };
  const { features, ...rest } = event;
  const flat = { ...rest, ...(features as object) };
  const csv = `${Object.keys(flat).join(",")}\n${Object.values(flat).join(",")}\n`;
  const of = (contentType: string, body: string) => take(body, { contentType }).rows;
  expect(of("application/json", JSON.stringify(event))).toEqual(expected);
  expect(of("application/json; charset=utf-8", JSON.stringify([event]))).toEqual(expected);
  expect(of("application/cloudevents+json", JSON.stringify(cloud))).toEqual(expected);
  expect(of("application/cloudevents-batch+json", JSON.stringify([cloud]))).toEqual(expected);
  expect(of("text/csv", csv)).toEqual(expected);
  expect(take(gzipSync(line()), { contentEncoding: "gzip" }).rows).toEqual(expected);
});

test("identity comes from the event, else from the CloudEvent, else from the key and the place", () => {
  const { decision_id: _, ...anonymous } = decision("x");
  const cloud = { source: "pos", id: "9", time: "2026-03-02T00:00:00Z", data: anonymous };
  expect(take(JSON.stringify(cloud), { contentType: "application/cloudevents+json" }).rows[0]!.decision_id).toBe(
    "pos#9",
  );
  const twice = `${JSON.stringify(anonymous)}\n${JSON.stringify(anonymous)}`;
  expect(take(twice, { idempotencyKey: "batch-1" }).rows.map((row) => row.decision_id)).toEqual([
    "batch-1#0",
    "batch-1#1",
  ]);
  expect(take(twice).refused.map((event) => event.reason)).toEqual(["decision_id: missing", "decision_id: missing"]);
});

test("a body that cannot be read at all is refused as a whole", () => {
  const kind = (body: string | Buffer, change: Partial<BodyRequest> = {}): string => {
    try {
      take(body, change);
      return "accepted";
    } catch (error) {
      return (error as { kind: string }).kind;
    }
  };
  expect(kind("", {})).toBe("unreadable");
  expect(kind("[1,", { contentType: "application/json" })).toBe("unreadable");
  expect(kind("x", { contentType: "image/png" })).toBe("unsupported");
  expect(kind("x", { contentEncoding: "br" })).toBe("unsupported");
  expect(kind("x", { contentEncoding: "gzip" })).toBe("unreadable");
  expect(kind(gzipSync(Buffer.alloc(5_000_000, 32)), { contentEncoding: "gzip" })).toBe("too-large");
  expect(kind(Buffer.alloc(2_000_000), {})).toBe("too-large");
});

test("bytes that are no UTF-8 are kept as base64 and do not take their neighbours along", () => {
  const { rows, refused } = take(
    Buffer.concat([Buffer.from(`${line()}\n`), Buffer.from([0xff, 0xfe, 10]), Buffer.from(line())]),
  );
  expect(rows).toHaveLength(2);
  expect(refused).toMatchObject([{ index: 1, raw: "//4=", raw_is_base64: true }]);
});

test("feedback carries a label, a withdrawn one, or a value", () => {
  const said = (event: object) =>
    take(JSON.stringify({ decision_id: "d", source: "analyst", ...event }), { log: "feedback" });
  expect(said({ label: true }).rows[0]).toEqual({ decision_id: "d", label: true, source: "analyst" });
  expect(said({ label: null }).rows).toHaveLength(1);
  expect(said({ value: 3 }).rows).toHaveLength(1);
  expect(said({}).refused[0]!.reason).toContain("label: missing");
  expect(said({ label: "maybe" }).refused[0]!.reason).toBe('label: expected true or false, got "maybe"');
});

test("whatever arrives, each event is accepted or refused, in its place, and none is dropped", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom("2026-03-01T00:00:00Z", "review", 0.5, "t-1"));
  const event = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((any) => JSON.stringify(any)),
    fc
      .dictionary(
        fc.constantFrom("decision_id", "decided_at", "decision", "score", "features", "n", "__proto__", "x"),
        value,
      )
      .map((any) => JSON.stringify(any)),
    fc.string({ unit: "binary" }).filter((text) => text.trim() !== "" && !/[\n\r]/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (events) => {
      const lines = events.filter((text) => Buffer.from(text).toString().trim() !== "");
      fc.pre(lines.length > 0);
      const { rows, refused } = take(lines.join("\n"));
      expect(rows.length + refused.length).toBe(lines.length);
      for (const { index, raw } of refused) expect(raw).toBe(Buffer.from(lines[index]!).toString().trim());
    }),
    { numRuns: 500 },
  );
});
