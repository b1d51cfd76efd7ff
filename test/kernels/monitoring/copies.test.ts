import { beforeAll, expect, test } from "vitest";
import type { Selection } from "../../../cells/monitoring/selection.ts";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { Copies } from "../../../kernels/monitoring/copies.ts";
import { queryRows, startEngine } from "../engine/start-engine.ts";

const started = startEngine();
let engine: ChildSqlEngine;
beforeAll(async () => {
  engine = (await started).engine;
  await engine.materialise({ name: "numbers", runId: "n", sql: "SELECT range::DOUBLE AS x FROM range(10)" });
  return async () => (await started)[Symbol.asyncDispose]();
});

const selection = {
  relation: { title: "numbers", sql: "numbers", columns: [{ name: "x", type: "DOUBLE" }], time: null },
  ...{ window: null, where: "x >= 2", excluded: [] },
} as unknown as Selection;
const SQL = "SELECT count(*)::INTEGER AS n FROM numbers WHERE (x >= 2\n)";
const copiesOf = (mostRows: number) =>
  new Copies({ engine, signal: new AbortController().signal }, [{ selection, name: "side", texts: ["x"] }], mostRows);
const tables = () =>
  queryRows(engine, "SELECT view_name FROM duckdb_views() WHERE view_name LIKE '(rows of side%' ORDER BY 1");

test("few enough rows are read from a copy, which is gone when it is dropped", async () => {
  const copies = copiesOf(8);
  const text = await copies.over(SQL);
  expect(text).toMatch(/FROM "\(rows of side, copy \d+\)"/);
  expect(await queryRows(engine, text)).toEqual([{ n: 8 }]);
  expect(await tables()).toHaveLength(1);
  await copies.drop();
  await copies.drop();
  expect(await tables()).toEqual([]);
});

test("of more rows than may be copied there is no table, and the statement stays as it is", async () => {
  const copies = copiesOf(7);
  for (let time = 0; time < 2; time += 1) expect(await copies.over(SQL)).toBe(SQL);
  expect(await tables()).toEqual([]);
  await copies.drop();
});
