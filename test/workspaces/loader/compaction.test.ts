import { expect, test } from "vitest";
import type { Part } from "../../../workspaces/catalog/catalog-snapshot.ts";
import { nextCompaction } from "../../../workspaces/loader/compact-parts.ts";

const DAY_MICROS = 86_400_000_000;
let ids = 0;
function part(change: Partial<Part> = {}): Part {
  ids += 1;
  return {
    id: ids,
    stream: "s",
    log: "decisions",
    path: `${ids}.parquet`,
    day: null,
    rows: 100,
    bytes: 1000,
    crc32: 1,
    eventMinMicros: 0,
    eventMaxMicros: 30 * DAY_MICROS,
    recordedMinMicros: ids,
    recordedMaxMicros: ids,
    importNumber: null,
    columns: [{ name: "decision_id", type: "VARCHAR" }],
    problem: null,
    ...change,
  };
}
const parts = (count: number, change: Partial<Part> = {}): Part[] => Array.from({ length: count }, () => part(change));
const chosen = (of: readonly Part[]) => {
  const step = nextCompaction(of);
  return step === null ? null : { kind: step.kind, parts: step.parts.length };
};

test("small neighbours are joined once there are enough of them, and a few are left alone", () => {
  expect(chosen(parts(11))).toBeNull();
  expect(chosen(parts(12))).toEqual({ kind: "join", parts: 12 });
  expect(chosen(parts(20, { rows: 300_000, eventMaxMicros: 400 * DAY_MICROS }))).toBeNull();
  expect(chosen(parts(4, { day: "2026-03-01" }))).toEqual({ kind: "join", parts: 4 });
});

test("parts of other streams, logs, imports, columns or days are never joined with each other", () => {
  const mixed = [
    ...parts(3),
    ...parts(3, { stream: "t" }),
    ...parts(3, { log: "feedback" }),
    ...parts(3, { importNumber: 1 }),
    ...parts(3, { columns: [{ name: "decision_id", type: "BIGINT" }] }),
    ...parts(3, { day: "2026-03-01" }),
  ];
  expect(chosen(mixed)).toBeNull();
});

test("a damaged part is left as it is", () => {
  expect(chosen([...parts(11), part({ problem: "The file is missing." })])).toBeNull();
});

test("dense days get files of their own, thin ones and the quarantine do not", () => {
  const dense = { rows: 250_000, eventMaxMicros: 3 * DAY_MICROS };
  expect(chosen(parts(2, dense))).toEqual({ kind: "split-by-day", parts: 2 });
  expect(chosen(parts(2, { ...dense, log: "quarantine" }))).toBeNull();
  expect(chosen(parts(2, { ...dense, eventMaxMicros: 300 * DAY_MICROS }))).toBeNull();
});

test("one step rewrites no more rows than it can in seconds", () => {
  const step = nextCompaction(parts(40, { rows: 200_000, eventMaxMicros: 300 * DAY_MICROS }))!;
  expect(step.parts.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(1_000_000);
});
