import { afterAll, beforeAll, expect, test } from "vitest";
import { judgedReadings, type Reading } from "../../../cells/results/reading.ts";
import { rolesOf } from "../../../workspaces/contracts/roles-of-contract.ts";
import { seededRandom } from "../../support/random.ts";
import { CARD_CONTRACT } from "../../support/workspace-folder.ts";
import { type Filled, filledWith, measuredAt } from "./late-labels.ts";
import { isNear, measure } from "./measuring.ts";

const SILENCE = "maturity: 45 days\n  silence: {means: false, after: 10 days, for: [approve]}";
const DAY = 86_400_000;
const WEEKS = 16;
const random = seededRandom("newest units");
/** A Monday, far enough back for every as-of to be over. */
const first = Math.floor((Date.now() / DAY - 4) / 7) * 7 * DAY + 4 * DAY - 30 * 7 * DAY;
const at = (days: number): string => new Date(first + Math.round(days * DAY)).toISOString();

const decisions = Array.from({ length: 1600 }, (_, index) => {
  const decided = random.next() * WEEKS * 7;
  const score = random.integer(0, 100) / 100;
  return {
    decision_id: `t-${index}`,
    decided_at: at(decided),
    known_at: at(decided),
    decision: score > 0.6 ? random.pick(["block", "review", "approve"]) : "approve",
    score,
    account_id: `a-${random.integer(0, 60)}`,
    amount: `${random.integer(1, 500)}.50`,
    country: random.pick(["DE", "FR"]),
    decided,
  };
});
type Decision = (typeof decisions)[number];
/** At most one to a decision. */
const feedback = new Map(
  decisions
    .filter(() => random.chance(0.6))
    .map(({ decision_id, decided, score }) => [
      decision_id,
      { label: random.chance(score * 0.8), known: decided + random.next() * 20 },
    ]),
);

let here: Filled;
beforeAll(async () => {
  here = await filledWith({
    contract: CARD_CONTRACT.replace("maturity: 45 days", SILENCE),
    decisions: decisions.map(({ decided: _, ...row }) => row),
    feedback: [...feedback].map(([decision_id, { label, known }]) => ({
      feedback_id: `f-${decision_id}`,
      decision_id,
      observed_at: at(known),
      known_at: at(known),
      label,
      source: "analyst",
    })),
    live: [{ feedback_id: "l-1", decision_id: "nobody", observed_at: at(0), label: true, source: "chargeback" }],
  });
});
afterAll(() => Promise.all([here.workspace.close(), here.engine.close()]));

/** What is known of a decision on that day, and since which day. */
function truthAt({ decision_id, decided, decision }: Decision, day: number): { label: boolean; since: number } | null {
  const stated = feedback.get(decision_id);
  if (stated !== undefined && stated.known <= day) return { label: stated.label, since: stated.known };
  return decision === "approve" && decided + 10 <= day ? { label: false, since: decided + 10 } : null;
}

interface Expected {
  readonly values: Readonly<Record<string, number>>;
  readonly maturity: number;
}

/** Row by row what is known on the day of the decisions between two others. */
function model(from: number, to: number, day: number): Expected {
  const rows = decisions.filter(({ decided }) => decided >= from && decided < to);
  const known = rows.flatMap((row) => {
    const truth = truthAt(row, day);
    return truth === null ? [] : [{ alerted: row.decision !== "approve", label: truth.label }];
  });
  const count = (alerted: boolean, label: boolean): number =>
    known.filter((one) => one.alerted === alerted && one.label === label).length;
  const [tp, fp, fn] = [count(true, true), count(true, false), count(false, true)];
  const settled = decisions.flatMap((row) => {
    const truth = row.decided < day - 45 ? truthAt(row, day) : null;
    return truth === null
      ? []
      : [{ label: truth.label, days: Math.ceil((truth.since - row.decided) * 24 - 1e-6) / 24 }];
  });
  const shares = [true, false].map((label) => {
    const own = settled.filter((one) => one.label === label);
    const at = (age: number): number => own.filter(({ days }) => days <= age).length / own.length;
    return rows.reduce((sum, { decided }) => sum + at(Math.floor(day - decided)), 0) / rows.length;
  });
  const values = { tp, precision: tp / (tp + fp), recall: tp / (tp + fn), alert_rate: (tp + fp) / known.length };
  return { values, maturity: Math.min(...shares) };
}

