import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StreamRoles } from "../../../cells/monitoring/stream-roles.ts";
import type { Reading } from "../../../cells/results/reading.ts";
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
  amount: "DOUBLE",
  country: "VARCHAR",
  inclusion_probability: "DOUBLE",
};
interface Row {
  readonly [name: string]: string | number | boolean | null;
  readonly truth: boolean | null;
  readonly alerted: boolean;
  readonly amount: number;
  readonly country: string;
  readonly inclusion_probability: number | null;
}
const WEIGHTED = [
  ..."tp fp tn fn precision recall f1 f_beta specificity fpr fnr accuracy balanced_accuracy mcc prevalence".split(" "),
  ..."alert_rate tdr tfpr value_recall payoff_total payoff_per_decision savings".split(" "),
];
const SPEC = {
  from: "rows",
  columns: { truth: "truth", decision: "alerted", amount: "amount" },
  metrics: WEIGHTED,
  payoff: { tp: "amount", fp: -5, fn: "-amount", tn: 0.25 },
  min_rows: 1,
};
const isValid = (row: Row): boolean => {
  const p = row.inclusion_probability;
  return p === null || (p >= 1e-6 && p <= 1);
};
const weight = (row: Row): number => 1 / (row.inclusion_probability ?? 1);
const worth = ({ truth, amount }: Row, alerted: boolean): number =>
  truth ? (alerted ? amount : -amount) : alerted ? -5 : 0.25;

/** A metric as a function of rows that count `w` times each, whatever w is. */
const FIGURES: Record<string, (rows: readonly Row[], w: (row: Row) => number) => number | null> = {};
const total = (rows: readonly Row[], w: (row: Row) => number, of: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + w(row) * of(row), 0);
const ratioOf =
  (y: (row: Row) => number, x: (row: Row) => number) =>
  (rows: readonly Row[], w: (row: Row) => number): number | null => {
    const below = total(rows, w, x);
    return below > 0 ? total(rows, w, y) / below : null;
  };
const is = (condition: (row: Row) => boolean) => (row: Row) => Number(condition(row));
const one = (): number => 1;
const TP = is(({ truth, alerted }) => truth === true && alerted);
const FP = is(({ truth, alerted }) => truth === false && alerted);
const TN = is(({ truth, alerted }) => truth === false && !alerted);
const FN = is(({ truth, alerted }) => truth === true && !alerted);
const sumOf =
  (...parts: ((row: Row) => number)[]) =>
  (row: Row) =>
    parts.reduce((sum, part) => sum + part(row), 0);
const SHARES: Record<string, readonly [(row: Row) => number, (row: Row) => number]> = {
  precision: [TP, sumOf(TP, FP)],
  recall: [TP, sumOf(TP, FN)],
  tdr: [TP, sumOf(TP, FN)],
  specificity: [TN, sumOf(TN, FP)],
  fpr: [FP, sumOf(TN, FP)],
  fnr: [FN, sumOf(TP, FN)],
  accuracy: [sumOf(TP, TN), one],
  prevalence: [sumOf(TP, FN), one],
  alert_rate: [sumOf(TP, FP), one],
};
for (const [name, [y, x]] of Object.entries(SHARES)) FIGURES[name] = ratioOf(y, x);
for (const [name, of] of Object.entries({ tp: TP, fp: FP, tn: TN, fn: FN }))
  FIGURES[name] = (rows, w) => total(rows, w, of);
const fBeta = (b: number) =>
  ratioOf(
    (row) => (1 + b * b) * TP(row),
    (row) => (1 + b * b) * TP(row) + b * b * FN(row) + FP(row),
  );
