import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeReading } from "../../cells/monitoring/make-reading.ts";
import type { MeasurementDraft } from "../../cells/results/measurement.ts";
import type { Reading } from "../../cells/results/reading.ts";
import { MOST_MEASUREMENTS, ReadingStore } from "../../workspaces/readings/reading-store.ts";

let folder: string;
let store: ReadingStore;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "driftbook-readings-"));
  store = new ReadingStore(folder, { driftbook: "1.0.0", engine: "DuckDB 1" });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const draft = (asOf: string, change: Partial<MeasurementDraft> = {}): MeasurementDraft => ({
  notebook: "a.nb.md",
  cell: "caught",
  kind: "kpi",
  asOf,
  window: null,
  measured: null,
  zone: "UTC",
  version: { hash: "v1", text: "", set: {} },
  contracts: [],
  marks: [],
  statements: [],
  ...change,
});

const reading = (asOf: string, value: number | null, metric = "recall"): Reading =>
  makeReading(
    { cell: "caught", asOf },
    {
      metric,
      subject: null,
      slice: null,
      window: null,
      value,
      n: 10,
      warn: null,
      fail: null,
      verdict: value === null ? "no-data" : "ok",
      reason: null,
    },
  );

const day = (at: number): string => new Date(Date.UTC(2026, 0, 1 + at)).toISOString();

test("a reading is found by its id with all that it came from, also by another process later", async () => {
  const [recall, precision] = [reading(day(1), 0.5), reading(day(1), 0.9, "precision")];
  await store.keep(draft(day(1), { version: { hash: "v7", text: "text", set: { cut: 0.5 } } }), [recall, precision]);
  const other = new ReadingStore(folder, { driftbook: "2.0.0", engine: "DuckDB 2" });
  const found = await other.find(precision.id);
  other.close();
  expect(found?.reading).toEqual(precision);
  expect(found?.measurement).toMatchObject({
    version: { hash: "v7", text: "text", set: { cut: 0.5 } },
    program: { driftbook: "1.0.0", engine: "DuckDB 1" },
    readings: 2,
    verdict: "ok",
  });
  expect(await store.find("nothing")).toBeNull();
});

test("the same run twice is one measurement; another answer to the same question stands beside", async () => {
  const [one, other] = [reading(day(1), 0.5), reading(day(1), 0.25)];
  expect(one.id).toBe(other.id);
  for (let again = 0; again < 3; again += 1) await store.keep(draft(day(1)), [one]);
  expect(store.otherAnswers(one.id)).toEqual([]);
  await store.keep(draft(day(1)), [other]);
  expect((await store.find(one.id))?.reading.value).toBe(0.25);
  expect(store.otherAnswers(one.id).map(({ value }) => value)).toEqual([0.5]);
  expect(store.list({ metric: "recall" }).map(({ value }) => value)).toEqual([0.25]);
});

test("the time before is the newest earlier as-of, and never this one or a later one", async () => {
  for (const at of [3, 1, 2, 5]) await store.keep(draft(day(at)), [reading(day(at), at / 10)]);
  const asked = (at: number) => store.before(draft(day(at)));
  expect((await asked(3))?.measurement.asOf).toBe(day(2));
  expect((await asked(4))?.measurement.asOf).toBe(day(3));
  expect(await asked(1)).toBeNull();
  expect(await store.before(draft(day(4), { cell: "another" }))).toBeNull();
});

test("the newest measurements of each cell stay, and those of other cells with them", async () => {
  await store.keep(draft(day(0), { cell: "quiet" }), [reading(day(0), 1, "quiet")]);
  const kept = Array.from({ length: MOST_MEASUREMENTS + 5 }, (_, at) => reading(day(at), at));
  for (const [at, one] of kept.entries()) await store.keep(draft(day(at)), [one]);
  expect(await store.find(kept[4]!.id)).toBeNull();
  expect((await store.find(kept[5]!.id))?.reading).toEqual(kept[5]);
  expect(store.list({ cell: "quiet" })).toHaveLength(1);
  expect(store.list({ notebook: "a.nb.md", cell: "caught" })).toHaveLength(MOST_MEASUREMENTS);
});

test("the list is of what is asked for: null is the whole relation", async () => {
  const whole = reading(day(1), 0.5);
  const column = { ...whole, id: "of-a-column", subject: "amount" };
  await store.keep(draft(day(1)), [whole, column]);
  expect(store.list({ subject: null }).map(({ id }) => id)).toEqual([whole.id]);
  expect(store.list({ subject: "amount" }).map(({ id }) => id)).toEqual(["of-a-column"]);
  expect(store.list({})).toHaveLength(2);
});

test("a line says whether its value is provisional, also in a store that an earlier version made", async () => {
  const provisional: Reading = { ...reading(day(2), 0.4), provisional: true };
  await store.keep(draft(day(1)), [reading(day(1), 0.5)]);
  store.close();
  const database = new DatabaseSync(path.join(folder, ".driftbook", "readings.db"));
  database.exec("ALTER TABLE readings DROP COLUMN provisional");
  database.close();
  store = new ReadingStore(folder, { driftbook: "2.0.0", engine: "DuckDB 1" });
  await store.keep(draft(day(2)), [provisional]);
  expect(store.list({}).map(({ value, provisional: is }) => [value, is])).toEqual([
    [0.4, true],
    [0.5, false],
  ]);
});
