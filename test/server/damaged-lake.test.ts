import { readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

let server: TestServer;
afterEach(() => server?.stop());

const count = async (): Promise<number> =>
  (
    await server.ask<{ n: number }[]>("/api/query", {
      method: "POST",
      json: { sql: "SELECT count(*) AS n FROM card_fraud.decisions" },
    })
  )[0]!.n;

async function post(from: number, to: number): Promise<void> {
  const before = await count();
  const events = Array.from({ length: to - from }, (_, at) => decision(`t-${from + at}`));
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: events });
  await expect.poll(count, { timeout: 20_000 }).toBe(before + events.length);
}

async function parts(): Promise<string[]> {
  const lake = path.join(server.folder, ".driftbook", "lake", "card_fraud", "decisions");
  const found = await readdir(lake, { recursive: true });
  return found.filter((name) => name.endsWith(".parquet")).map((name) => path.join(lake, name));
}

/** Two parts, of 100 and of 10 rows; the file of the first. */
async function twoParts(): Promise<string> {
  server = await startServer();
  await post(0, 100);
  const [first] = await parts();
  await post(100, 110);
  expect(await parts()).toHaveLength(2);
  return first!;
}

test("a damaged identity index is made anew from the lake: retries are still retries, conflicts still conflicts", async () => {
  await twoParts();
  await server.stop();
  const ids = path.join(server.folder, ".driftbook", "ids");
  for (const name of await readdir(ids)) {
    const bytes = readFileSync(path.join(ids, name));
    bytes[10]! ^= 0xff;
    writeFileSync(path.join(ids, name), bytes);
  }
  server = await startServer({ folder: server.folder });
  const events = [
    ...Array.from({ length: 110 }, (_, at) => decision(`t-${at}`)),
    decision("t-0", { score: 0.01 }),
    decision("t-new"),
  ];
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: events });
  await expect.poll(count, { timeout: 20_000 }).toBe(111);
  const view = await server.ask<{ duplicates: number; quarantine: { conflicts: number } }>("/api/streams/card_fraud");
  expect([view.duplicates, view.quarantine.conflicts]).toEqual([110, 1]);
});

test.each([
  ["is missing", (file: string) => renameSync(file, `${file}.away`), /file is missing/],
  ["was cut short", (file: string) => truncateSync(file, 200), /has 200 bytes instead of/],
  [
    "has another end",
    (file: string) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(file, bytes);
    },
    /does not end like a Parquet file/,
  ],
])("a part that %s is named, and the rest is readable", async (_what, damage, message) => {
  const file = await twoParts();
  damage(file);
  await expect.poll(count, { timeout: 20_000 }).toBe(10);
  const { problems } = await server.ask<{ problems: { message: string; where: string; hint: string }[] }>(
    "/api/workspace",
  );
  const problem = problems.find(({ where }) => where.endsWith(path.basename(file)));
  expect(problem?.message).toMatch(message);
  expect(problem?.message).toContain("card_fraud.decisions");
  expect(problem?.hint).toContain("backup");
  // What comes now is accepted, loaded and readable.
  await post(110, 115);
});

test("flipped bytes inside a part are told, the part is found, named and left out, and taken in again once it is mended", async () => {
  const file = await twoParts();
  const whole = readFileSync(file);
  const bytes = Buffer.from(whole);
  const namesIt = async () =>
    (await server.ask<{ problems: { message: string; where: string }[] }>("/api/workspace")).problems.find(
      ({ where }) => where.endsWith(path.basename(file)),
    )?.message;
  for (let at = 4; at < bytes.length / 2; at += 1) bytes[at]! ^= 0xff;
  writeFileSync(file, bytes);
  const answer = await server.request("/api/query", {
    method: "POST",
    json: { sql: "SELECT max(decision_id), sum(score) FROM card_fraud.decisions" },
  });
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("could not be read")]);
  await expect.poll(count, { timeout: 20_000 }).toBe(10);
  expect(await namesIt()).toMatch(/does not match its checksum/);
  writeFileSync(file, whole);
  await server.ask("/api/storage/verify", { method: "POST", json: {} });
  expect(await count()).toBe(110);
  expect(await namesIt()).toBeUndefined();
});
