import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { startEngine, type TestEngine } from "../engine/start-engine.ts";
import { CURRENT, measure, REFERENCE, type Value } from "./measuring.ts";

const TYPES = {
  decision_id: "VARCHAR",
  decided_at: "TIMESTAMP",
  x: "DOUBLE",
  y: "DOUBLE",
  score: "DOUBLE",
  amount: "DOUBLE",
  money: "DECIMAL(12,2)",
  n: "BIGINT",
  c: "VARCHAR",
  id: "VARCHAR",
  truth: "BOOLEAN",
  account: "VARCHAR",
};

/** Twenty thousand rows: enough for threads to share them, with sums that depend on the order of adding. */
function rows(random: Random): Record<string, Value>[] {
  return Array.from({ length: 20_000 }, (_, at) => {
    const month = at % 2 === 0 ? "01" : "02";
    // Several rows in one moment: what orders them must be in the rows.
    const time = `2026-${month}-${String(random.integer(1, 28)).padStart(2, "0")} ${String(random.integer(10, 13))}:00:00`;
    const x = (random.next() - 0.3) * 10 ** random.integer(-6, 9);
    return {
      decision_id: `d-${at}`,
      decided_at: time,
      x: random.chance(0.01) ? null : random.chance(0.01) ? NaN : x,
      y: random.next() / 3,
      score: random.integer(0, 500) / 500,
      amount: random.next() * 10 ** random.integer(0, 6),
      money: (random.integer(-100_000, 100_000) / 100).toFixed(2),
      n: random.integer(-3, 30),
      c: `c ${Math.floor(random.next() ** 2 * 150)}`,
      id: `i ${random.integer(0, 5000)}`,
      truth: random.chance(0.1) ? null : random.chance(0.3),
      account: `a-${random.integer(0, 2000)}`,
    };
  });
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const found = [...values];
  for (let at = found.length - 1; at > 0; at -= 1) {
    const other = random.integer(0, at);
    [found[at], found[other]] = [found[other]!, found[at]!];
  }
  return found;
}

/** As `keep`, by way of a file: too many rows to be written out in a statement. */
async function keepMany({ engine, workspace }: TestEngine, given: readonly Record<string, Value>[]): Promise<void> {
  const names = Object.keys(TYPES);
  const lines = given.map((row) => names.map((name) => (row[name] === null ? "" : String(row[name]))).join(","));
  await writeFile(join(workspace, "data", "rows.csv"), `${lines.join("\n")}\n`);
  const columns = Object.entries(TYPES).map(([name, type]) => `'${name}': '${type}'`);
  const sql = `SELECT * FROM read_csv('data/rows.csv', header = false, columns = {${columns.join(", ")}})`;
  await engine.materialise({ name: "rows", runId: "rows", sql });
}

const common = { from: "rows", window: CURRENT };
const roles = { truth: "truth", score: "score", entity: "account", amount: "amount", time: "decided_at" };
const CELLS = {
  "drift with slices and chunks": {
    ...common,
    reference: REFERENCE,
    columns: ["x", "y", "money", "n", "c", "id"],
    metrics: ["psi", "js", "ks", "wasserstein", "t_test", "energy", "chi2"],
    by: "n",
    every: "1 week",
  },
  "drift by evidently": {
    ...common,
    reference: REFERENCE,
    columns: ["x", "y", "n", "c"],
    convention: "evidently",
    metrics: ["psi", "hellinger", "js"],
  },
  "drift by nannyml": {
    ...common,
    reference: REFERENCE,
    columns: ["x", "y", "n", "c"],
    convention: "nannyml",
    metrics: ["hellinger", "js"],
  },
  kpi: {
    ...common,
    columns: roles,
    threshold: 0.7,
    metrics: [
      ..."precision recall f1 roc_auc average_precision brier log_loss ece payoff_total savings best_threshold".split(
        " ",
      ),
      ..."precision_at_k amount_at_k adr vdr_realtime vdr_online afpr value_recall".split(" "),
    ],
    k: 7,
    payoff: { tp: "amount", fp: -5, fn: "-amount" },
    define: { worth: "sum(money) FILTER (WHERE truth)" },
    by: "n",
    every: "1 week",
  },
  "kpi by accounts without identity": {
    ...common,
    from: "nameless",
    columns: roles,
    threshold: 0.7,
    metrics: ["adr", "vdr_realtime", "vdr_online"],
  },
  "kpi of a number": {
    ...common,
    columns: { truth: "x", score: "y", time: "decided_at" },
    metrics: ["mae", "rmse", "mape", "smape", "r2", "bias", "pinball"],
  },
  check: {
    ...common,
    warn: {
      sum: { x: [null, 0], y: [null, 0], money: [null, 0] },
      mean: { x: [null, 0], amount: [null, 0] },
      std: { x: [null, 0], n: [null, 0] },
      quantile: { x: { at: 0.3, max: 0 }, money: { at: 0.3, max: 0 } },
      order: { score: "decided_at" },
      gaps: { decided_at: "1 minute" },
      unique: ["account"],
      range: { x: [0, 1] },
      most_common: { c: 0.001 },
      distance: { x: { window: REFERENCE, max: 0.0001 } },
      duplicates: 0,
    },
  },
};

test("the same rows in another order, and more threads, give the same bytes", async () => {
  const random = new Random(20_260_301);
  const given = rows(random);
  const answers = new Map<string, Set<string>>();
  for (const threads of [1, 2]) {
    await using started = await startEngine({ threads });
    for (const order of [given, shuffled(given, random), given.toReversed()]) {
      await keepMany(started, order);
      await started.engine.materialise({ name: "nameless", runId: "n", sql: "SELECT * EXCLUDE decision_id FROM rows" });
      for (const [title, spec] of Object.entries(CELLS)) {
        const kind = title.startsWith("drift") ? "drift" : title.startsWith("kpi") ? "kpi" : "check";
        const { readings, display } = await measure(started.engine, kind, spec);
        expect(readings.filter(({ verdict }) => verdict === "error")).toEqual([]);
        const known = answers.get(title) ?? new Set();
        answers.set(title, known.add(JSON.stringify([readings, display])));
      }
    }
  }
  for (const [title, found] of answers) {
    const [first, second] = [...found].map((text) => JSON.stringify(JSON.parse(text), null, 1).split("\n"));
    const at = first!.findIndex((line, index) => second !== undefined && line !== second[index]);
    expect(second === undefined ? title : [title, first!.slice(at - 25, at + 2), second[at]]).toBe(title);
  }
}, 180_000);
