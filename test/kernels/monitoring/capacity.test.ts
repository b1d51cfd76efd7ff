import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { duckdbDialect } from "../../../kernels/dialects/duckdb-dialect.ts";
import { CellProblem } from "../../../kernels/session/outcome.ts";
import { queryRows, startEngine, type TestEngine } from "../engine/start-engine.ts";
import { CURRENT, found, isChunk, isNear, keep, measure } from "./measuring.ts";

let started: TestEngine;
beforeAll(async () => {
  started = await startEngine();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

const TYPES = {
  decision_id: "VARCHAR",
  t: "TIMESTAMP",
  truth: "BOOLEAN",
  s: "DOUBLE",
  account: "VARCHAR",
  amount: "DOUBLE",
  country: "VARCHAR",
};
interface Row {
  readonly [name: string]: string | number | boolean | null;
  readonly decision_id: string;
  readonly t: string;
  readonly truth: boolean | null;
  readonly s: number | null;
  readonly account: string | null;
  readonly amount: number | null;
  readonly country: string;
}
const table: fc.Arbitrary<readonly Row[]> = fc
  .array(
    fc.record({
      t: fc
        .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 23 }))
        .map(([day, hour]) => `2026-02-${String(day).padStart(2, "0")} ${hour}:00:00`),
      truth: fc.oneof({ arbitrary: fc.boolean(), weight: 6 }, { arbitrary: fc.constant(null), weight: 1 }),
      s: fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: 8 }).map((score) => score / 8), weight: 20 },
        { arbitrary: fc.constantFrom(null, NaN), weight: 1 },
      ),
      account: fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: 12 }).map((at) => `a${at}`), weight: 5 },
        { arbitrary: fc.constant(null), weight: 1 },
      ),
      amount: fc.oneof(
        { arbitrary: fc.integer({ min: 1, max: 90_000 }).map((cents) => cents / 100), weight: 20 },
        { arbitrary: fc.constant(null), weight: 1 },
      ),
      country: fc.constantFrom("DE", "FR"),
    }),
    { maxLength: 150, size: "max" },
  )
  .map((rows) => rows.map((row, at) => ({ ...row, decision_id: `d${String(at).padStart(3, "0")}` })));

interface Case {
  readonly key: string;
  readonly entity: string | null;
  readonly score: number;
  readonly truth: boolean | null;
  readonly amount: number;
}

/** The cases of one day's rows: themselves, or one an entity, rows without one by themselves. */
function casesOf(rows: readonly Row[], byEntity: boolean): Case[] {
  const groups = Map.groupBy(rows, (row) =>
    byEntity && row.account !== null ? `entity ${row.account}` : `row ${row.decision_id}`,
  );
  return [...groups.entries()].flatMap(([key, own]) => {
    const scores = own.flatMap(({ s }) => (s === null || Number.isNaN(s) ? [] : [s]));
    if (scores.length === 0) return [];
    const truth = own.some((row) => row.truth === true) ? true : own.every((row) => row.truth === null) ? null : false;
    const amount = own.reduce((sum, row) => sum + (row.truth === true ? (row.amount ?? 0) : 0), 0);
    return [{ key, entity: byEntity ? own[0]!.account : null, score: Math.max(...scores), truth, amount }];
  });
}

interface DayOfAlerts {
  readonly hits: number;
  readonly amount: number;
  readonly slots: number;
  readonly positives: number;
  readonly bestAmount: number;
}

/** A day's alerts when each case is among them with a chance. */
function dayOf(cases: readonly Case[], slots: number, chance: (one: Case) => number): DayOfAlerts {
  const frauds = cases.filter(({ truth }) => truth === true);
  return {
    hits: frauds.reduce((sum, one) => sum + chance(one), 0),
    amount: frauds.reduce((sum, one) => sum + chance(one) * one.amount, 0),
    slots,
    positives: frauds.length,
    bestAmount: frauds
      .map(({ amount }) => amount)
      .toSorted((a, b) => b - a)
      .slice(0, slots)
      .reduce((sum, amount) => sum + amount, 0),
  };
}

const byDay = (rows: readonly Row[]): (readonly [string, readonly Row[]])[] =>
  [...Map.groupBy(rows, ({ t }) => t.slice(0, 10))].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** In a random order of those that tie. */
function expectedDays(rows: readonly Row[], k: number, byEntity: boolean): DayOfAlerts[] {
  return byDay(rows).flatMap(([, own]) => {
    const cases = casesOf(own, byEntity);
    const slots = Math.min(k, cases.length);
    const chance = ({ score }: Case): number => {
      const above = cases.filter((one) => one.score > score).length;
      const tied = cases.filter((one) => one.score === score).length;
      return Math.min(1, Math.max(0, (slots - above) / tied));
    };
    return cases.length === 0 ? [] : [dayOf(cases, slots, chance)];
  });
}

