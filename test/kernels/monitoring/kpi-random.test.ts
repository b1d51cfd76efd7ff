import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../../cells/results/reading.ts";
import { CellProblem } from "../../../kernels/session/outcome.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { CURRENT, isChunk, isNear, keep, measure } from "./measuring.ts";

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
  "is fraud": "BOOLEAN",
  select: "DOUBLE",
  d: "BOOLEAN",
  account: "VARCHAR",
  "amount'": "DOUBLE",
  country: "VARCHAR",
};
interface Row {
  readonly [name: string]: string | number | boolean | null;
  readonly decision_id: string;
  readonly t: string;
  readonly "is fraud": boolean | null;
  readonly select: number | null;
  readonly d: boolean | null;
  readonly account: string | null;
  readonly "amount'": number | null;
  readonly country: string | null;
}
const table: fc.Arbitrary<readonly Row[]> = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.constantFrom(0, 1, 20))
  .chain(([most, strange]) =>
    fc
      .array(
        fc.record({
          day: fc.integer({ min: 1, max: 28 }),
          hour: fc.integer({ min: 0, max: 3 }),
          "is fraud": fc.oneof({ arbitrary: fc.boolean(), weight: 9 }, { arbitrary: fc.constant(null), weight: 1 }),
          select: fc.oneof(
            { arbitrary: fc.integer({ min: 0, max: 20 }).map((score) => score / 20), weight: 60 },
            { arbitrary: fc.constantFrom(null, NaN, Infinity, -Infinity), weight: strange },
          ),
          d: fc.oneof(fc.boolean(), fc.constant(null)),
          account: fc.oneof(
            { arbitrary: fc.integer({ min: 0, max: 30 }).map((at) => `a${at}`), weight: 20 },
            { arbitrary: fc.constant(null), weight: 1 },
          ),
          "amount'": fc.oneof(
            { arbitrary: fc.integer({ min: -500, max: 100_000 }).map((cents) => cents / 100), weight: 60 },
            { arbitrary: fc.constantFrom(null, NaN, Infinity), weight: strange },
          ),
          country: fc.constantFrom("DE", "it's", null),
        }),
        { maxLength: most, size: "max" },
      )
      .map((rows) =>
        rows.map(({ day, hour, ...row }, at) => ({
          ...row,
          decision_id: String(at).padStart(4, "0"),
          t: `2026-02-${String(day).padStart(2, "0")} 0${hour}:00:00`,
        })),
      ),
  );

const METRICS = [
  ..."tp fp tn fn precision recall f1 specificity accuracy mcc prevalence alert_rate".split(" "),
  ..."roc_auc average_precision brier payoff_total payoff_per_decision best_threshold".split(" "),
  ..."adr vdr_realtime vdr_online afpr tdr tfpr value_recall".split(" "),
];
const SPEC = {
  from: "rows",
  window: CURRENT,
  columns: { truth: "is fraud", score: "select", decision: "d", entity: "account", amount: "amount'", time: "t" },
  metrics: METRICS,
  payoff: { tp: `"amount'"`, fp: -5, fn: `-"amount'"` },
  define: { bps: `1e4 * count(*) FILTER (WHERE "is fraud") / nullif(count(*), 0)` },
  min_rows: 1,
};