Object.assign(FIGURES, {
  f1: fBeta(1),
  f_beta: fBeta(2),
  tfpr: ratioOf(FP, TP),
  value_recall: ratioOf(
    (row) => TP(row) * row.amount,
    (row) => (TP(row) + FN(row)) * row.amount,
  ),
  payoff_total: (rows, w) => (rows.length === 0 ? null : total(rows, w, (row) => worth(row, row.alerted))),
  payoff_per_decision: ratioOf((row) => worth(row, row.alerted), one),
  balanced_accuracy: (rows, w) => {
    const [recall, specificity] = [FIGURES.recall!(rows, w), FIGURES.specificity!(rows, w)];
    return recall === null || specificity === null ? null : (recall + specificity) / 2;
  },
  mcc: (rows, w) => {
    const [tp, fp, tn, fn] = [TP, FP, TN, FN].map((of) => total(rows, w, of)) as [number, number, number, number];
    const below = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
    return below > 0 ? (tp * tn - fp * fn) / below : null;
  },
  savings: (rows, w) => {
    const cost = (of: (row: Row) => number): number => -total(rows, w, of);
    const base = Math.min(
      cost((row) => worth(row, false)),
      cost((row) => worth(row, true)),
    );
    return base > 0 ? 1 - cost((row) => worth(row, row.alerted)) / base : null;
  },
} satisfies typeof FIGURES);

/** ± 1.96 · √Σ (w·∂figure/∂w)², each row's weight being moved a little. */
function standardError(name: string, rows: readonly Row[]): number {
  const slope = (moved: Row): number => {
    const step = 1e-4 * weight(moved);
    const at = (by: number): number => FIGURES[name]!(rows, (row) => weight(row) + (row === moved ? by : 0))!;
    return (at(step) - at(-step)) / (2 * step);
  };
  return Math.sqrt(rows.reduce((sum, row) => sum + (weight(row) * slope(row)) ** 2, 0));
}

function wilson(share: number, n: number): readonly [number, number] {
  const z2 = 1.959963984540054 ** 2;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.959963984540054 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

function compare(readings: readonly Reading[], all: readonly Row[]): void {
  const rows = all.filter((row) => row.truth !== null && isValid(row));
  expect(readings.map(({ metric }) => metric).toSorted()).toEqual(WEIGHTED.toSorted());
  for (const { metric, value, lower, upper, n } of readings) {
    const expected = FIGURES[metric]!(rows, weight);
    if (!isNear(value, expected, 1e-8, 1e-7)) throw new Error(`${metric}: ${value}, not ${expected}`);
    if (value === null) continue;
    if (SHARES[metric] !== undefined) expect(n).toBe(total(rows, one, SHARES[metric][1]));
    const error = standardError(metric, rows);
    const clip = (end: number): number =>
      /payoff|savings/.test(metric)
        ? end
        : Math.max(metric === "mcc" ? -1 : 0, /^(tp|fp|tn|fn|tfpr)$/.test(metric) ? end : Math.min(1, end));
    const share = SHARES[metric];
    const of = share === undefined ? [] : rows.filter((row) => share[1](row) === 1);
    const kish =
      of.reduce((sum, row) => sum + weight(row), 0) ** 2 / of.reduce((sum, row) => sum + weight(row) ** 2, 0);
    const isExtreme = value === 0 || value === 1;
    const [low, high] =
      share === undefined
        ? [clip(value - 1.959963984540054 * error), clip(value + 1.959963984540054 * error)]
        : wilson(value, isExtreme ? kish : (value * (1 - value)) / error ** 2);
    const scale = Math.max(1e-3, Math.abs(value), Math.abs(high! - low!));
    if (Math.abs(lower! - low!) > 2e-4 * scale || Math.abs(upper! - high!) > 2e-4 * scale)
      throw new Error(`${metric}: ${value} has ${lower} to ${upper}, not ${low} to ${high}`);
  }
}

const table: fc.Arbitrary<readonly Row[]> = fc
  .array(
    fc.record({
      truth: fc.oneof({ arbitrary: fc.boolean(), weight: 8 }, { arbitrary: fc.constant(null), weight: 1 }),
      alerted: fc.boolean(),
      amount: fc.integer({ min: 0, max: 100_000 }).map((cents) => cents / 100),
      country: fc.constantFrom("DE", "FR"),
      inclusion_probability: fc.oneof(
        { arbitrary: fc.constantFrom(null, 1, 0.5, 0.3, 0.1, 1 / 3, 0.01), weight: 30 },
        { arbitrary: fc.constantFrom(0, 1.5, -0.1, NaN, Infinity), weight: 1 },
      ),
    }),
    { maxLength: 120, size: "max" },
  )
  .map((rows) => rows.map((row, at) => ({ ...row, decision_id: `d${at}` })));

test("weighted metrics and their intervals are those of a model row by row, whole and by slice", async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      fc.pre(rows.some(({ truth, inclusion_probability: p }) => truth !== null && p !== null && p > 0 && p < 1));
      await keep(started.engine, "rows", TYPES, rows);
      const { readings, display } = await measure(started.engine, "kpi", { ...SPEC, by: "country" }, { window: null });
      compare(
        readings.filter(({ slice }) => slice === null),
        rows,
      );
      for (const country of new Set(rows.map((row) => row.country)))
        compare(
          readings.filter(({ slice }) => slice === `country = ${country}`),
          rows.filter((row) => row.country === country),
        );
      const stated = rows.filter((row) => row.truth !== null);
      const invalid = stated.filter((row) => !isValid(row)).length;
      const sampled = stated.filter((row) => isValid(row) && (row.inclusion_probability ?? 1) < 1).length;
      const notes = (display as { notes: string[] }).notes.join("\n");
      expect(notes).toContain(`${sampled} of ${stated.length - invalid} labels are from a review sample`);
      expect(notes.includes("left out: ")).toBe(invalid > 0);
    }),
    { numRuns: 25, interruptAfterTimeLimit: 40_000 },
  );
});