/** Day after day, without the entities that an earlier day's alerts found. */
function daysWithoutCaught(rows: readonly Row[], k: number, tie: (key: string) => bigint): Map<string, DayOfAlerts> {
  const caught = new Set<string>();
  const days = new Map<string, DayOfAlerts>();
  for (const [day, own] of byDay(rows)) {
    const cases = casesOf(own, true)
      .filter(({ entity }) => entity === null || !caught.has(entity))
      .toSorted((a, b) => b.score - a.score || (tie(a.key) < tie(b.key) ? -1 : 1));
    if (cases.length === 0) continue;
    const alerts = cases.slice(0, k);
    days.set(
      day,
      dayOf(cases, alerts.length, (one) => Number(alerts.includes(one))),
    );
    for (const { entity, truth } of alerts) if (entity !== null && truth === true) caught.add(entity);
  }
  return days;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Each metric with what a perfect ranking would reach. */
function figures(days: readonly DayOfAlerts[]): Record<string, readonly [number | null, number | null]> {
  const some = days.filter(({ positives }) => positives > 0);
  const best = ({ slots, positives }: DayOfAlerts): number => Math.min(slots, positives);
  return {
    precision_at_k: [mean(days.map((day) => day.hits / day.slots)), mean(days.map((day) => best(day) / day.slots))],
    recall_at_k: [
      mean(some.map((day) => day.hits / day.positives)),
      mean(some.map((day) => best(day) / day.positives)),
    ],
    amount_at_k: [mean(days.map(({ amount }) => amount)), mean(days.map(({ bestAmount }) => bestAmount))],
  };
}

const SPEC = {
  from: "rows",
  window: CURRENT,
  columns: { truth: "truth", score: "s", entity: "account", amount: "amount", time: "t" },
  metrics: ["precision_at_k", "recall_at_k", "amount_at_k"],
  by: "country",
  every: "3 days",
  min_rows: 1,
};

async function compare(
  rows: readonly Row[],
  spec: object,
  expected: (rows: readonly Row[], within?: (day: string) => boolean) => DayOfAlerts[],
): Promise<void> {
  await keep(started.engine, "rows", TYPES, rows);
  const { readings } = await measure(started.engine, "kpi", { ...SPEC, ...spec });
  const check = (own: typeof readings, days: DayOfAlerts[], title: string): void => {
    expect(own.map(({ metric }) => metric)).toEqual(SPEC.metrics);
    for (const { metric, value, details, n } of own) {
      const [is, most] = figures(days)[metric]!;
      if (!isNear(value, is)) throw new Error(`${metric} of ${title}: ${value}, not ${is}`);
      if (!isNear((details.attainable ?? null) as number | null, most))
        throw new Error(`attainable ${metric} of ${title}: ${details.attainable}, not ${most}`);
      if (metric === "precision_at_k") expect(n).toBe(days.length);
      if (value !== null) expect(details.slots).toBe(days.reduce((sum, { slots }) => sum + slots, 0));
    }
  };
  check(
    readings.filter(({ slice, window }) => slice === null && !isChunk(window!)),
    expected(rows),
    "all",
  );
  for (const country of new Set(rows.map((row) => row.country)))
    check(
      readings.filter(({ slice }) => slice === `country = ${country}`),
      expected(rows.filter((row) => row.country === country)),
      country,
    );
  const chunks = readings.filter(({ window }) => isChunk(window!));
  for (const [key, own] of Map.groupBy(chunks, ({ window }) => window!.join("/"))) {
    const [start, end] = key.split("/").map((iso) => iso.slice(0, 10)) as [string, string];
    check(
      own,
      expected(rows, (day) => day >= start && day < end),
      key,
    );
  }
}

test("k alerts a day, whole, by slice and by piece: ties take their expected value, rows without entity are cases", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (rows, k, byEntity) => {
      await compare(rows, { k, ...(byEntity ? { cases: "entity" } : {}) }, (own, within = () => true) =>
        expectedDays(
          own.filter(({ t }) => within(t.slice(0, 10))),
          k,
          byEntity,
        ),
      );
    }),
    { numRuns: 25, interruptAfterTimeLimit: 30_000 },
  );
});

test("an entity that was caught is no case on later days, in the window, its slices and its pieces", async () => {
  const { hash } = duckdbDialect;
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 4 }), async (rows, k) => {
      await keep(started.engine, "rows", TYPES, rows);
      const hashes = await queryRows(
        started.engine,
        `SELECT DISTINCT 'entity ' || account AS key, ${hash(["account"])}::VARCHAR AS tie FROM rows WHERE account IS NOT NULL
         UNION ALL SELECT 'row ' || decision_id, ${hash(["decision_id"])}::VARCHAR FROM rows`,
      );
      const ties = new Map(hashes.map(({ key, tie }) => [String(key), BigInt(String(tie))]));
      await compare(rows, { k, cases: "entity", drop_caught: true }, (own, within) =>
        // Pieces of time are parts of the window: who was caught before them is left out of them as well.
        [...daysWithoutCaught(own, k, (key) => ties.get(key)!)].flatMap(([day, alerts]) =>
          within === undefined || within(day) ? [alerts] : [],
        ),
      );
    }),
    { numRuns: 25, interruptAfterTimeLimit: 30_000 },
  );
});

test("a caught entity needs cases by entity, and cases by entity need one", async () => {
  await keep(started.engine, "rows", TYPES, []);
  const wrong = measure(started.engine, "kpi", { ...SPEC, drop_caught: true });
  await expect(wrong).rejects.toThrow("drop_caught: needs cases: entity");
  const { entity: _, ...columns } = SPEC.columns;
  const nobody = measure(started.engine, "kpi", { ...SPEC, columns, cases: "entity" });
  await expect(nobody).rejects.toThrow(CellProblem);
  await expect(nobody).rejects.toThrow("precision_at_k needs an entity for cases: entity");
  const { readings } = await measure(started.engine, "kpi", { ...SPEC, by: undefined, every: undefined });
  expect(found(readings, { metric: "recall_at_k" })).toMatchObject({ value: null, verdict: "no-data" });
});