/** Every metric of some rows, one by one from its definition. */
function model(rows: readonly Row[], alerted: (row: Row) => boolean): Record<string, number | null> {
  const known = rows.filter((row) => row["is fraud"] !== null);
  const amount = (row: Row): number => (Number.isFinite(row["amount'"] ?? NaN) ? row["amount'"]! : 0);
  const sum = (some: readonly Row[], of: (row: Row) => number): number => some.reduce((all, row) => all + of(row), 0);
  const pick = (truth: boolean, alert: boolean): Row[] =>
    known.filter((row) => row["is fraud"] === truth && alerted(row) === alert);
  const [tps, fps, tns, fns] = [pick(true, true), pick(false, true), pick(false, false), pick(true, false)];
  const [tp, fp, tn, fn] = [tps, fps, tns, fns].map(({ length }) => length) as [number, number, number, number];
  const n = known.length;
  const ratio = (a: number, b: number): number | null => (b > 0 ? a / b : null);
  const scored = known.filter((row) => Number.isFinite(row.select ?? NaN));
  const [positives, negatives] = [true, false].map((truth) => scored.filter((row) => row["is fraud"] === truth)) as [
    Row[],
    Row[],
  ];
  const wins = sum(positives, (p) =>
    sum(negatives, (q) => (p.select! > q.select! ? 1 : p.select === q.select ? 0.5 : 0)),
  );
  const thresholds = [...new Set(scored.map(({ select }) => select!))].toSorted((a, b) => b - a);
  const precisionAt = (cut: number): number =>
    positives.filter(({ select }) => select! >= cut).length / scored.filter(({ select }) => select! >= cut).length;
  const precisions = thresholds.map(
    (cut) => (precisionAt(cut) * positives.filter(({ select }) => select === cut).length) / positives.length,
  );
  const worth = (row: Row, alert: boolean): number =>
    row["is fraud"] ? (alert ? amount(row) : -amount(row)) : alert ? -5 : 0;
  const cuts = [Infinity, ...thresholds];
  const atCut = (cut: number): number => sum(scored, (row) => worth(row, row.select! >= cut));
  const best = cuts.reduce((found, cut) => (atCut(cut) > atCut(found) + 1e-7 ? cut : found), Infinity);
  const payoff = sum(known, (row) => worth(row, alerted(row)));
  const accounts = [
    ...Map.groupBy(
      rows.filter(({ account }) => account !== null),
      ({ account }) => account,
    ).values(),
  ].map((own) => own.toSorted((a, b) => (a.t + a.decision_id < b.t + b.decision_id ? -1 : 1)));
  const isFraud = (own: readonly Row[]): boolean => own.some((row) => row["is fraud"] === true);
  const isAlerted = (own: readonly Row[]): boolean => own.some(alerted);
  const frauds = accounts.filter(isFraud);
  const detected = frauds.filter(isAlerted).length;
  const fraudAmount = sum(frauds.flat(), (row) => (row["is fraud"] ? amount(row) : 0));
  const from = (own: readonly Row[], more: number): Row[] => {
    const first = own.findIndex(alerted);
    return first === -1 ? [] : own.slice(first + more).filter((row) => row["is fraud"]);
  };
  const falselyAlerted = accounts.filter(
    (own) => !isFraud(own) && isAlerted(own) && own.some((row) => row["is fraud"] !== null),
  ).length;
  return {
    tp,
    fp,
    tn,
    fn,
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    specificity: ratio(tn, tn + fp),
    accuracy: ratio(tp + tn, n),
    mcc: ratio(tp * tn - fp * fn, Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
    prevalence: ratio(tp + fn, n),
    alert_rate: ratio(tp + fp, n),
    roc_auc: ratio(wins, positives.length * negatives.length),
    average_precision: positives.length === 0 ? null : precisions.reduce((all, one) => all + one, 0),
    brier: scored.some(({ select }) => select! < 0)
      ? null
      : ratio(
          sum(scored, (row) => (row.select! - Number(row["is fraud"])) ** 2),
          scored.length,
        ),
    payoff_total: n === 0 ? null : payoff,
    payoff_per_decision: ratio(payoff, n),
    best_threshold: scored.length === 0 || best === Infinity ? null : best,
    adr: ratio(detected, frauds.length),
    vdr_realtime: ratio(
      sum(
        frauds.flatMap((own) => from(own, 0)),
        amount,
      ),
      fraudAmount,
    ),
    vdr_online: ratio(
      sum(
        frauds.flatMap((own) => from(own, 1)),
        amount,
      ),
      fraudAmount,
    ),
    afpr: ratio(falselyAlerted, detected),
    tdr: ratio(tp, tp + fn),
    tfpr: ratio(fp, tp),
    value_recall: ratio(sum(tps, amount), sum([...tps, ...fns], amount)),
    bps: ratio(1e4 * rows.filter((row) => row["is fraud"]).length, rows.length),
  };
}

function compare(readings: readonly Reading[], rows: readonly Row[], alerted: (row: Row) => boolean): void {
  const expected = model(rows, alerted);
  expect(readings.map(({ metric }) => metric).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const reading of readings) {
    const { metric, value, lower, upper } = reading;
    if (!isNear(value, expected[metric]!, 1e-9, 1e-9))
      throw new Error(`${metric}: ${value}, not ${expected[metric]}: ${JSON.stringify(reading)}`);
    if (value === null) expect(reading.verdict).toBe("no-data");
    if (lower !== null && upper !== null) {
      expect(lower).toBeLessThanOrEqual(value!);
      expect(upper).toBeGreaterThanOrEqual(value!);
    }
  }
}

test("a kpi finds what a model finds row by row, in all rows, slices and chunks, as decided and at a threshold", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom(null, 0.35, 0.7), async (rows, threshold) => {
      await keep(started.engine, "rows", TYPES, rows);
      const { readings } = await measure(started.engine, "kpi", {
        ...SPEC,
        by: "country",
        every: "1 week",
        ...(threshold === null ? {} : { threshold }),
      });
      const alerted = (row: Row): boolean =>
        threshold === null ? row.d === true : Number.isFinite(row.select ?? NaN) && row.select! >= threshold;
      const whole = readings.filter(({ slice, window }) => slice === null && !isChunk(window!));
      compare(whole, rows, alerted);
      for (const country of new Set(rows.map((row) => row.country)))
        compare(
          readings.filter(({ slice }) => slice === `country = ${country ?? "(missing)"}`),
          rows.filter((row) => row.country === country),
          alerted,
        );
      const chunks = Map.groupBy(
        readings.filter(({ window }) => isChunk(window!)),
        ({ window }) => window!.join("/"),
      );
      let counted = 0;
      for (const [key, own] of chunks) {
        const [start, end] = key.split("/").map((iso) => Date.parse(iso)) as [number, number];
        const within = rows.filter(({ t }) => {
          const at = Date.parse(`${t.replace(" ", "T")}Z`);
          return at >= start && at < end;
        });
        counted += within.length;
        compare(own, within, alerted);
      }
      expect(counted).toBe(rows.length);
    }),
    { numRuns: 30, interruptAfterTimeLimit: 40_000 },
  );
});

