import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { parseContract } from "../../../workspaces/contracts/parse-contract.ts";
import { Intake, type IntakeRequest } from "../../../workspaces/ingest/intake.ts";
import { readRecords, segmentFolder, segmentName } from "../../../workspaces/ingest/segments.ts";
import { CARD_CONTRACT, decision } from "../../support/workspace-folder.ts";

const read = parseContract(CARD_CONTRACT);
if (!read.ok) throw new Error("the contract of the tests does not parse");
const { contract } = read;

async function opened() {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-intake-"));
  const commits: number[] = [];
  const intake = new Intake({
    folder,
    contract: (stream) => (stream === "card_fraud" ? contract : null),
    lastRecordedMicros: () => 0,
    onCommit: (_stream, _log, last) => commits.push(last),
    onDuplicates: () => {},
    onNotice: () => {},
    keepFreeBytes: 0,
  });
  const send = (events: unknown[], change: Partial<IntakeRequest> = {}) =>
    intake.accept({
      stream: "card_fraud",
      log: "decisions",
      contentType: "application/x-ndjson",
      contentEncoding: null,
      idempotencyKey: null,
      body: Buffer.from(events.map((event) => (typeof event === "string" ? event : JSON.stringify(event))).join("\n")),
      ...change,
    });
  const records = () =>
    readRecords(path.join(segmentFolder(folder, "card_fraud", "decisions"), segmentName(1)), 0, 1e9).records;
  return { intake, send, records, commits };
}

test("an answer comes when the events are on disk; refused ones are kept with reason and raw text", async () => {
  const { intake, send, records, commits } = await opened();
  const answer = await send([decision("a"), decision("b", { score: "high" }), "{oops"]);
  expect(answer).toMatchObject({ accepted: 1, duplicates: 0, quarantined: [{ index: 1 }, { index: 2 }] });
  const [events, refused] = records();
  expect(events).toMatchObject({ kind: "events", count: 1 });
  expect(refused).toMatchObject({ kind: "refused", count: 2 });
  const lines = Buffer.from(refused!.payload)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines[1]).toMatchObject({ raw: "{oops", source: "http", raw_is_base64: false });
  expect(commits).toEqual([refused!.recordedAtMicros + 1]);
  await intake.close();
});

test("a retry is told at once that all is known and writes nothing; the same id with other content goes on to the loader", async () => {
  const { intake, send, records } = await opened();
  const events = [decision("a"), decision("b")];
  expect(await send(events)).toMatchObject({ accepted: 2, duplicates: 0 });
  expect(await send(events)).toMatchObject({ accepted: 0, duplicates: 2 });
  expect(records()).toHaveLength(1);
  expect(await send([decision("a", { score: 0.1 }), decision("b"), decision("c")])).toMatchObject({
    accepted: 2,
    duplicates: 1,
  });
  expect(records()).toHaveLength(2);
  await intake.close();
});

test("an unknown stream is refused by name", async () => {
  const { intake, send } = await opened();
  await expect(send([decision("a")], { stream: "nope" })).rejects.toMatchObject({ kind: "unknown-stream" });
  await intake.close();
});

test("many requests at once are all answered, each event stored once", async () => {
  const { intake, send, records } = await opened();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => send(Array.from({ length: 50 }, (_, j) => decision(`t-${i}-${j}`)))),
  );
  expect(answers.every((answer) => answer.accepted === 50)).toBe(true);
  const ids = records().flatMap((record) =>
    Buffer.from(record.payload)
      .toString()
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { decision_id: string }).decision_id),
  );
  expect(new Set(ids).size).toBe(2000);
  expect(ids).toHaveLength(2000);
  await intake.close();
});