const METRICS = ["tp", "precision", "recall", "alert_rate", "roc_auc", "f1", "payoff_total"];
const SPEC = {
  from: "card_fraud",
  window: "mature 2 weeks",
  metrics: METRICS,
  payoff: { tp: "amount", fn: "-amount", fp: -5 },
  define: { heard: "sum(feedback_count)" },
  min_rows: 1,
};
const besideOf = (readings: readonly Reading[]): Reading[] => readings.filter(({ beside }) => beside === true);
const daysOf = ({ window }: Pick<Reading, "window">): number[] => window!.map((iso) => (Date.parse(iso) - first) / DAY);
/** In the middle of the fifteenth week. */
const TODAY = 14 * 7 + 2.6;

test("beside the newest mature weeks stand the newest whole ones, as a model finds them row by row", async () => {
  const { readings, display } = await measuredAt(here, at(TODAY), null, SPEC);
  const beside = besideOf(readings);
  expect(beside.map(({ metric }) => metric)).toEqual([...METRICS, "heard"]);
  const mature = judgedReadings(readings);
  const [from, to] = daysOf(mature[0]!) as [number, number];
  expect(to - from).toBe(14);
  expect(to).toBeLessThanOrEqual(12 * 7);
  for (const [some, start, end] of [
    [mature, from, to],
    [beside, 12 * 7, 14 * 7],
  ] as const) {
    const { values, maturity } = model(start, end, TODAY);
    for (const reading of some) {
      expect(daysOf(reading)).toEqual([start, end]);
      expect(isNear(reading.maturity, maturity, 1e-6)).toBe(true);
      const expected = values[reading.metric];
      if (expected !== undefined)
        expect([reading.metric, isNear(reading.value, expected)]).toEqual([reading.metric, true]);
    }
  }
  expect(mature.map(({ provisional }) => provisional)).toEqual(mature.map(() => false));
  expect(beside.map(({ provisional }) => provisional)).toEqual(beside.map(() => true));
  expect(beside[0]!.maturity).toBeLessThan(0.9);
  expect(display).toMatchObject({
    window: mature[0]!.window,
    provisional: false,
    newest: { length: "2 weeks", window: beside[0]!.window, maturity: beside[0]!.maturity },
  });
});

test("they are what the cell gives over that window alone, without pieces and slices, under ids of their own", async () => {
  const cut = { ...SPEC, by: "country", every: "1 week", estimate: true };
  const { readings, display } = await measuredAt(here, at(TODAY), null, cut);
  const beside = besideOf(readings);
  expect(beside.map(({ metric, slice }) => [metric, slice])).toEqual([...METRICS, "heard"].map((name) => [name, null]));
  const alone = await measuredAt(here, at(TODAY), `${at(12 * 7)}/${at(14 * 7)}`, { ...SPEC, window: undefined });
  expect(
    beside.map(({ id: _, beside: __, details: { estimated: ___, ...details }, ...reading }) => ({
      ...reading,
      details,
    })),
  ).toEqual(alone.readings.map(({ id: _, ...reading }) => reading));
  expect(besideOf(alone.readings)).toEqual([]);
  expect(beside.filter(({ details }) => details.estimated !== undefined).map(({ metric }) => metric)).toContain(
    "recall",
  );
  expect(new Set(readings.map(({ id }) => id)).size).toBe(readings.length);
  const again = await measuredAt(here, at(TODAY), null, cut);
  expect(JSON.stringify(again)).toBe(JSON.stringify({ readings, display }));
});

