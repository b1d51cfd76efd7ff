import { beforeAll, expect, test } from "vitest";
import { accountMetrics } from "../../../cells/statistics/outcomes/accounts.ts";
import { percentileInterval, poissonWeight, REPLICATES } from "../../../cells/statistics/outcomes/bootstrap.ts";
import { confusionMetrics } from "../../../cells/statistics/outcomes/confusion.ts";
import { ratio } from "../../../cells/statistics/outcomes/interval.ts";
import { payoffMetrics } from "../../../cells/statistics/outcomes/payoff.ts";
import { duckdbDialect } from "../../../kernels/dialects/duckdb-dialect.ts";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import type { Measured } from "../../../kernels/monitoring/measure-context.ts";
import { queryRows, startEngine } from "../engine/start-engine.ts";
import { found, isNear, keep, measure } from "./measuring.ts";

interface Decision {
  readonly decision_id: string;
  readonly account: string | null;
  readonly country: string;
  readonly amount: number;
  readonly truth: boolean | null;
  readonly alerted: boolean;
  readonly at: string;
}

const TYPES = {
  decision_id: "VARCHAR",
  account: "VARCHAR",
  country: "VARCHAR",
  amount: "DECIMAL(12,2)",
  truth: "BOOLEAN",
  alerted: "BOOLEAN",
  at: "TIMESTAMP",
};

/** Numbers in [0, 1) that are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function decisions(count: number): Decision[] {
  const random = numbers(7);
  const next = (): number => random.next().value;
  return Array.from({ length: count }, (_, at) => {
    const truth = next() < 0.25;
    return {
      decision_id: `d-${at}`,
      account: next() < 0.05 ? null : `a-${Math.floor(next() * 90)}`,
      country: next() < 0.6 ? "DE" : "FR",
      amount: Math.round(next() * 20_000) / 100,
      truth: next() < 0.04 ? null : truth,
      alerted: next() < (truth ? 0.6 : 0.2),
      at: new Date(Date.UTC(2026, 1, 1) + Math.floor(next() * 20) * 86_400_000).toISOString().slice(0, 19),
    };
  });
}

const METRICS = [
  ...["f1", "f_beta", "mcc", "balanced_accuracy", "tfpr", "payoff_total", "payoff_per_decision", "savings"],
  ...["adr", "afpr", "vdr_realtime", "vdr_online", "value_recall"],
];
const SPEC = {
  from: "rows",
  columns: { truth: "truth", decision: "alerted", entity: "account", amount: "amount", time: "at" },
  metrics: METRICS,
  payoff: { tp: -5, fp: -5, fn: "-amount" },
  by: "country",
  min_rows: 1,
};

const measured = (engine: ChildSqlEngine, spec: object = SPEC): Promise<Measured> =>
  measure(engine, "kpi", spec, { window: null });

const ROWS = decisions(1500);
const started = startEngine();
let engine: ChildSqlEngine;
beforeAll(async () => {
  engine = (await started).engine;
  return async () => (await started)[Symbol.asyncDispose]();
});

/** The weight of each entity in each replicate, from the engine's hashes. */
async function weights(): Promise<(row: Decision, replicate: number) => number> {
  const { hash, uniform } = duckdbDialect;
  const key = `CASE WHEN account IS NULL THEN ${hash(["'row'", "decision_id"])} ELSE ${hash(["account"])} END`;
  const rows = await queryRows(
    engine,
    `SELECT decision_id, list(u ORDER BY replicate) AS us FROM (
       SELECT decision_id, replicate, ${uniform(["key", "replicate"])} AS u
       FROM (SELECT decision_id, ${key} AS key FROM rows), range(${REPLICATES}) AS r(replicate)) GROUP BY ALL`,
  );
  const known = new Map(rows.map((row) => [row.decision_id, Array.from(row.us as Iterable<number>, poissonWeight)]));
  return (row, replicate) => known.get(row.decision_id)![replicate]!;
}

