import { beforeAll, expect, test } from "vitest";
import { percentileInterval, poissonWeight, REPLICATES } from "../../../cells/statistics/outcomes/bootstrap.ts";
import { duckdbDialect } from "../../../kernels/dialects/duckdb-dialect.ts";
import type { ChildSqlEngine } from "../../../kernels/engine/child-sql-engine.ts";
import { mostOwnRows } from "../../../kernels/monitoring/own-metrics.ts";
import { Random } from "../../support/random.ts";
import { queryRows, startEngine } from "../engine/start-engine.ts";
import { found, isNear, keep, measure } from "./measuring.ts";

const TYPES = {
  decision_id: "VARCHAR",
  account: "VARCHAR",
  country: "VARCHAR",
  truth: "BOOLEAN",
  amount: "DOUBLE",
  n: "INTEGER",
  t: "TIMESTAMP",
};
interface Row {
  readonly [name: string]: string | number | boolean | null;
  readonly decision_id: string;
  readonly account: string | null;
  readonly country: string;
  readonly truth: boolean;
  readonly amount: number;
  readonly n: number;
}

function rowsOf(count: number, random: Random): Row[] {
  return Array.from({ length: count }, (_, at) => ({
    decision_id: `d${at}`,
    account: random.chance(0.1) ? null : `a${random.integer(0, 60)}`,
    country: random.chance(0.6) ? "DE" : "FR",
    truth: random.chance(0.3),
    amount: random.next() * 10 ** random.integer(0, 5),
    n: random.integer(0, 9),
    t: `2026-02-${String(random.integer(1, 28)).padStart(2, "0")} 00:00:00`,
  }));
}

const DEFINE = {
  share: "1e4 * sum(amount) FILTER (WHERE truth) / sum(amount)",
  whole: "sum(n) FILTER (WHERE truth)",
  greatest: "max(amount)",
  spread: "stddev_pop(amount)",
  middle: "quantile_disc(n, 0.5)",
  relation: "corr(amount, n)",
  accounts: "count(DISTINCT account)",
};
const SPEC = {
  from: "rows",
  columns: { truth: "truth", entity: "account", time: "t", decision: "truth" },
  metrics: ["recall"],
  define: DEFINE,
  by: "country",
  every: "1 week",
  min_rows: 1,
};

const started = startEngine();
let engine: ChildSqlEngine;
beforeAll(async () => {
  engine = (await started).engine;
  return async () => (await started)[Symbol.asyncDispose]();
});

