import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { FrozenVersion } from "../../../cells/jobs/version.ts";
import { hashOf, VersionStore } from "../../../workspaces/jobs/version-store.ts";

const FROZEN: FrozenVersion = {
  notebook: "a.nb.md",
  cell: "psi",
  text: "---\ndriftbook: 1\n---\n",
  set: { bound: 0.2, country: "DE" },
  window: "yesterday",
  contracts: [],
  lock: null,
};
const wish = (change: Partial<FrozenVersion> = {}) => ({
  job: "daily",
  madeBy: "somebody",
  note: null,
  frozen: { ...FROZEN, ...change },
  program: { driftbook: "1.0.0", engine: "DuckDB 1.5" },
  runtime: { node: "v24.0.0", deno: "2.9.6" },
  commit: "abc",
});

test("an unchanged closure is the same version; a changed part of it is another one; going back is a new number", () => {
  const database = new DatabaseSync(":memory:");
  const store = new VersionStore(database);
  const first = store.freeze(wish(), null, 1000);
  expect(first).toMatchObject({
    isNew: true,
    version: { number: 1, madeAt: "1970-01-01T00:00:01.000Z", commit: "abc" },
  });
  expect(store.freeze(wish(), 1, 2000)).toMatchObject({ isNew: false, version: { number: 1 } });
  const second = store.freeze(wish({ set: { bound: 0.3, country: "DE" } }), 1, 3000);
  expect(second).toMatchObject({ isNew: true, version: { number: 2 } });
  const back = store.freeze(wish(), 2, 4000);
  expect(back.version).toMatchObject({ number: 3, hash: first.version.hash });
  expect(store.list("daily").map(({ number }) => number)).toEqual([3, 2, 1]);
  expect(store.byHash("daily", first.version.hash.slice(0, 6))?.number).toBe(3);
  expect(store.find("daily", 2)?.frozen.set).toEqual({ bound: 0.3, country: "DE" });
  expect(() => database.exec("UPDATE versions SET note = 'changed'")).toThrow("a version is never changed");
});

test("the hash is of the content, not of the order of its keys, and of every part of it", () => {
  const hash = hashOf(FROZEN);
  expect(hashOf({ ...FROZEN, set: { country: "DE", bound: 0.2 } })).toBe(hash);
  const others: Partial<FrozenVersion>[] = [
    { notebook: "b.nb.md" },
    { cell: null },
    { text: "x" },
    { set: {} },
    { window: null },
    { contracts: [{ stream: "s", hash: "h", contract: null }] },
    { lock: "{}" },
  ];
  expect(new Set([hash, ...others.map((change) => hashOf({ ...FROZEN, ...change }))]).size).toBe(others.length + 1);
});