/** Every metric of rows that count `weight` times, an account's rows alike: from the definitions, row by row. */
function metricsOf(rows: readonly Decision[], weight: (row: Decision) => number): Record<string, number | null> {
  const total = (of: (row: Decision) => number): number => rows.reduce((sum, row) => sum + weight(row) * of(row), 0);
  const count = (truth: boolean, alerted: boolean): number =>
    total((row) => Number(row.truth === truth && row.alerted === alerted));
  const confusion = { tp: count(true, true), fp: count(false, true), tn: count(false, false), fn: count(true, false) };
  const paid =
    (alerted: (row: Decision) => boolean) =>
    (row: Decision): number =>
      row.truth === null ? 0 : alerted(row) ? -5 : row.truth ? -row.amount : 0;
  const accounts = [
    ...Map.groupBy(
      rows.filter(({ account }) => account !== null),
      ({ account }) => account,
    ).values(),
  ];
  const over = (of: (own: readonly Decision[]) => number): number =>
    accounts.reduce((sum, own) => sum + weight(own[0]!) * of(own), 0);
  const isFraud = (own: readonly Decision[]): boolean => own.some(({ truth }) => truth === true);
  const isAlerted = (own: readonly Decision[]): boolean => own.some(({ alerted }) => alerted);
  const frauds = (own: readonly Decision[], isKept: (at: number, first: number) => boolean): number => {
    const sorted = own.toSorted((a, b) => (a.at + a.decision_id < b.at + b.decision_id ? -1 : 1));
    const first = sorted.findIndex(({ alerted }) => alerted);
    return sorted.reduce((sum, row, at) => sum + (row.truth === true && isKept(at, first) ? row.amount : 0), 0);
  };
  const amount = (isKept: (row: Decision) => boolean): number =>
    total((row) => (row.truth === true && isKept(row) ? row.amount : 0));
  const values = {
    ...confusionMetrics(confusion),
    ...payoffMetrics({
      n: total((row) => Number(row.truth !== null)),
      tp: total(paid((row) => row.alerted)),
      fp: 0,
      tn: 0,
      fn: 0,
      alwaysYes: total(paid(() => true)),
      alwaysNo: total(paid(() => false)),
    }),
    ...accountMetrics({
      fraudAccounts: over((own) => Number(isFraud(own))),
      detectedAccounts: over((own) => Number(isFraud(own) && isAlerted(own))),
      alertedNonFraudAccounts: over((own) => Number(!isFraud(own) && isAlerted(own))),
      fraudAmount: over((own) => frauds(own, () => true)),
      amountFromFirstAlert: over((own) => frauds(own, (at, first) => first >= 0 && at >= first)),
      amountAfterFirstAlert: over((own) => frauds(own, (at, first) => first >= 0 && at > first)),
      amountAlerted: 0,
      rows: confusion,
    }),
  };
  return {
    ...Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value])),
    value_recall: ratio(
      amount(({ alerted }) => alerted),
      amount(() => true),
    ),
  };
}

test("intervals are those of a plain bootstrap with the same weights, of all rows and of slices", async () => {
  await keep(engine, "rows", TYPES, ROWS as never);
  const { readings } = await measured(engine);
  const weightOf = await weights();
  for (const slice of [null, "country = DE", "country = FR"]) {
    const rows = ROWS.filter(({ country }) => slice === null || slice.endsWith(country));
    const once = metricsOf(rows, () => 1);
    const replicates = Array.from({ length: REPLICATES }, (_, at) => metricsOf(rows, (row) => weightOf(row, at)));
    for (const metric of METRICS) {
      const reading = found(readings, { metric, slice });
      const interval = percentileInterval(replicates.map((one) => one[metric] ?? null))!;
      const name = `${metric} of ${slice}`;
      expect(isNear(reading.value, once[metric]!), name).toBe(true);
      expect(isNear(reading.lower, interval.lower), `${name}: ${reading.lower}, ${interval.lower}`).toBe(true);
      expect(isNear(reading.upper, interval.upper), `${name}: ${reading.upper}, ${interval.upper}`).toBe(true);
      expect(reading.lower! < reading.upper!, name).toBe(true);
      expect(reading.details.interval).toBe("Poisson bootstrap by entity, 200 replicates");
    }
  }
});