/** The weight of each row's entity in each replicate, from the engine's hashes. */
async function weights(): Promise<ReadonlyMap<string, readonly number[]>> {
  const { hash, uniform } = duckdbDialect;
  const key = `CASE WHEN account IS NULL THEN ${hash(["'row'", "decision_id"])} ELSE ${hash(["account"])} END`;
  const rows = await queryRows(
    engine,
    `SELECT decision_id, list(u ORDER BY replicate) AS us FROM (
       SELECT decision_id, replicate, ${uniform(["key", "replicate"])} AS u
       FROM (SELECT decision_id, ${key} AS key FROM rows), range(${REPLICATES}) AS r(replicate)) GROUP BY ALL`,
  );
  return new Map(rows.map((row) => [String(row.decision_id), Array.from(row.us as Iterable<number>, poissonWeight)]));
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Each own metric of a list of rows, as it says. */
function model(rows: readonly Row[]): Record<keyof typeof DEFINE, number | null> {
  const amounts = rows.map(({ amount }) => amount);
  const frauds = rows.filter(({ truth }) => truth);
  const mean = sum(amounts) / rows.length;
  const meanN = sum(rows.map(({ n }) => n)) / rows.length;
  const squares = sum(amounts.map((one) => (one - mean) ** 2));
  const squaresN = sum(rows.map(({ n }) => (n - meanN) ** 2));
  const sorted = rows.map(({ n }) => n).toSorted((a, b) => a - b);
  return {
    share: (1e4 * sum(frauds.map(({ amount }) => amount))) / sum(amounts),
    whole: sum(frauds.map(({ n }) => n)),
    greatest: Math.max(...amounts),
    spread: Math.sqrt(squares / rows.length),
    middle: sorted[Math.ceil(rows.length * 0.5) - 1]!,
    relation: sum(rows.map(({ amount, n }) => (amount - mean) * (n - meanN))) / Math.sqrt(squares * squaresN),
    accounts: new Set(rows.flatMap(({ account }) => (account === null ? [] : [account]))).size,
  };
}

test("values and intervals are those of rows repeated by the weight of their entity, whole and by slice", async () => {
  const rows = rowsOf(600, new Random(20_260_317));
  await keep(engine, "rows", TYPES, rows);
  const { readings } = await measure(engine, "kpi", SPEC, { window: null });
  const weightOf = await weights();
  for (const slice of [null, "country = DE", "country = FR"]) {
    const own = rows.filter(({ country }) => slice === null || slice.endsWith(country));
    const replicates = Array.from({ length: REPLICATES }, (_, at) =>
      model(own.flatMap((row) => Array.from({ length: weightOf.get(row.decision_id)![at]! }, () => row))),
    );
    for (const metric of Object.keys(DEFINE) as (keyof typeof DEFINE)[]) {
      const reading = found(readings, { metric, slice });
      const interval = percentileInterval(replicates.map((one) => one[metric]))!;
      const title = `${metric} of ${slice}: ${reading.value}, ${reading.lower} to ${reading.upper}`;
      expect(isNear(reading.value, model(own)[metric]), title).toBe(true);
      expect(isNear(reading.lower, interval.lower), `${title}, not ${interval.lower}`).toBe(true);
      expect(isNear(reading.upper, interval.upper), `${title}, not ${interval.upper}`).toBe(true);
      expect(reading.details.interval).toBe("Poisson bootstrap by entity, 200 replicates");
    }
  }
});

test("sums of doubles are the same bytes in another order of rows and on more threads", async () => {
  const random = new Random(20_260_318);
  const rows = (count: number, order: number) => `SELECT 'd' || i AS decision_id, 'a' || hash(i) % 900 AS account,
      CASE WHEN hash(i, 2) % 3 = 0 THEN 'DE' ELSE 'FR' END AS country, hash(i, 3) % 4 = 0 AS truth, (hash(i, 8) % 10)::INTEGER AS n,
      (hash(i, 4) % 1000003) / 7.0 * pow(10, (hash(i, 5) % 9)::INTEGER) AS amount,
      TIMESTAMP '2026-02-01' + INTERVAL 1 DAY * (hash(i, 6) % 28)::INTEGER AS t
    FROM range(${count}) AS r(i) ORDER BY hash(i, ${order})`;
  // So few that they are resampled, and so many that threads share them.
  for (const [count, intervals] of [
    [5000, 21],
    [400_000, 0],
  ] as const) {
    const found = new Set<string>();
    const plain = new Set<string>();
    for (const threads of [1, 2, 4]) {
      await using alone = await startEngine({ threads });
      const sql = rows(count, random.integer(0, 1000));
      await alone.engine.materialise({ name: "rows", runId: "rows", sql });
      const { readings } = await measure(alone.engine, "kpi", SPEC, { window: null });
      found.add(JSON.stringify(readings));
      expect(readings.filter(({ metric, lower }) => metric !== "recall" && lower !== null)).toHaveLength(intervals);
      plain.add(JSON.stringify(await queryRows(alone.engine, "SELECT corr(amount, n) + sum(amount) AS x FROM rows")));
    }
    expect(found.size).toBe(1);
    // The rows are such that order matters.
    expect(plain.size).toBeGreaterThan(1);
  }
});

test("the interval holds the true value in about 95 of 100 samples", async () => {
  const random = new Random(20_260_319);
  // Entities of several rows that are alike: to resample rows would give intervals that are too narrow.
  const [share, each] = [0.3, 2];
  let covered = 0;
  const rounds = 6;
  for (let round = 0; round < rounds; round += 1) {
    const rows = Array.from({ length: 20 }, (_, sample) =>
      Array.from({ length: 100 }, (_, account) => {
        const isHit = random.chance(share);
        return Array.from({ length: each }, () => ({
          account: `a${sample}-${account}`,
          country: `sample ${sample}`,
          truth: isHit,
        }));
      }).flat(),
    ).flat();
    await engine.materialise({
      name: "rows",
      runId: "rows",
      sql: `SELECT unnest(${list(rows.map(({ account }) => account))}) AS account,
        unnest(${list(rows.map(({ country }) => country))}) AS country, unnest(${list(rows.map(({ truth }) => truth))}) AS truth`,
    });
    const { readings } = await measure(
      engine,
      "kpi",
      {
        from: "rows",
        columns: { truth: "truth", entity: "account" },
        metrics: ["prevalence"],
        define: { hits: "avg(CASE WHEN truth THEN 1e0 ELSE 0 END)" },
        by: "country",
        min_rows: 1,
      },
      { window: null },
    );
    const own = readings.filter(({ metric, slice }) => metric === "hits" && slice !== null);
    expect(own).toHaveLength(20);
    covered += own.filter(({ lower, upper }) => lower! <= share && share <= upper!).length;
  }
  // 120 samples of coverage 0.94: within four standard errors.
  expect(covered / (rounds * 20)).toBeGreaterThan(0.86);
  expect(covered / (rounds * 20)).toBeLessThanOrEqual(1);
});

const list = (values: readonly (string | boolean)[]): string =>
  `[${values.map((value) => (typeof value === "string" ? `'${value}'` : String(value))).join(", ")}]`;

test("of too many rows there is a value without interval, which says why and cannot fail", async () => {
  for (const [rows, isKnown] of [
    [20_000, true],
    [mostOwnRows(1) + 1, false],
  ] as const) {
    const sql = `SELECT range AS decision_id, range % 4 = 0 AS truth, range % 3 = 0 AS d FROM range(${rows})`;
    await engine.materialise({ name: "rows", runId: "rows", sql });
    const { readings } = await measure(
      engine,
      "kpi",
      {
        from: "rows",
        columns: { truth: "truth", decision: "d" },
        metrics: ["recall"],
        define: { share: "avg(truth::INTEGER)" },
        fail: { share: "above 0.1" },
      },
      { window: null },
    );
    const share = found(readings, { metric: "share" });
    expect([share.verdict, share.lower !== null]).toEqual(isKnown ? ["fail", true] : ["warn", false]);
    if (!isKnown) expect(share.details.interval).toContain(`${rows} rows are more than the ${mostOwnRows(1)}`);
  }
});

test("over many rows an own metric without a bound has no interval and says so, one with a bound has", async () => {
  const sql = "SELECT range AS decision_id, range % 4 = 0 AS truth, range % 3 = 0 AS d FROM range(20001)";
  await engine.materialise({ name: "rows", runId: "many", sql });
  const define = { share: "avg(truth::INTEGER)", other: "avg(d::INTEGER)" };
  const spec = { from: "rows", columns: { truth: "truth", decision: "d" }, metrics: ["recall"], define };
  const { readings } = await measure(engine, "kpi", { ...spec, warn: { share: "above 0.9" } }, { window: null });
  expect(found(readings, { metric: "share" }).lower).not.toBeNull();
  const other = found(readings, { metric: "other" });
  expect(other.lower).toBeNull();
  expect(other.details.interval).toContain(
    "with more than 20000 rows only own metrics that are judged by a bound have one",
  );
});

test("a wrong own metric says so, and the others have their values", async () => {
  await keep(engine, "rows", TYPES, rowsOf(50, new Random(1)));
  const { readings } = await measure(
    engine,
    "kpi",
    {
      ...SPEC,
      by: undefined,
      define: { good: "sum(n)", typo: "sum(amuont)", text: "max(country)", cast: "sum(country::INTEGER)", bare: "n" },
    },
    { window: null },
  );
  expect(found(readings, { metric: "good" })).toMatchObject({ verdict: "ok", lower: expect.any(Number) });
  for (const metric of ["typo", "text", "cast", "bare"]) {
    const reading = found(readings, { metric });
    expect([metric, reading.verdict, reading.value]).toEqual([metric, "error", null]);
    expect(reading.reason).toContain(`define.${metric}: `);
  }
});