test("with every probability 1, or none, nothing is weighted", async () => {
  const rows = [1, null].flatMap((p) => [
    ...Array.from({ length: 30 }, (_, at) => ({
      truth: at % 3 === 0,
      alerted: at % 2 === 0,
      inclusion_probability: p,
    })),
  ]);
  await keep(started.engine, "rows", { truth: "BOOLEAN", alerted: "BOOLEAN", inclusion_probability: "DOUBLE" }, rows);
  const { readings, display } = await measure(
    started.engine,
    "kpi",
    { from: "rows", columns: { truth: "truth", decision: "alerted" }, metrics: ["recall"], min_rows: 1 },
    { window: null },
  );
  const recall = found(readings, { metric: "recall" });
  const [low, high] = wilson(0.5, 20);
  expect([recall.value, recall.n]).toEqual([0.5, 20]);
  expect(isNear(recall.lower, low) && isNear(recall.upper, high)).toBe(true);
  expect((display as { notes: string[] }).notes).toEqual([]);
});

test("what cannot be weighted is refused with the reason, and nothing is drawn from unweighted labels", async () => {
  const rows = Array.from({ length: 200 }, (_, at) => ({
    label: at % 4 === 0,
    s: (at % 50) / 50,
    account: `a${at % 20}`,
    amount: at,
    t: `2026-02-${String(1 + (at % 28)).padStart(2, "0")} 00:00:00`,
    inclusion_probability: at % 3 === 0 ? 0.2 : null,
  }));
  const types = {
    label: "BOOLEAN",
    s: "DOUBLE",
    account: "VARCHAR",
    amount: "DOUBLE",
    t: "TIMESTAMP",
    inclusion_probability: "DOUBLE",
  };
  await keep(started.engine, "rows", types, rows);
  const refused = "roc_auc gini average_precision ks_score brier log_loss ece best_threshold precision_at_k adr afpr";
  const { readings, display } = await measure(started.engine, "kpi", {
    from: "rows",
    columns: { truth: "label", score: "s", entity: "account", amount: "amount", time: "t" },
    metrics: ["recall", ...refused.split(" ")],
    payoff: { tp: 1, fp: -1 },
    define: {
      frauds: "sum(CASE WHEN label THEN 1 ELSE 0 END)",
      weighed: "sum(CASE WHEN label THEN 1 / coalesce(inclusion_probability, 1) ELSE 0 END)",
      volume: "sum(amount)",
    },
    threshold: 0.5,
    min_rows: 1,
  });
  for (const metric of [...refused.split(" "), "frauds"]) {
    const reading = found(readings, { metric });
    expect([metric, reading.verdict, reading.value, reading.lower]).toEqual([metric, "no-data", null, null]);
    expect(reading.reason).toMatch(/review sample|reviewed labels/);
  }
  const weighed = rows.reduce((sum, row) => sum + (row.label ? 1 / (row.inclusion_probability ?? 1) : 0), 0);
  expect(isNear(found(readings, { metric: "weighed" }).value, weighed)).toBe(true);
  expect(found(readings, { metric: "volume" }).value).toBe((199 * 200) / 2);
  expect(found(readings, { metric: "recall" }).details.weights).toBe("1/inclusion_probability");
  expect(display).toMatchObject({ curve: null, reliability: null, best: null });
});