test("a number as truth: errors row by row, also far from zero", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
        minLength: 1,
        maxLength: 200,
      }),
      fc.constantFrom(0, 1e9),
      async (pairs, far) => {
        const rows = pairs.map(([y, f]) => ({ y: y + far, f: f + far + 0.5 }));
        await keep(started.engine, "rows", { y: "DOUBLE", f: "DOUBLE" }, [
          ...rows,
          { y: NaN, f: 1 },
          { y: null, f: 1 },
          { y: 1, f: Infinity },
        ]);
        const { readings } = await measure(started.engine, "kpi", {
          from: "rows",
          columns: { truth: "y", score: "f" },
          metrics: ["mae", "rmse", "bias", "mape", "smape", "r2", "pinball"],
          quantile: 0.3,
          min_rows: 1,
        });
        const mean = (values: readonly number[]): number | null =>
          values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
        const errors = rows.map(({ y, f }) => f - y);
        const centre = mean(rows.map(({ y }) => y - far))! + far;
        const spread = rows.reduce((sum, { y }) => sum + (y - centre) ** 2, 0);
        const squares = errors.reduce((sum, e) => sum + e * e, 0);
        const expected: Record<string, number | null> = {
          mae: mean(errors.map(Math.abs)),
          rmse: Math.sqrt(squares / errors.length),
          bias: mean(errors),
          mape: mean(rows.flatMap(({ y, f }) => (y === 0 ? [] : [Math.abs((f - y) / y)]))),
          smape: mean(rows.map(({ y, f }) => (2 * Math.abs(f - y)) / (Math.abs(y) + Math.abs(f)))),
          r2: new Set(rows.map(({ y }) => y)).size === 1 ? null : 1 - squares / spread,
          pinball: mean(errors.map((e) => (e < 0 ? 0.3 * -e : 0.7 * e))),
        };
        for (const { metric, value } of readings)
          if (!isNear(value, expected[metric]!, 1e-8)) throw new Error(`${metric}: ${value}, not ${expected[metric]}`);
        expect(readings).toHaveLength(7);
      },
    ),
    { numRuns: 25 },
  );
});