test.each([false, true])("they are no part of the verdict, whatever provisional_alerts says (%s)", async (alerts) => {
  const bounds = { fail: { precision: "below 100%", recall: "above 0%" }, provisional_alerts: alerts };
  const judged = { ...SPEC, metrics: ["precision", "recall"], ...bounds };
  const { readings } = await measuredAt(here, at(TODAY), null, judged);
  const verdicts = (some: readonly Reading[]) => some.map(({ metric, verdict }) => [metric, verdict]);
  expect(verdicts(judgedReadings(readings))).toEqual([
    ["precision", "fail"],
    ["recall", "fail"],
    ["heard", "ok"],
  ]);
  expect(verdicts(besideOf(readings))).toEqual([
    ["precision", "ok"],
    ["recall", "ok"],
    ["heard", "ok"],
  ]);
  expect(besideOf(readings)[0]!.reason).toMatch(
    /^Provisional, so not fail: labels are still to come\. 0\.\d+ is below 1/,
  );
});

test("before any week is mature they are all there is, and the verdict stays no-data", async () => {
  // Counts are values of no rows too.
  const early = { ...SPEC, metrics: METRICS.filter((metric) => metric !== "tp") };
  const { readings, display } = await measuredAt(here, at(2 * 7 + 3), `${at(0)}/${at(2 * 7)}`, early);
  expect(display).toMatchObject({ verdict: "no-data", n: 0, newest: { length: "2 weeks", maturity: null } });
  expect(new Set(judgedReadings(readings).map(({ value }) => value))).toEqual(new Set([null]));
  const { values } = model(0, 14, 17);
  for (const { metric, value, window, maturity } of besideOf(readings)) {
    expect([window, maturity]).toEqual([[at(0), at(14)], null]);
    if (values[metric] !== undefined) expect([metric, isNear(value, values[metric])]).toEqual([metric, true]);
  }
  // The notebook's window is the same: both kinds are told apart all the same.
  expect(new Set(readings.map(({ id }) => id)).size).toBe(readings.length);
});

test("nothing stands beside where the newest unit is mature, or the window says which it is", async () => {
  const day = new Date(at(100));
  const month = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
  // Its last decision is as old as the slowest label.
  const late = await measuredAt(here, new Date(month + 26 * DAY).toISOString(), null, {
    ...SPEC,
    window: "mature month",
  });
  expect(late.display).toMatchObject({ provisional: false, verdict: "ok" });
  expect(late.readings.every(({ window }) => window![1] === new Date(month).toISOString())).toBe(true);
  expect(besideOf(late.readings)).toEqual([]);
  for (const window of [`${at(12 * 7)}/${at(14 * 7)}`, "previous 2 weeks"]) {
    const { readings, display } = await measuredAt(here, at(TODAY), null, { ...SPEC, window });
    expect(besideOf(readings)).toEqual([]);
    expect(display).not.toHaveProperty("newest");
  }
});

test("a cell that measures twice at once, over other rows each, gets what each gives alone", async () => {
  const asked = [
    SPEC,
    { ...SPEC, where: "country = 'DE'", estimate: true },
    { ...SPEC, window: `${at(0)}/${at(14)}`, every: "1 week", known_after: "4 weeks" },
    { ...SPEC, where: "no_such_column > 1" },
  ];
  // The same as-of: the relations stand.
  await measuredAt(here, at(TODAY), null, SPEC);
  const streams = here.workspace.contracts.list().map(({ contract }) => rolesOf(contract!));
  const ask = async (spec: object) => {
    try {
      return (await measure(here.engine, "kpi", spec, { streams, window: null, asOf: at(TODAY) })).readings;
    } catch (error) {
      return String(error);
    }
  };
  const alone: unknown[] = [];
  for (const spec of asked) alone.push(await ask(spec));
  expect(alone[3]).toMatch(/no_such_column/);
  for (let time = 0; time < 3; time += 1) expect(await Promise.all(asked.map(ask))).toEqual(alone);
});