test("over many samples the weighted recall is the true one on average, which the unweighted is not", async () => {
  const random = new Random(20_260_316);
  // All alerts are reviewed, and one in twenty of the rest: what was missed is rarely seen.
  const population = Array.from({ length: 1500 }, () => {
    const truth = random.chance(0.2);
    return { truth, alerted: random.chance(truth ? 0.6 : 0.1) };
  });
  const frauds = population.filter(({ truth }) => truth);
  const recall = frauds.filter(({ alerted }) => alerted).length / frauds.length;
  const weighted: Reading[] = [];
  const unweighted: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const rows = Array.from({ length: 20 }, (_, draw) => {
      const drawn = population.flatMap(({ truth, alerted }) => {
        const p = alerted ? 1 : 0.05;
        return random.chance(p) ? [{ truth, alerted, draw: `draw ${draw}`, inclusion_probability: p }] : [];
      });
      const known = drawn.filter(({ truth }) => truth);
      unweighted.push(known.filter(({ alerted }) => alerted).length / known.length);
      return drawn;
    }).flat();
    const types = { truth: "BOOLEAN", alerted: "BOOLEAN", draw: "VARCHAR", inclusion_probability: "DOUBLE" };
    await keep(started.engine, "rows", types, rows);
    const columns = { truth: "truth", decision: "alerted" };
    const spec = { from: "rows", columns, metrics: ["recall", "fn"], by: "draw", min_rows: 1 };
    const { readings } = await measure(started.engine, "kpi", spec, { window: null });
    weighted.push(...readings.filter(({ slice }) => slice !== null));
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (metric: string): Reading[] => weighted.filter((reading) => reading.metric === metric);
  expect(of("recall")).toHaveLength(80);
  const missed = frauds.length * (1 - recall);
  // The total is unbiased, the ratio nearly so.
  const totals = of("fn").map(({ value }) => value!);
  expect(Math.abs(mean(totals) - missed)).toBeLessThan((4 * Math.sqrt((missed * 0.95) / 0.05)) / Math.sqrt(80));
  expect(Math.abs(mean(of("recall").map(({ value }) => value!)) - recall)).toBeLessThan(0.04);
  expect(mean(unweighted) - recall).toBeGreaterThan(0.25);
  const covered = of("recall").filter(({ lower, upper }) => lower! <= recall && recall <= upper!).length;
  expect(covered).toBeGreaterThanOrEqual(72);
});

const STREAM: StreamRoles = {
  stream: "card",
  hash: "h",
  positive: ["block"],
  entity: null,
  amount: null,
  labelType: "boolean",
  positiveLabels: [],
  sources: [],
  maturityMillis: 10 * 86_400_000,
  silence: { means: "false", afterMillis: 10 * 86_400_000, decisions: ["pass"] },
  features: [],
};

