import { expect, test } from "vitest";
import { startEngine } from "../engine/start-engine.ts";
import { found, keep, measure } from "./measuring.ts";

const TYPES = { y: "INTEGER", s: "DOUBLE" };
const ROWS = Array.from({ length: 200 }, (_, at) => ({ y: at % 4 === 0 ? 1 : 0, s: ((at * 37) % 100) / 100 }));

test("truth of ones and zeros is a class, and a number where the cell asks how far it is off", async () => {
  await using running = await startEngine();
  await keep(running.engine, "loans", TYPES, ROWS);
  const spec = { from: "loans", columns: { truth: "y", score: "s" }, min_rows: 1 };
  const { readings } = await measure(running.engine, "kpi", { ...spec, threshold: 0.5 }, { window: null });
  expect(readings.map(({ metric }) => metric)).toContain("roc_auc");
  const caught = ROWS.filter(({ y, s }) => y === 1 && s >= 0.5).length;
  expect(found(readings, { metric: "recall" }).value).toBeCloseTo(caught / 50, 12);
  const asked = await measure(running.engine, "kpi", { ...spec, metrics: ["mae"] }, { window: null });
  const mae = ROWS.reduce((sum, { y, s }) => sum + Math.abs(s - y), 0) / ROWS.length;
  expect(found(asked.readings, { metric: "mae" }).value).toBeCloseTo(mae, 9);
});
