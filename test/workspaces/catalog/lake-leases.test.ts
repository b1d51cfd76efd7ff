import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCatalogDatabase } from "../../../workspaces/catalog/catalog.ts";
import { commitRewrite, type NewPart } from "../../../workspaces/catalog/catalog-writer.ts";
import { endLeases, type HeldSnapshot, holdSnapshot } from "../../../workspaces/catalog/lake-leases.ts";
import { deleteReplaced, GRACE_MILLIS } from "../../../workspaces/loader/retire-files.ts";
import { Random } from "../../support/random.ts";

const HOUR = 3_600_000;
let folder: string;
let lake: string;
let database: DatabaseSync;
let files: number;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "driftbook-leases-"));
  lake = path.join(folder, "lake");
  mkdirSync(lake);
  database = openCatalogDatabase(folder);
  files = 0;
});
afterEach(async () => {
  if (database.isOpen) database.close();
  await rm(folder, { recursive: true, force: true });
});

function newPart(): NewPart {
  files += 1;
  const name = `${files}.parquet`;
  writeFileSync(path.join(lake, name), "x");
  return {
    stream: "s",
    log: "decisions",
    path: name,
    day: null,
    rows: 1,
    bytes: 1,
    crc32: null,
    eventMinMicros: 0,
    eventMaxMicros: 0,
    recordedMinMicros: files,
    recordedMaxMicros: files,
    importNumber: null,
    columns: [],
  };
}
const rewrite = (replaced: readonly number[], added: number, atMillis: number): void =>
  commitRewrite(database, { replaced, parts: Array.from({ length: added }, newPart), atMillis });
const live = (): { id: number; path: string }[] =>
  database.prepare("SELECT id, path FROM lake_parts WHERE replaced_at_millis IS NULL").all() as never;
const isThere = (name: string): boolean => existsSync(path.join(lake, name));

test("what a notebook has read for two days is there, compacted or not; what came and went meanwhile is not", () => {
  rewrite([], 2, 0);
  const held = holdSnapshot(database, HOUR);
  rewrite(
    live().map(({ id }) => id),
    1,
    2 * HOUR,
  );
  rewrite(
    live().map(({ id }) => id),
    1,
    3 * HOUR,
  );
  deleteReplaced(database, lake, 49 * HOUR);
  expect(held.snapshot.parts.map(({ path: name }) => [name, isThere(name)])).toEqual([
    ["1.parquet", true],
    ["2.parquet", true],
  ]);
  expect([isThere("3.parquet"), isThere("4.parquet")]).toEqual([false, true]);
  held.release();
  held.release();
  expect(deleteReplaced(database, lake, 49 * HOUR)).toBe(2);
});

test("what a lease has seen is held also where the clock of who replaces it is behind", () => {
  rewrite([], 1, 0);
  const held = holdSnapshot(database, HOUR);
  rewrite([1], 1, HOUR - 1);
  deleteReplaced(database, lake, 3 * HOUR);
  expect(isThere("1.parquet")).toBe(true);
  held.release();
  deleteReplaced(database, lake, 3 * HOUR);
  expect(isThere("1.parquet")).toBe(false);
});

test("who comes to own a workspace ends what a killed owner held", () => {
  rewrite([], 1, 0);
  holdSnapshot(database, 1);
  rewrite([1], 1, 2);
  endLeases(database);
  deleteReplaced(database, lake, HOUR);
  expect([isThere("1.parquet"), isThere("2.parquet")]).toEqual([false, true]);
});

test("a database that was closed has nothing to give back", () => {
  const held = holdSnapshot(database, 0);
  database.close();
  expect(() => held.release()).not.toThrow();
});

test("whatever is added, rewritten, held and given back: held files are there, others go after the grace", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    let now = seed * 1000 * HOUR;
    const held = new Set<HeldSnapshot>();
    const replacedAt = new Map<string, number>();
    for (let step = 0; step < 120; step++) {
      now += 1 + random.integer(0, 2) * 10 * 60_000;
      // The clock of the process that replaces may be behind that of the one that reads.
      const replacing = now - (random.next() < 0.3 ? random.integer(0, 5) * 60_000 : 0);
      switch (random.integer(0, 5)) {
        case 0:
          rewrite([], random.integer(1, 3), now);
          break;
        case 1:
        case 2: {
          const going = live().filter(() => random.next() < 0.5);
          for (const { path: name } of going) replacedAt.set(name, now);
          rewrite(
            going.map(({ id }) => id),
            random.integer(0, 1),
            replacing,
          );
          break;
        }
        case 3:
          held.add(holdSnapshot(database, now));
          break;
        case 4: {
          const one = [...held][random.integer(0, held.size)];
          one?.release();
          if (one !== undefined) held.delete(one);
          break;
        }
        default: {
          deleteReplaced(database, lake, now);
          const needed = new Set([...held].flatMap(({ snapshot }) => snapshot.parts.map(({ path: name }) => name)));
          for (const name of [...needed, ...live().map(({ path: name }) => name)])
            expect(isThere(name), `seed ${seed}, step ${step}: ${name}`).toBe(true);
          for (const [name, at] of replacedAt)
            if (at < now - GRACE_MILLIS && !needed.has(name))
              expect(isThere(name), `seed ${seed}, step ${step}: ${name}`).toBe(false);
        }
      }
    }
    for (const one of held) one.release();
  }
});
