import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { Committer } from "../../../workspaces/ingest/committer.ts";
import { readRecords, segmentName, segmentNumbers } from "../../../workspaces/ingest/segments.ts";

const NONE = { refused: new Uint8Array(), refusedCount: 0 };
const batch = (text: string) => ({ events: Buffer.from(`${text}\n`), eventCount: 1, ...NONE });
const folderOf = () => mkdtemp(path.join(tmpdir(), "driftbook-segments-"));
const texts = (file: string) =>
  readRecords(file, 0, 1e9).records.map((record) => Buffer.from(record.payload).toString().trim());

test("a torn or flipped tail costs the last record and nothing else, at every byte of it", async () => {
  const folder = await folderOf();
  const committer = await Committer.open({ folder, afterMicros: 0 });
  for (const text of ["one", "two"]) await committer.commit(batch(text));
  await committer.close();
  const file = path.join(folder, segmentName(1));
  const whole = await readFile(file);
  const second = readRecords(file, 0, 1).offset;
  for (let at = second; at < whole.length; at++) {
    for (const damaged of [whole.subarray(0, at), whole.with(at, whole[at]! ^ 0x10)]) {
      await writeFile(file, damaged);
      expect(texts(file)).toEqual(["one"]);
      const notices: string[] = [];
      const again = await Committer.open({ folder, afterMicros: 0, onNotice: (notice) => notices.push(notice) });
      await again.commit(batch("three"));
      await again.close();
      expect(texts(file)).toEqual(["one", "three"]);
      expect(notices).toHaveLength(damaged.length === second ? 0 : 1);
    }
  }
});

test("recorded times rise strictly in commit order, whatever the clock does", async () => {
  const folder = await folderOf();
  const clock = [5_000_000, 1_000_000, 1_000_001, 9_000_000];
  const committer = await Committer.open({ folder, afterMicros: 4_999_999, nowMicros: () => clock.shift() ?? 0 });
  const committed = [];
  for (let i = 0; i < 5; i++)
    committed.push(await committer.commit({ events: Buffer.from("a\nb\n"), eventCount: 2, ...NONE }));
  await committer.close();
  const times = readRecords(path.join(folder, segmentName(1)), 0, 1e9).records.map((record) => record.recordedAtMicros);
  expect(times).toEqual([5_000_000, 5_000_002, 5_000_004, 9_000_000, 9_000_002]);
  expect(committed.map((one) => one.lastRecordedMicros)).toEqual(times.map((time) => time + 1));
  const again = await Committer.open({ folder, afterMicros: 0 });
  expect(again.lastRecordedMicros).toBe(9_000_003);
  await again.close();
});

test("batches that wait together are one group, each answered once, in order, over as many files as it takes", async () => {
  const folder = await folderOf();
  let commits = 0;
  const committer = await Committer.open({ folder, afterMicros: 0, segmentBytes: 2000, onCommit: () => commits++ });
  const wanted = Array.from({ length: 300 }, (_, i) => `event ${i}`);
  await Promise.all(wanted.map((text) => committer.commit(batch(text))));
  await committer.close();
  const found: string[] = [];
  for (const number of await segmentNumbers(folder)) found.push(...texts(path.join(folder, segmentName(number))));
  expect(found).toEqual(wanted);
  expect(commits).toBeLessThan(10);
});

test("too much waiting is refused as busy, and what was refused is not kept", async () => {
  const folder = await folderOf();
  const committer = await Committer.open({ folder, afterMicros: 0, pendingBytes: 4000 });
  const answers = await Promise.allSettled(
    Array.from({ length: 200 }, (_, i) => committer.commit(batch(`event ${i}`))),
  );
  await committer.close();
  const kept = texts(path.join(folder, segmentName(1)));
  const accepted = answers.flatMap((answer, i) => (answer.status === "fulfilled" ? [`event ${i}`] : []));
  const refused = answers.filter((answer) => answer.status === "rejected");
  expect(kept).toEqual(accepted);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]!.reason).toMatchObject({ kind: "too-busy", retryAfterSeconds: 1 });
});
