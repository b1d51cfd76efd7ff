import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tableFromIPC } from "@uwdata/flechette";
import { expect, test } from "vitest";
import { startEngine } from "./start-engine.ts";

const WIDE = `SELECT range AS id, repeat('text ' || range, 20) AS words FROM range(200000)`;

async function sumOfIds(pieces: AsyncIterable<Uint8Array>): Promise<bigint> {
  const kept: Uint8Array[] = [];
  // A copy: the memory of a piece is used again for the next.
  for await (const piece of pieces) kept.push(piece.slice());
  const table = tableFromIPC(kept, { useBigInt: true });
  const words = table.getChild("words");
  let sum = 0n;
  for (const [row, id] of [...table.getChild("id")].entries()) {
    if (words.at(row) !== `text ${id}`.repeat(20)) throw new Error(`Row ${row} is not what was written.`);
    sum += id as bigint;
  }
  return sum;
}

const SUM = (199_999n * 200_000n) / 2n;

test("large pieces arrive whole, for readers side by side, through a few files that go with the process", async () => {
  await using running = await startEngine();
  const { engine, scratch } = running;
  await engine.materialise({ name: "wide", runId: "1", sql: WIDE });
  const request = { name: "wide", offset: 0, limit: 1_000_000 };
  const readers = [0, 1, 2].map(async () => sumOfIds((await engine.pages(request)).pieces));
  expect(await Promise.all([...readers, sumOfIds(engine.query({ sql: WIDE }))])).toEqual([SUM, SUM, SUM, SUM]);
  const { arrow } = await engine.page(request);
  expect(tableFromIPC(arrow).numRows).toBe(200_000);
  const files = await readdir(join(scratch, "pieces"));
  expect(files.length).toBeGreaterThan(0);
  expect(files.length).toBeLessThanOrEqual(16);
  await engine.close();
  expect(await readdir(scratch)).not.toContain("pieces");
});

test("a reader that stops in the middle holds nobody up, and its files are used again", async () => {
  await using running = await startEngine();
  const { engine, scratch } = running;
  const pid = engine.pid;
  for (let round = 0; round < 8; round += 1) {
    for await (const piece of engine.query({ sql: WIDE })) if (piece.length > 1_000_000) break;
  }
  expect(await sumOfIds(engine.query({ sql: WIDE }))).toBe(SUM);
  expect(engine.pid).toBe(pid);
  expect((await readdir(join(scratch, "pieces"))).length).toBeLessThanOrEqual(8);
});

test("pieces go through the pipe when no file can be made", async () => {
  await using running = await startEngine();
  const { engine, scratch } = running;
  // A file where the folder would be: as good as a full disk.
  await writeFile(join(scratch, "pieces"), "");
  expect(await sumOfIds(engine.query({ sql: WIDE }))).toBe(SUM);
});