test("rows in another order and on one thread give the same bytes, with and without an identity", async () => {
  const { decision_id: _, ...anonymous } = TYPES;
  const random = numbers(11);
  const shuffled = ROWS.map((row) => ({ row, at: random.next().value }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => row);
  await using alone = await startEngine({ threads: 1 });
  const { entity: _entity, ...columns } = SPEC.columns;
  const byRow = { ...SPEC, columns, metrics: METRICS.slice(0, 8) };
  for (const [types, spec] of [
    [TYPES, SPEC],
    [anonymous, SPEC],
    [anonymous, byRow],
  ] as const) {
    await keep(engine, "rows", types, ROWS as never);
    await keep(alone.engine, "rows", types, shuffled as never);
    const [one, other] = [await measured(engine, spec), await measured(alone.engine, spec)];
    expect(JSON.stringify(other.readings)).toBe(JSON.stringify(one.readings));
    expect(one.readings.filter(({ lower }) => lower !== null).length).toBeGreaterThan(10);
  }
});

test("equal rows without entity and identity vary one by one", async () => {
  const n = 20_000;
  await engine.materialise({
    name: "rows",
    runId: "rows",
    sql: `SELECT true AS truth, range % 4 > 0 AS alerted FROM range(${n})`,
  });
  const { readings } = await measured(engine, {
    from: "rows",
    columns: { truth: "truth", decision: "alerted" },
    metrics: ["payoff_total"],
    payoff: { tp: 1, fn: -2 },
  });
  const { value, lower, upper } = found(readings, { metric: "payoff_total" });
  expect(value).toBe(n * 0.25);
  // The variance of a Poisson sum is Σ x².
  const half = 1.96 * Math.sqrt(n * (0.75 + 0.25 * 4));
  for (const one of [value! - lower!, upper! - value!]) expect(Math.abs(one / half - 1)).toBeLessThan(0.25);
});

const LARGE = {
  from: "rows",
  columns: { truth: "truth", decision: "alerted" },
  metrics: ["f1", "mcc"],
  fail: { f1: 0.95 },
};
const large = (rows: number): Promise<unknown> =>
  engine.materialise({
    name: "rows",
    runId: "rows",
    sql: `SELECT range AS decision_id, range % 3 = 0 AS truth, range % 4 = 0 AS alerted FROM range(${rows})`,
  });

test("of many entities only a metric with a bound has an interval, and its verdict uses it", async () => {
  await large(100_001);
  const { readings } = await measured(engine, LARGE);
  const [f1, mcc] = [found(readings, { metric: "f1" }), found(readings, { metric: "mcc" })];
  expect(f1).toMatchObject({ verdict: "fail", lower: expect.any(Number) });
  expect(mcc).toMatchObject({ lower: null, upper: null });
  expect(mcc.details.interval).toContain("more than 100000 entities");
});

test("of too many entities nothing has an interval, and the reading says why", async () => {
  await large(500_001);
  const { readings } = await measured(engine, LARGE);
  const f1 = found(readings, { metric: "f1" });
  expect(f1).toMatchObject({ verdict: "warn", lower: null });
  expect(f1.details.interval).toContain("500001 entities are too many");
});

test("without rows, with one row and of pieces of time there is no interval and no error", async () => {
  await keep(engine, "rows", TYPES, []);
  for (const { lower, upper } of (await measured(engine)).readings) expect([lower, upper]).toEqual([null, null]);
  await keep(engine, "rows", TYPES, ROWS.slice(0, 1) as never);
  // Of one row every replicate that has it has its value.
  const one = found((await measured(engine)).readings, { metric: "payoff_per_decision" });
  expect([one.lower, one.upper]).toEqual([one.value, one.value]);
  await keep(engine, "rows", TYPES, ROWS as never);
  const { readings } = await measured(engine, { ...SPEC, every: "1 week" });
  const ofPieces = readings.filter(({ window, metric }) => window !== null && metric === "f1");
  for (const { lower } of ofPieces) expect(lower).toBeNull();
  expect(ofPieces[0]!.details.interval).toContain("not of pieces of time");
});