test.each([
  ["pass", "where silence is a label: the sample stands for the silent rows", false],
  ["block", "where nobody answers by silence: silent rows count", true],
])("a sample drawn among the decisions %s, %s", async (sampled, _, isSilentKept) => {
  // Of 4000 decisions 1000 are blocked; one in ten of the sampled kind is reviewed, the others of it have no stated label.
  const reviewed = `(decision = '${sampled}' AND i % 40 < 4)`;
  await started.engine.materialise({
    name: "simulated",
    runId: "simulated",
    sql: `SELECT *, CASE WHEN ${reviewed} OR decision <> '${sampled}' AND decision = 'block' THEN truth WHEN decision = 'pass' THEN false END AS label,
        CASE WHEN ${reviewed} OR decision <> '${sampled}' AND decision = 'block' THEN 'analyst' WHEN decision = 'pass' THEN 'silence' END AS label_source,
        CASE WHEN ${reviewed} THEN 0.1 END AS inclusion_probability
      FROM (SELECT i, i::VARCHAR AS decision_id, TIMESTAMPTZ '2026-02-03' + INTERVAL 1 MINUTE * (i % 100) AS decided_at, i % 5 = 0 AS truth,
        CASE WHEN (i // 40) % 4 = 0 THEN 'block' ELSE 'pass' END AS decision, false AS reconstructed FROM range(4000) AS r(i))`,
  });
  await started.engine.setRelations({
    statements: [
      "CREATE SCHEMA IF NOT EXISTS card",
      `CREATE OR REPLACE VIEW card.outcomes AS SELECT *, decided_at + INTERVAL 5 DAY AS label_known_at FROM "simulated"`,
      "CREATE OR REPLACE VIEW card.decisions AS SELECT * EXCLUDE (label, label_source, label_known_at) FROM card.outcomes",
      "CREATE OR REPLACE VIEW card.feedback AS SELECT '' AS feedback_id, decision_id, decided_at AS observed_at, NULL::VARCHAR AS supersedes FROM card.decisions WHERE false",
      "CREATE OR REPLACE VIEW card.quarantine AS SELECT '' AS kind WHERE false",
    ],
  });
  const spec = { from: "card", metrics: ["tp", "fp", "tn", "fn", "alert_rate", "recall"], min_rows: 1 };
  const { readings, display } = await measure(started.engine, "kpi", spec, { streams: [STREAM], window: "2026-02" });
  const value = (metric: string): number | null => found(readings, { metric }).value;
  const notes = (display as { notes: string[] }).notes.join("\n");
  // However it was drawn, the labels stand for all 4000 decisions, of which 1000 were blocked.
  expect(["tp", "fp", "tn", "fn"].map((name) => value(name)!).reduce((sum, one) => sum + one, 0)).toBeCloseTo(4000, 6);
  expect(value("alert_rate")).toBeCloseTo(0.25, 9);
  expect(notes.includes("Labels by silence are left out")).toBe(!isSilentKept);
  expect(found(readings, { metric: "recall" }).verdict).toBe("ok");
});

test("weighted readings are the same bytes in another order of rows and on more threads", async () => {
  const answers = new Set<string>();
  for (const threads of [1, 2, 3]) {
    await using alone = await startEngine({ threads });
    // Enough for threads to share, with weights and amounts whose sums as doubles depend on the order.
    await alone.engine.materialise({
      name: "rows",
      runId: "rows",
      sql: `SELECT hash(i, 1) % 3 = 0 AS truth, hash(i, 2) % 2 = 0 AS alerted, (hash(i, 3) % 1000003) / 7.0 AS amount,
        CASE WHEN hash(i, 4) % 2 = 0 THEN 'DE' ELSE 'FR' END AS country, (1 + hash(i, 5) % 997) / 997.0 AS inclusion_probability
        FROM range(300000) AS r(i) ORDER BY hash(i, ${threads})`,
    });
    const { readings } = await measure(alone.engine, "kpi", { ...SPEC, by: "country" }, { window: null });
    expect(readings).toHaveLength(3 * WEIGHTED.length);
    answers.add(JSON.stringify(readings));
  }
  expect(answers.size).toBe(1);
});