describe("what does not fit is said in a sentence", () => {
  const rows = [
    {
      decision_id: "1",
      t: "2026-02-03 00:00:00",
      "is fraud": true,
      select: 0.9,
      d: true,
      account: "a",
      "amount'": 5,
      country: "DE",
    },
    {
      decision_id: "2",
      t: "2026-02-04 00:00:00",
      "is fraud": false,
      select: 0.2,
      d: false,
      account: "b",
      "amount'": 7,
      country: "FR",
    },
  ];
  const tried = async (more: object): Promise<string> => {
    await keep(started.engine, "rows", TYPES, rows);
    try {
      const { readings } = await measure(started.engine, "kpi", { ...SPEC, ...more });
      const wrong = readings.filter(({ verdict }) => verdict === "error");
      // What is wrong with one metric does not keep the others from being computed.
      expect(readings.filter(({ value }) => value !== null).length).toBeGreaterThan(0);
      return wrong.length === 0 ? "none" : wrong.map(({ metric, reason }) => `${metric}: ${reason}`).join("\n");
    } catch (error) {
      if (!(error instanceof CellProblem)) throw error;
      return `${error.message} ${error.problem.hint ?? ""}`;
    }
  };
  test.each([
    [{}, "none"],
    [{ threshold: 1.5 }, "recall: threshold: 1.5 is outside 0 to 1, and all scores lie within."],
    [{ threshold: "high" }, "threshold"],
    [{ metrics: ["recal"] }, 'got "recal"; did you mean recall?'],
    [{ treshold: 0.5 }, "treshold: unknown key; did you mean threshold?"],
    [
      { columns: { truth: "country" }, define: undefined },
      "columns.truth: country is VARCHAR; expected true and false, 1 and 0, or a number.",
    ],
    [
      { columns: { truth: "is_fraud" }, define: undefined },
      'columns.truth: rows has no column "is_fraud". Did you mean is fraud?',
    ],
    [
      { columns: { ...SPEC.columns, decision: "country" } },
      "columns.decision: it is VARCHAR; expected true and false, or 1 and 0.",
    ],
    [{ columns: { ...SPEC.columns, amuont: "x" } }, "columns.amuont: unknown key; did you mean amount?"],
    [{ payoff: undefined }, "needs payoff"],
    [{ payoff: { tp: "amuont" } }, "payoff_total: payoff.tp: "],
    [{ define: { bps: "sum(amuont)" } }, "bps: define.bps: "],
    [{ define: { bps: "sum(" } }, "bps: define.bps: "],
    [{ define: { bps: "max(country)" } }, "bps: define.bps: "],
    [{ define: { bps: "select" } }, "bps: define.bps: "],
    [{ columns: { ...SPEC.columns, amount: "amuont" } }, 'value_recall: columns.amount: rows has no column "amuont".'],
    [{ columns: { ...SPEC.columns, entity: "acount" } }, "adr: columns.entity: "],
    [{ columns: { ...SPEC.columns, score: "selct" } }, "roc_auc: columns.score: "],
    [{ columns: { ...SPEC.columns, amount: "country" } }, "columns.amount: country is VARCHAR; expected a number."],
    [{ columns: { ...SPEC.columns, score: "country" } }, "columns.score: country is VARCHAR; expected a number."],
    [{ columns: { ...SPEC.columns, time: "country" } }, "columns.time: country is VARCHAR; expected a time or a date."],
    [{ payoff: { tp: "country" } }, "payoff_total: payoff.tp: country is VARCHAR; expected a number."],
    [{ columns: { ...SPEC.columns, truth: "account" } }, "recall: columns.truth: account is VARCHAR"],
    [{ columns: { ...SPEC.columns, time: "tt" } }, 'columns.time: rows has no column "tt".'],
    [{ columns: { truth: "is fraud", decision: "d" } }, "roc_auc: metrics: roc_auc needs a score."],
    [{ define: { recall: "1" } }, "define.recall: recall is a metric already; take another name"],
    [{ where: "country = " }, "where: "],
    [{ warn: { recal: 0.5 } }, 'there is no metric "recal"; did you mean recall?'],
    [{ warn: { recall: "3 sigma" } }, "sigma"],
    [{ by: "cuontry" }, "Did you mean country?"],
    [{ k: 0 }, "k: "],
    [{ every: "1 minute" }, "pieces"],
  ])("%j", async (more, text) => {
    expect(await tried(more)).toContain(text);
  });
});

test("truth as 1 and 0 is a class, and a number where the cell asks how far it is off", async () => {
  const values = [1, 0, 0, 1, 1, 0].map((y, at) => ({ y, s: at / 10, f: at }));
  await keep(started.engine, "rows", { y: "INTEGER", s: "DOUBLE", f: "DOUBLE" }, values);
  const spec = { from: "rows", columns: { truth: "y", score: "s" }, min_rows: 1 };
  const classes = await measure(started.engine, "kpi", { ...spec, metrics: ["roc_auc", "recall"] });
  expect(classes.readings.map(({ metric, value }) => [metric, value])).toEqual([
    ["roc_auc", expect.closeTo(4 / 9, 9)],
    ["recall", 0],
  ]);
  const usual = await measure(started.engine, "kpi", spec);
  expect(usual.readings.map(({ metric }) => metric)).toContain("roc_auc");
  const numbers = await measure(started.engine, "kpi", { ...spec, metrics: ["mae"] });
  expect(numbers.readings.map(({ metric }) => metric)).toEqual(["mae"]);
});
