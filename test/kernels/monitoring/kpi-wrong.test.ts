import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { found, keep, measure } from "./measuring.ts";

let started: TestEngine;
beforeAll(async () => {
  started = await startEngine();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const TYPES = { y: "INTEGER", s: "DOUBLE", d: "BOOLEAN", amount: "DOUBLE", country: "VARCHAR" };
const ROWS = Array.from({ length: 200 }, (_, at) => ({
  y: at % 4 === 0 ? 1 : 0,
  s: ((at * 37) % 100) / 100,
  d: at % 3 === 0,
  amount: at,
  country: at % 2 === 0 ? "DE" : "FR",
}));
const SPEC = {
  from: "rows",
  columns: { truth: "y", score: "s", decision: "d" },
  metrics: ["recall", "roc_auc"],
  min_rows: 1,
};
const measured = (spec: object) => measure(started.engine, "kpi", { ...SPEC, ...spec }, { window: null });

test("a threshold beyond all scores is wrong where scores are probabilities, and a threshold like others elsewhere", async () => {
  await keep(started.engine, "rows", TYPES, ROWS);
  for (const threshold of [1.5, -0.1]) {
    const { readings } = await measured({ threshold });
    expect(found(readings, { metric: "recall" })).toMatchObject({
      verdict: "error",
      value: null,
      reason: `threshold: ${threshold} is outside 0 to 1, and all scores lie within. The scores go from 0 to 0.99.`,
    });
    expect(found(readings, { metric: "roc_auc" })).toMatchObject({ verdict: "ok", value: expect.any(Number) });
    expect(found(readings, { metric: "roc_auc" }).details).not.toHaveProperty("tp");
  }
  await keep(
    started.engine,
    "rows",
    TYPES,
    ROWS.map((row) => ({ ...row, s: row.s * 1000 })),
  );
  const { readings } = await measured({ threshold: 500 });
  const caught = ROWS.filter(({ y, s }) => y === 1 && s >= 0.5).length;
  expect(found(readings, { metric: "recall" }).value).toBeCloseTo(caught / 50, 12);
});

test("a wrong slice is said in a reading of its own, and all rows are measured", async () => {
  await keep(started.engine, "rows", TYPES, ROWS);
  const { readings, display } = await measured({ by: "cuontry" });
  expect(readings.map(({ metric, verdict }) => [metric, verdict])).toEqual([
    ["recall", "ok"],
    ["roc_auc", "ok"],
    ["by", "error"],
  ]);
  expect(found(readings, { metric: "by" }).reason).toBe('by: rows has no column "cuontry". Did you mean country?');
  expect(display).toMatchObject({ verdict: "error", slices: [] });
});

test("what is wrong and no metric needs is said in a note", async () => {
  await keep(started.engine, "rows", TYPES, ROWS);
  const { readings, display } = await measured({ columns: { ...SPEC.columns, amount: "amuont" } });
  expect(readings.map(({ verdict }) => verdict)).toEqual(["ok", "ok"]);
  expect((display as { notes: string[] }).notes).toEqual([
    'columns.amount: rows has no column "amuont". Did you mean amount?',
  ]);
});

test("labels that are neither 1 nor 0 are counted and are no truth", async () => {
  await keep(
    started.engine,
    "rows",
    TYPES,
    ROWS.map((row, at) => ({ ...row, y: at < 3 ? 7 : row.y })),
  );
  const { readings, display } = await measured({});
  expect(found(readings, { metric: "recall" }).details).toMatchObject({ stated: 197, unknown: 3 });
  expect((display as { notes: string[] }).notes).toContain(
    "3 rows have a truth that is neither 1 nor 0; they count as unknown.",
  );
});

test("own metrics need no truth", async () => {
  await keep(started.engine, "rows", TYPES, ROWS);
  const { readings } = await measured({
    columns: { truth: "country", score: "s", decision: "d" },
    define: { volume: "sum(amount)" },
    by: "country",
  });
  expect(found(readings, { metric: "volume" }).value).toBe((199 * 200) / 2);
  expect(found(readings, { metric: "volume", slice: "country = DE" }).value).toBe(99 * 100);
  expect(found(readings, { metric: "recall" })).toMatchObject({ verdict: "error", value: null });
  const alone = measured({ columns: { truth: "country", score: "s", decision: "d" } });
  await expect(alone).rejects.toThrow(
    "columns.truth: country is VARCHAR; expected true and false, 1 and 0, or a number.",
  );
});
