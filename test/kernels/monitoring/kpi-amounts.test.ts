import { afterAll, beforeAll, expect, test } from "vitest";
import { moneyType } from "../../../cells/kinds/kpi/money-type.ts";
import { Random } from "../../support/random.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { found, isNear, keep, measure } from "./measuring.ts";

let started: TestEngine;
beforeAll(async () => {
  started = await startEngine();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const TYPES = {
  decision_id: "VARCHAR",
  truth: "BOOLEAN",
  alerted: "BOOLEAN",
  s: "DOUBLE",
  account: "VARCHAR",
  amount: "DOUBLE",
  t: "TIMESTAMP",
};
const METRICS = "payoff_total payoff_per_decision savings value_recall vdr_realtime vdr_online amount_at_k".split(" ");
const SPEC = {
  from: "rows",
  columns: { truth: "truth", decision: "alerted", score: "s", entity: "account", amount: "amount", time: "t" },
  metrics: ["recall", "best_threshold", ...METRICS],
  payoff: { tp: "amount", fp: -5, fn: "-amount", tn: 0 },
  k: 2,
  min_rows: 1,
};

function rowsOf(random: Random, amountOf: (at: number) => number) {
  return Array.from({ length: 300 }, (_, at) => ({
    decision_id: `d${String(at).padStart(3, "0")}`,
    truth: random.chance(0.4),
    alerted: random.chance(0.5),
    s: random.integer(0, 100) / 100,
    account: `a${random.integer(0, 40)}`,
    amount: amountOf(at),
    t: `2026-02-${String(1 + (at % 20)).padStart(2, "0")} 00:00:00`,
  }));
}

test.each([
  ["1e12", 1e12, 1],
  ["1e15", 1e15, 0.125],
  ["1e15 beside cents", 1e15, 1e-2],
  ["1e20", 1e20, 1e6],
  ["1e27", 1e27, 1e15],
  ["a millionth", 1e-6, 1e-9],
  ["1e-15", 1e-15, 1e-17],
  ["1e-20", 1e-20, 1e-22],
])("amounts around %s are added up as they are", async (_, large, small) => {
  const random = new Random(20_260_320);
  const rows = rowsOf(random, (at) => (at % 3 === 0 ? large * random.next() : small * random.integer(1, 1000)));
  const given = [...rows, { ...rows[0]!, decision_id: "x", truth: true, alerted: true, amount: large }];
  await keep(started.engine, "rows", TYPES, given);
  // Of the same size: what is added up is exact beside the largest.
  const fp = -Math.min(5, large / 7);
  const spec = { ...SPEC, payoff: { ...SPEC.payoff, fp } };
  const { readings } = await measure(started.engine, "kpi", spec, { window: null });
  const sum = (of: (row: (typeof given)[number]) => number): number => given.reduce((all, row) => all + of(row), 0);
  const worth = (row: (typeof given)[number], alerted: boolean): number =>
    row.truth ? (alerted ? row.amount : -row.amount) : alerted ? fp : 0;
  const total = sum((row) => worth(row, row.alerted));
  const base = Math.max(
    sum((row) => worth(row, true)),
    sum((row) => worth(row, false)),
  );
  const expected = {
    payoff_total: total,
    payoff_per_decision: total / given.length,
    savings: base < 0 ? 1 - total / base : null,
    value_recall:
      sum((row) => (row.truth && row.alerted ? row.amount : 0)) / sum((row) => (row.truth ? row.amount : 0)),
  };
  expect(readings.filter(({ verdict }) => verdict === "error")).toEqual([]);
  for (const [metric, value] of Object.entries(expected)) {
    const reading = found(readings, { metric });
    if (!isNear(reading.value, value, 1e-10, 0)) throw new Error(`${metric}: ${reading.value}, not ${value}`);
    if (value !== null) expect([metric, reading.lower === null]).toEqual([metric, false]);
  }
  for (const metric of ["vdr_realtime", "amount_at_k"]) expect(found(readings, { metric }).value).toBeGreaterThan(0);
});

test("amounts too large to be added up exactly are said, and what needs none is computed", async () => {
  const rows = rowsOf(new Random(1), (at) => (at === 7 ? 1e30 : 10));
  await keep(started.engine, "rows", TYPES, rows);
  const { readings } = await measure(started.engine, "kpi", SPEC, { window: null });
  for (const metric of METRICS) {
    const { verdict, reason } = found(readings, { metric });
    expect([metric, verdict]).toEqual([metric, "error"]);
    expect(reason).toMatch(/(amount|payoff): it reaches 1e\+30; sums are exact below 1e\+28\./);
  }
  expect(found(readings, { metric: "recall" }).value).toBeGreaterThan(0);
});

test("a sample's weighted sums stand any amount", async () => {
  const random = new Random(3);
  for (const large of [1e27, 1, 1e-20]) {
    const rows = rowsOf(random, () => large * random.next()).map((row, at) => ({
      ...row,
      inclusion_probability: at % 2 === 0 ? 0.001 : null,
    }));
    await keep(started.engine, "rows", { ...TYPES, inclusion_probability: "DOUBLE" }, rows);
    const { readings } = await measure(started.engine, "kpi", SPEC, { window: null });
    const sum = (isAlerted: boolean): number =>
      rows.reduce(
        (all, { truth, alerted, amount, inclusion_probability: p }) =>
          all + (truth && (alerted || !isAlerted) ? amount / (p ?? 1) : 0),
        0,
      );
    expect(isNear(found(readings, { metric: "value_recall" }).value, sum(true) / sum(false))).toBe(true);
  }
});

test.each([
  [0, "DECIMAL(18,16)"],
  [9.99, "DECIMAL(18,16)"],
  [1e5, "DECIMAL(18,11)"],
  [99_999_999_999, "DECIMAL(18,6)"],
  [1e11, "DECIMAL(38,16)"],
  [1e15, "DECIMAL(38,12)"],
  [9e27, "DECIMAL(38,0)"],
  [1e28, null],
  [Infinity, null],
  [NaN, null],
  [0.5, "DECIMAL(18,17)"],
  [1e-15, "DECIMAL(38,31)"],
  [1e-300, "DECIMAL(38,38)"],
])("amounts up to %d are added up as %s", (largest, type) => {
  expect(moneyType(largest)).toBe(type);
});
