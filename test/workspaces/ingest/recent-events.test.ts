import { expect, test } from "vitest";
import { hash53 } from "../../../workspaces/ingest/read-body.ts";
import { RecentEvents } from "../../../workspaces/ingest/recent-events.ts";
import { Random } from "../../support/random.ts";

function batchOf(rows: readonly string[]): { rows: Buffer; hashes: Float64Array; ends: Uint32Array } {
  let end = 0;
  return {
    rows: Buffer.from(rows.join("")),
    hashes: Float64Array.from(rows, (row) => hash53(row.split(" ")[0]!)),
    ends: Uint32Array.from(rows, (row) => {
      end += Buffer.byteLength(row);
      return end;
    }),
  };
}

test("it never knows an event that did not come, and knows those that came last", () => {
  const random = new Random(3);
  const limit = 20_000;
  const recent = new RecentEvents(limit);
  const added = new Set<string>();
  const order: string[] = [];
  for (let round = 0; round < 400; round += 1) {
    const rows = Array.from(
      { length: random.integer(1, 30) },
      () => `id-${random.integer(0, 3000)} ${random.integer(0, 3)}\n`,
    );
    const { rows: bytes, hashes, ends } = batchOf(rows);
    recent.add(bytes, hashes, ends);
    for (const row of rows) added.add(row);
    order.push(...rows);
    const asked = `id-${random.integer(0, 3000)} ${random.integer(0, 3)}\n`;
    if (recent.has(hash53(asked.split(" ")[0]!), Buffer.from(asked))) expect(added).toContain(asked);
    // Of one id the content that came last is the one that is known.
    const last = new Map(rows.map((row) => [row.split(" ")[0]!, row]));
    for (const [id, row] of last) expect(recent.has(hash53(id), Buffer.from(row))).toBe(true);
  }
  const bytes = order.reduce((sum, row) => sum + row.length, 0);
  expect(bytes).toBeGreaterThan(2 * limit);
  const forgotten = order
    .slice(0, 50)
    .filter((row) => order.lastIndexOf(row) < 50 && recent.has(hash53(row.split(" ")[0]!), Buffer.from(row)));
  expect(forgotten).toEqual([]);
});

test("a batch larger than all that is kept is not kept, and does not push out what is", () => {
  const recent = new RecentEvents(1000);
  const small = batchOf(["a 1\n"]);
  recent.add(small.rows, small.hashes, small.ends);
  const large = batchOf(Array.from({ length: 500 }, (_, at) => `b-${at} ${"x".repeat(10)}\n`));
  recent.add(large.rows, large.hashes, large.ends);
  expect(recent.has(hash53("a"), Buffer.from("a 1\n"))).toBe(true);
  expect(recent.has(hash53("b-1"), Buffer.from(`b-1 ${"x".repeat(10)}\n`))).toBe(false);
});
